// plan/column_set.h: a set of columns by id.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace tupelo {

// Small sets, which most statements have, lie in the object itself.
class ColumnSet {
 public:
  void Add(ColumnId id) {
    if (id < kBits) {
      first_ |= uint64_t{1} << id;
      return;
    }
    if (id / kBits > rest_.size()) rest_.resize(id / kBits);
    rest_[id / kBits - 1] |= uint64_t{1} << (id % kBits);
  }
  bool Has(ColumnId id) const {
    if (id < kBits) return (first_ >> id) & 1;
    return id / kBits <= rest_.size() && ((rest_[id / kBits - 1] >> (id % kBits)) & 1) != 0;
  }
  void AddOutput(const PlanNode& node) {
    for (const OutputColumn& column : node.output) Add(column.id);
  }
  // Every column that the expression reads, from outside subqueries too.
  void AddRead(const BoundExpression& expression);

 private:
  static constexpr ColumnId kBits = 64;
  uint64_t first_ = 0;          // columns below kBits
  std::vector<uint64_t> rest_;  // the others
};

}  // namespace tupelo
