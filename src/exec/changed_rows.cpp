// exec/changed_rows.cpp: rows next to each other become one entry.
#include "exec/changed_rows.h"

#include <algorithm>

#include "base/large_vector.h"

namespace tupelo {

uint32_t ChangedRows::NumberOf(const TablePtr& table) {
  auto found = std::ranges::find(tables_, table);
  if (found != tables_.end()) return static_cast<uint32_t>(found - tables_.begin());
  tables_.push_back(table);
  return static_cast<uint32_t>(tables_.size() - 1);
}

void ChangedRows::Note(const TablePtr& table, UndoKind kind, const RowId* ids, uint32_t count) {
  if (count == 0) return;
  const uint32_t number = NumberOf(table);
  MakeRoom(&runs_, count);
  for (uint32_t i = 0; i < count; ++i) {
    Run* last = runs_.empty() ? nullptr : &runs_.back();
    if (last != nullptr && last->table == number && last->kind == kind &&
        last->first + static_cast<RowId>(last->count) == ids[i]) {
      ++last->count;
    } else {
      runs_.push_back({number, kind, ids[i], 1});
    }
  }
}

void ChangedRows::ForgetBehind(const Mark& mark) {
  runs_.resize(mark.runs);
  if (mark.runs != 0) runs_.back().count = mark.rows;
}

// What a large statement needed is not kept for small ones.
void ChangedRows::ForgetAll() {
  constexpr size_t kFew = 4096;
  tables_.clear();
  if (runs_.capacity() > kFew) runs_ = {};
  runs_.clear();
}

}  // namespace tupelo
