// plan/free_columns.h: what a plan reads from outside.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.h"

namespace tupelo {

// The columns that a plan reads but does not make: those of enclosing queries. Sorted.
std::vector<ColumnId> FreeColumns(const PlanNode& plan);
// The numbers of the working tables in the plan whose recursion is not in it, once for each scan.
std::vector<uint32_t> FreeWorkingTables(const PlanNode& plan);

}  // namespace tupelo
