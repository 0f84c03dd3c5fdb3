// plan/column_set.h: a set of columns by id.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace tupelo {

class ColumnSet {
 public:
  void Add(ColumnId id) {
    if (id >= bits_.size()) bits_.resize(id + 1);
    bits_[id] = true;
  }
  bool Has(ColumnId id) const { return id < bits_.size() && bits_[id]; }
  void AddOutput(const PlanNode& node) {
    for (const OutputColumn& column : node.output) Add(column.id);
  }
  // Every column that the expression reads, from outside subqueries too.
  void AddRead(const BoundExpression& expression);

 private:
  std::vector<bool> bits_;
};

}  // namespace tupelo
