// exec/ordered_input.h: the rows of an aggregate that takes them in in order.
#pragma once

#include <memory>
#include <vector>

#include "exec/row_collection.h"
#include "exec/sort_keys.h"
#include "plan/plan.h"

namespace tupelo {

// Collects the arguments of an aggregate with their groups and sort keys, and gives them back
// sorted: group by group, and within a group by the keys. Not thread-safe.
class OrderedInput {
 public:
  // `arguments`: all arguments of the aggregate; `keys`: of column.order, in that order.
  OrderedInput(const AggregateColumn& column, std::vector<const Vector*> arguments,
               std::vector<const Vector*> keys);

  void Clear();
  void Release();
  // `groups`: BIGINT, one a row.
  void Append(const Vector& groups, Rows rows);
  void Sort(const Interruption& interruption) { order_.Sort(interruption); }

  uint64_t count() const { return order_.count(); }
  // Makes rows [first, first + count) in order the current ones; count is at most kVectorSize.
  void Gather(uint64_t first, uint32_t count);
  const Vector& groups() const { return current_.column(0); }
  const Vector* argument(size_t i) const { return &current_.column(i + 1); }
  size_t argument_count() const { return current_.column_count() - 1; }

 private:
  std::vector<const Vector*> columns_;  // group, arguments; the group's is set by Append
  std::vector<const Vector*> keys_;     // group, keys
  RowCollection rows_;
  SortKeys order_;
  Chunk current_;
};

}  // namespace tupelo
