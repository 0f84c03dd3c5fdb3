// plan/optimizer.cpp: the rules and their order.
#include "plan/optimizer.h"

#include <algorithm>

namespace tupelo {

void ColumnSet::AddRead(const BoundExpression& expression) {
  VisitColumns(expression, [this](ColumnId id) { Add(id); });
}

ColumnsRead CountColumns(const BoundExpression& expression, const ColumnSet& columns) {
  ColumnsRead count;
  VisitColumns(expression,
               [&](ColumnId id) { ++(columns.Has(id) ? count.inside : count.outside); });
  return count;
}

const BoundExpression& WithoutImplicitCasts(const BoundExpression& expression) {
  const BoundExpression* inner = &expression;
  while (inner->kind == BoundKind::kCall && inner->is_implicit_cast)
    inner = inner->arguments[0].get();
  return *inner;
}

namespace {

void OptimizeSubqueries(PlanNode* node) {
  auto optimize = [](ExpressionPtr& expression) {
    VisitExpressions(*expression, [](BoundExpression& part) {
      if (part.plan != nullptr) OptimizeTree(&part.plan);
    });
  };
  VisitNodeExpressions(*node, optimize);
  for (PlanPtr& child : node->children) OptimizeSubqueries(child.get());
}

bool HasJoin(const PlanNode& node) {
  return node.kind == PlanKind::kJoin ||
         std::any_of(node.children.begin(), node.children.end(),
                     [](const PlanPtr& child) { return HasJoin(*child); });
}

}  // namespace

// Conditions go down first, so that joins are ordered with known sizes and indexes see all
// conditions of their table; columns are pruned last, when it is clear who reads what.
void OptimizeTree(PlanPtr* root) {
  PushPredicates(root);
  if (HasJoin(**root)) {
    EstimateRows(root->get());
    OrderJoins(root);
  }
  CountWithoutScan(root);
  ChooseIndexes(root);
  LimitSorts(root);
  ColumnSet all;
  all.AddOutput(**root);
  PruneColumns(root, all);
  MergeProjections(root);
  EstimateRows(root->get());
  OptimizeSubqueries(root->get());
}

namespace {

bool IsPointScan(const PlanNode& node) {
  return node.kind == PlanKind::kIndexScan && node.index->is_unique &&
         node.range.equal.size() == node.index->columns.size();
}

// One row or none, by key, and nothing above that could take long.
bool IsShort(const PlanNode& node) {
  bool has_subquery = false;
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    has_subquery |= HasSubquery(*expression);
  });
  if (has_subquery) return false;
  switch (node.kind) {
    case PlanKind::kSingleRow:
    case PlanKind::kTableCount: return true;
    case PlanKind::kValues: return node.rows.size() <= 16;
    case PlanKind::kIndexScan: return IsPointScan(node);
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kLimit: return IsShort(*node.children[0]);
    case PlanKind::kInsert:
    case PlanKind::kUpdate:
    case PlanKind::kDelete:  // referential actions may take long
      return node.table->foreign_keys.empty() && IsShort(*node.children[0]);
    default: return false;
  }
}

}  // namespace

void Optimize(Plan* plan) {
  if (!plan->common_tables.empty()) OptimizeCommonTables(plan);
  OptimizeTree(&plan->root);
  plan->is_short = IsShort(*plan->root);
}

}  // namespace tupelo
