// plan/rule_skip_by_extremes.cpp: MIN and MAX of all rows need no block whose bounds don't beat
// them.
//
// Where nothing but least and greatest values of a table's columns is wanted, the scan learns from
// the aggregates what they have found so far. A block in which, by its bounds, no value comes
// before the least one nor after the greatest one can be left out, whatever other conditions its
// rows fulfil; blocks whose bounds promise most are read first. Bounds may be wider than the
// values: the values themselves are what counts in the end.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

bool IsExtreme(const AggregateColumn& column) {
  return (column.function.name == "MIN" || column.function.name == "MAX") &&
         column.filter == nullptr && !column.distinct && column.order.empty() &&
         column.argument != nullptr && column.argument->kind == BoundKind::kColumn;
}

// The scan below whose column goes into `*column` and comes out above unchanged; nullptr: none.
// Between are nodes of which each row out is made of one row in.
PlanNode* FindSource(PlanNode* node, ColumnId* column) {
  StepInterruption();
  switch (node->kind) {
    case PlanKind::kTableScan: return FindOutput(*node, *column) == nullptr ? nullptr : node;
    case PlanKind::kFilter: return FindSource(node->children[0].get(), column);
    case PlanKind::kProject:
      for (const ComputedColumn& computed : node->computed) {
        if (computed.id != *column) continue;
        if (computed.expression->kind != BoundKind::kColumn) return nullptr;
        *column = computed.expression->column;
        return FindSource(node->children[0].get(), column);
      }
      return nullptr;
    default: return nullptr;
  }
}

void TrySkip(PlanNode* aggregate, uint32_t* last_number) {
  if (!aggregate->computed.empty() || aggregate->grouping != nullptr ||
      aggregate->aggregates.empty() || !std::ranges::all_of(aggregate->aggregates, IsExtreme)) {
    return;
  }
  PlanNode* scan = nullptr;
  std::vector<ExtremeColumn> columns;
  for (const AggregateColumn& extreme : aggregate->aggregates) {
    ColumnId column = extreme.argument->column;
    scan = FindSource(aggregate->children[0].get(), &column);
    // Bounds of CHARACTER say nothing of its order, in which blanks at the end don't count.
    if (scan == nullptr || extreme.argument->type.id == TypeId::kChar) return;
    columns.push_back({column, extreme.function.name == "MAX"});
  }
  aggregate->extremes_number = scan->extremes_number = ++*last_number;
  scan->extremes = std::move(columns);
}

}  // namespace

void SkipByExtremes(PlanPtr* node, uint32_t* last_number) {
  StepInterruption();
  if ((*node)->kind == PlanKind::kAggregate) TrySkip(node->get(), last_number);
  for (PlanPtr& child : (*node)->children) SkipByExtremes(&child, last_number);
}

}  // namespace tupelo
