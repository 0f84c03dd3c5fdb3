// exec/changed_rows.h: which rows a statement has changed, for a host that wants to hear of them.
#pragma once

#include <cstdint>
#include <vector>

#include "catalog/definition.h"
#include "storage/row_id.h"
#include "txn/undo.h"

namespace tupelo {

// In the order in which they were changed; a row that was changed twice is there twice. Rows next
// to each other that were changed alike are one entry, so a statement over all rows of a table
// needs little room.
class ChangedRows {
 public:
  struct Run {
    uint32_t table;  // its number here
    UndoKind kind;
    RowId first;
    uint64_t count;
  };

  void Note(const TablePtr& table, UndoKind kind, const RowId* ids, uint32_t count);
  // What was noted first is kept: `runs` with `rows` in the last of them.
  struct Mark {
    size_t runs = 0;
    uint64_t rows = 0;
  };
  Mark End() const { return runs_.empty() ? Mark() : Mark{runs_.size(), runs_.back().count}; }
  void ForgetBehind(const Mark& mark);
  void Clear() {
    if (!tables_.empty()) ForgetAll();
  }

  const std::vector<Run>& runs() const { return runs_; }
  const TableDefinition& table(const Run& run) const { return *tables_[run.table]; }

 private:
  uint32_t NumberOf(const TablePtr& table);
  void ForgetAll();

  std::vector<TablePtr> tables_;  // few: those that one statement changes
  std::vector<Run> runs_;
};

}  // namespace tupelo
