// exec/window_rows.h: the rows of a window operator in order, and where partitions and peers begin.
#pragma once

#include <cstdint>
#include <vector>

#include "exec/row_collection.h"
#include "exec/sort_merge.h"
#include "exec/sort_runs.h"

namespace tupelo {

// Rows are numbered in the order of the window. Not thread-safe.
class WindowRows {
 public:
  // `columns_of_keys`: which of the columns partition and order the rows, partitions first. A level
  // is a number of sort keys; Peers is asked for `levels` alone.
  void Init(std::vector<Type> types, std::vector<uint32_t> columns_of_keys, uint32_t partition_keys,
            std::vector<uint32_t> levels);
  void Clear();
  void Release();

  // Rows that need no order.
  void Append(const std::vector<const Vector*>& columns, Rows rows) { rows_.Append(columns, rows); }
  // Instead: takes over what was sorted; of `merge`, on `count` threads.
  void TakeIn(SortRuns* runs, const Interruption& interruption);
  void TakeIn(const SortMerge& merge, ParallelInput* threads, uint32_t count);
  // Then: finds the boundaries. With `threads`: on `count` of them.
  void FindBoundaries(const Interruption& interruption, ParallelInput* threads, uint32_t count);

  uint32_t count() const { return static_cast<uint32_t>(rows_.row_count()); }
  const RowCollection& rows() const { return rows_; }
  // First rows of the partitions, or of the groups of rows that agree in the first `level` sort
  // keys too; behind them count().
  const WorkArray<uint32_t>& Partitions() const { return begins_[0]; }
  const WorkArray<uint32_t>& Peers(uint32_t level) const { return begins_[level]; }

 private:
  void NoteChanges(uint32_t column, uint32_t first, uint32_t end,
                   WorkArray<uint8_t>* changes) const;

  std::vector<Type> types_;
  std::vector<uint32_t> columns_of_keys_;
  uint32_t partition_keys_ = 0;
  std::vector<uint32_t> levels_;
  RowCollection rows_;
  std::vector<WorkArray<uint32_t>> begins_;  // by level
};

}  // namespace tupelo
