// exec/column_map.h: where, at run time, each column of the plan is found.
#pragma once

#include <utility>
#include <vector>

#include "plan/expression.h"
#include "types/chunk.h"

namespace tupelo {

// Column ids to vectors whose addresses are fixed for the life of the execution. A map of a
// subquery looks into `outer` for what its own input does not have. A plan has few columns: a scan
// beats hashing.
class ColumnMap {
 public:
  explicit ColumnMap(const ColumnMap* outer = nullptr) : outer_(outer) {}

  void Add(ColumnId id, const Vector* vector) { entries_.emplace_back(id, vector); }
  // Columns `ids` are those of `chunk`, in order.
  template <typename Ids>
  void AddChunk(const Ids& output, const Chunk& chunk) {
    entries_.reserve(entries_.size() + output.size());
    for (size_t i = 0; i < output.size(); ++i) Add(output[i].id, &chunk.column(i));
  }
  // nullptr when unknown.
  const Vector* Find(ColumnId id) const {
    for (const auto& [known, vector] : entries_) {
      if (known == id) return vector;
    }
    return outer_ != nullptr ? outer_->Find(id) : nullptr;
  }

 private:
  const ColumnMap* outer_;
  std::vector<std::pair<ColumnId, const Vector*>> entries_;
};

}  // namespace tupelo
