// plan/rule_prune_columns.cpp: columns that nobody reads are not made, joined or read.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/binder.h"
#include "plan/optimizer.h"

namespace tupelo {

bool IsPassThrough(const PlanNode& node) {
  return node.kind == PlanKind::kProject &&
         std::all_of(node.computed.begin(), node.computed.end(), [](const ComputedColumn& column) {
           return column.expression->kind == BoundKind::kColumn &&
                  column.expression->column == column.id;
         });
}

namespace {

// Parents that take their input's columns by position need all of them, in order.
bool GoesByPosition(PlanKind kind) {
  return kind == PlanKind::kSetOperation || kind == PlanKind::kInsert ||
         kind == PlanKind::kUpdate || kind == PlanKind::kDelete || kind == PlanKind::kMerge ||
         kind == PlanKind::kCopyTo || kind == PlanKind::kDistinct || kind == PlanKind::kRecursion;
}

// Rows go through as they are.
bool PassesOn(PlanKind kind) {
  return kind == PlanKind::kFilter || kind == PlanKind::kSort || kind == PlanKind::kLimit ||
         kind == PlanKind::kLockRows;
}

bool RightReadsLeft(PlanKind kind) {
  return kind == PlanKind::kLateralJoin || kind == PlanKind::kIndexJoin;
}

// Columns of the input are in the output under their ids.
bool FindsById(PlanKind kind) {
  return kind == PlanKind::kJoin || kind == PlanKind::kBandJoin || RightReadsLeft(kind) ||
         kind == PlanKind::kWindow || kind == PlanKind::kGroupingSets;
}

// What a plan of a subquery reads from outside may have become less; what it gives is needed whole.
void PruneSubqueries(PlanNode* node) {
  VisitNodeExpressions(*node, [](ExpressionPtr& expression) {
    VisitExpressions(*expression, [](BoundExpression& part) {
      if (part.kind != BoundKind::kExists || part.plan == nullptr) return;
      // Only whether there is a row: no column of it.
      while (IsPassThrough(*part.plan) || part.plan->kind == PlanKind::kSort) {
        if (part.plan->kind == PlanKind::kSort && part.plan->limit != nullptr) break;
        PlanPtr child = std::move(part.plan->children[0]);
        part.plan = std::move(child);
      }
    });
  });
}

void KeepOutput(PlanNode* node, const ColumnSet& required) {
  std::erase_if(node->output, [&](const OutputColumn& column) { return !required.Has(column.id); });
}

void PruneScan(PlanNode* node, const ColumnSet& required) {
  ColumnSet read = required;
  if (node->condition != nullptr) read.AddRead(*node->condition);
  size_t kept = 0;
  for (size_t i = 0; i < node->output.size(); ++i) {
    if (!read.Has(node->output[i].id)) continue;
    if (kept != i) {
      node->output[kept] = std::move(node->output[i]);
      node->scan_columns[kept] = node->scan_columns[i];
    }
    ++kept;
  }
  node->output.erase(node->output.begin() + static_cast<ptrdiff_t>(kept), node->output.end());
  node->scan_columns.resize(kept);
}

void PruneComputed(PlanNode* node, const ColumnSet& required) {
  size_t kept = 0;
  for (size_t i = 0; i < node->computed.size(); ++i) {
    if (!required.Has(node->computed[i].id)) continue;
    if (kept != i) {
      node->output[kept] = std::move(node->output[i]);
      node->computed[kept] = std::move(node->computed[i]);
    }
    ++kept;
  }
  node->output.erase(node->output.begin() + static_cast<ptrdiff_t>(kept), node->output.end());
  node->computed.erase(node->computed.begin() + static_cast<ptrdiff_t>(kept), node->computed.end());
}

void PruneAggregates(PlanNode* node, const ColumnSet& required) {
  size_t groups = node->computed.size();
  std::vector<OutputColumn> output(node->output.begin(),
                                   node->output.begin() + static_cast<ptrdiff_t>(groups));
  std::vector<AggregateColumn> aggregates;
  for (size_t i = 0; i < node->aggregates.size(); ++i) {
    if (!required.Has(node->aggregates[i].id)) continue;
    output.push_back(node->output[groups + i]);
    aggregates.push_back(std::move(node->aggregates[i]));
  }
  node->output = std::move(output);
  node->aggregates = std::move(aggregates);
}

// The groups have fixed places, whoever reads them.
void PruneGroupingSets(PlanNode* node, ColumnSet required) {
  size_t fixed = node->computed.size() + node->grouping->columns.size();
  for (size_t i = 0; i < fixed; ++i) required.Add(node->output[i].id);
  KeepOutput(node, required);
}

// A window without functions that anybody reads is not there; nor are functions that nobody reads.
void PruneWindows(PlanPtr* node, const ColumnSet& required) {
  while ((*node)->kind == PlanKind::kWindow) {
    std::erase_if((*node)->window->functions,
                  [&](const WindowColumn& column) { return !required.Has(column.id); });
    if (!(*node)->window->functions.empty()) {
      KeepOutput(node->get(), required);
      return;
    }
    PlanPtr child = std::move((*node)->children[0]);
    *node = std::move(child);
  }
}

}  // namespace

ColumnSet ColumnsReadBelow(PlanNode* node, const ColumnSet& required) {
  ColumnSet below;
  if (PassesOn(node->kind) || FindsById(node->kind)) below = required;
  if (RightReadsLeft(node->kind)) {
    for (ColumnId id : FreeColumns(*node->children[1])) below.Add(id);
  }
  if (node->window != nullptr) {
    for (ColumnId id : node->window->partition_columns) below.Add(id);
  }
  if (node->kind == PlanKind::kProject) {
    for (const ComputedColumn& computed : node->computed) {
      if (required.Has(computed.id)) below.AddRead(*computed.expression);
    }
  } else {
    VisitNodeExpressions(*node, [&](ExpressionPtr& expression) { below.AddRead(*expression); });
  }
  for (const SortKey& key : node->sort_keys) below.Add(key.column);
  for (ColumnId id : node->limit_by) below.Add(id);
  if (node->locks != nullptr) {
    for (const LockedTable& locked : node->locks->tables) below.Add(locked.row_id);
  }
  if (GoesByPosition(node->kind)) {
    for (const PlanPtr& child : node->children) below.AddOutput(*child);
  }
  return below;
}

void PruneColumns(PlanPtr* node_ptr, const ColumnSet& required) {
  StepInterruption();
  if ((*node_ptr)->kind == PlanKind::kWindow) PruneWindows(node_ptr, required);
  PlanNode& node = **node_ptr;
  PruneSubqueries(&node);
  switch (node.kind) {
    case PlanKind::kTableScan:
    case PlanKind::kCommonTableScan:
    case PlanKind::kWorkingTable:
    case PlanKind::kIndexScan: PruneScan(&node, required); return;
    case PlanKind::kProject: PruneComputed(&node, required); break;
    case PlanKind::kAggregate: PruneAggregates(&node, required); break;
    case PlanKind::kGroupingSets: PruneGroupingSets(&node, required); break;
    case PlanKind::kJoin:
    case PlanKind::kBandJoin:
    case PlanKind::kIndexJoin:
    case PlanKind::kLateralJoin: KeepOutput(&node, required); break;
    default: break;
  }
  ColumnSet below = ColumnsReadBelow(&node, required);
  bool finds_by_id = FindsById(node.kind) || node.kind == PlanKind::kProject ||
                     node.kind == PlanKind::kAggregate || node.kind == PlanKind::kLockRows;
  for (PlanPtr& child : node.children) {
    while (finds_by_id &&
           IsPassThrough(*child)) {  // found by id, the columns are the same below it
      PlanPtr grandchild = std::move(child->children[0]);
      child = std::move(grandchild);
    }
    PruneColumns(&child, below);
  }
  if (PassesOn(node.kind)) node.output = node.children[0]->output;
}

void PassOnOutputs(PlanNode* node) {
  StepInterruption();
  for (PlanPtr& child : node->children) PassOnOutputs(child.get());
  if (PassesOn(node->kind)) {
    node->output = node->children[0]->output;
  }
}

}  // namespace tupelo
