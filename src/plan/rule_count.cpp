// plan/rule_count.cpp: COUNT(*) of a whole table is read from its row count.
#include "plan/optimizer.h"

namespace tupelo {

void CountWithoutScan(PlanPtr* node) {
  for (PlanPtr& child : (*node)->children) CountWithoutScan(&child);
  PlanNode& aggregate = **node;
  if (aggregate.kind != PlanKind::kAggregate || !aggregate.computed.empty() ||
      aggregate.aggregates.size() != 1) {
    return;
  }
  const AggregateColumn& column = aggregate.aggregates[0];
  PlanNode& input = *aggregate.children[0];
  if (column.function.name != "COUNT" || column.argument != nullptr || column.filter != nullptr ||
      input.kind != PlanKind::kTableScan || input.condition != nullptr) {
    return;
  }
  auto count = std::make_unique<PlanNode>(PlanKind::kTableCount);
  count->output = aggregate.output;
  count->table = input.table;
  count->table_alias = input.table_alias;
  *node = std::move(count);
}

}  // namespace tupelo
