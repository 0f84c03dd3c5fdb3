// plan/grouping_plan.h: what a plan node knows of GROUPING SETS.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/expression.h"

namespace tupelo {

// A column that has one value in each grouping set: the number of the set, or what a call of
// GROUPING gives.
struct GroupingColumn {
  ColumnId id = kNoColumn;
  std::vector<int32_t> values;  // one a set
};

struct GroupingPlan {
  // kGroupingSets: which of the node's computed columns each set has; the others are null in it.
  std::vector<std::vector<uint16_t>> sets;
  std::vector<GroupingColumn> columns;
  // kAggregate: groups that are there even when no row is, a value for each computed column: those
  // of the empty sets.
  std::vector<std::vector<Value>> constant_groups;
};

}  // namespace tupelo
