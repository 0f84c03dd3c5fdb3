// plan/estimate.h: what estimates of rows and of conditions share.
#pragma once

#include "plan/plan.h"

namespace tupelo {

// The scan below `node` that the column comes from unchanged, and its number in the table; nullptr
// when none is.
const PlanNode* FindScan(const PlanNode& node, ColumnId id, uint16_t* column);
bool IsUniqueColumn(const TableDefinition& table, uint16_t column);
// How many different values the column has in the table.
double DistinctOf(const TableDefinition& table, uint16_t column);
// Whether the rows of `node` are groups of this column alone.
bool IsOnlyGroup(const PlanNode& node, ColumnId id);
// Committed rows, one at least.
double TableRows(const TableDefinition& table);

}  // namespace tupelo
