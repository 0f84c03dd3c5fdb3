// plan/plan.cpp: copies of plans, and what they read from outside.
#include "plan/plan.h"

#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

ExpressionPtr CloneOrNull(const ExpressionPtr& expression) {
  return expression == nullptr ? nullptr : Clone(*expression);
}

std::vector<ExpressionPtr> CloneAll(const std::vector<ExpressionPtr>& expressions) {
  std::vector<ExpressionPtr> copies;
  copies.reserve(expressions.size());
  for (const ExpressionPtr& expression : expressions) copies.push_back(Clone(*expression));
  return copies;
}

std::vector<ComputedColumn> CloneComputed(const std::vector<ComputedColumn>& columns) {
  std::vector<ComputedColumn> copies;
  for (const ComputedColumn& column : columns) {
    copies.push_back({column.id, CloneOrNull(column.expression)});
  }
  return copies;
}

std::unique_ptr<ConflictPlan> CloneConflict(const std::unique_ptr<ConflictPlan>& conflict) {
  if (conflict == nullptr) return nullptr;
  auto copy = std::make_unique<ConflictPlan>();
  copy->arbiters = conflict->arbiters;
  copy->updates = conflict->updates;
  copy->existing = conflict->existing;
  copy->excluded = conflict->excluded;
  copy->target_columns = conflict->target_columns;
  copy->values = CloneAll(conflict->values);
  copy->condition = CloneOrNull(conflict->condition);
  return copy;
}

std::unique_ptr<CopyPlan> CloneCopy(const std::unique_ptr<CopyPlan>& copy) {
  if (copy == nullptr) return nullptr;
  auto clone = std::make_unique<CopyPlan>();
  clone->path = Clone(*copy->path);
  clone->format = copy->format;
  clone->null = copy->null;
  clone->header = copy->header;
  clone->header_matches = copy->header_matches;
  clone->compression_given = copy->compression_given;
  clone->compression = copy->compression;
  return clone;
}

MergeStep CloneStep(const MergeStep& step) {
  return {step.matched,        step.action,           CloneOrNull(step.condition),
          step.target_columns, CloneAll(step.values), CloneComputed(step.defaults)};
}

}  // namespace

PlanPtr ClonePlan(const PlanNode& node) {
  auto copy = std::make_unique<PlanNode>(node.kind);
  copy->output = node.output;
  for (const PlanPtr& child : node.children) copy->children.push_back(ClonePlan(*child));
  copy->estimated_rows = node.estimated_rows;
  copy->table = node.table;
  copy->table_alias = node.table_alias;
  copy->scan_columns = node.scan_columns;
  copy->index = node.index;
  copy->range.equal = CloneAll(node.range.equal);
  copy->range.lower = CloneOrNull(node.range.lower);
  copy->range.upper = CloneOrNull(node.range.upper);
  copy->range.lower_inclusive = node.range.lower_inclusive;
  copy->range.upper_inclusive = node.range.upper_inclusive;
  copy->reverse = node.reverse;
  copy->condition = CloneOrNull(node.condition);
  copy->join_kind = node.join_kind;
  copy->left_keys = CloneAll(node.left_keys);
  copy->right_keys = CloneAll(node.right_keys);
  copy->computed = CloneComputed(node.computed);
  for (const AggregateColumn& aggregate : node.aggregates) {
    copy->aggregates.push_back({aggregate.id, aggregate.function, CloneOrNull(aggregate.argument),
                                CloneOrNull(aggregate.filter), aggregate.distinct});
  }
  copy->sort_keys = node.sort_keys;
  copy->limit = CloneOrNull(node.limit);
  copy->offset = CloneOrNull(node.offset);
  copy->set_kind = node.set_kind;
  for (const auto& row : node.rows) copy->rows.push_back(CloneAll(row));
  copy->target_columns = node.target_columns;
  copy->defaults = CloneComputed(node.defaults);
  copy->conflict = CloneConflict(node.conflict);
  copy->copy = CloneCopy(node.copy);
  for (const MergeStep& step : node.merge_steps) copy->merge_steps.push_back(CloneStep(step));
  copy->returns_rows = node.returns_rows;
  copy->returned_columns = node.returned_columns;
  copy->checks = CloneAll(node.checks);
  return copy;
}

namespace {

void CollectMadeAndRead(PlanNode& node, std::vector<ColumnId>* made, std::vector<ColumnId>* read) {
  for (const OutputColumn& column : node.output) made->push_back(column.id);
  for (const ComputedColumn& column : node.computed) made->push_back(column.id);
  VisitNodeExpressions(node, [&](ExpressionPtr& expression) { CollectColumns(*expression, read); });
  for (PlanPtr& child : node.children) CollectMadeAndRead(*child, made, read);
}

}  // namespace

std::vector<ColumnId> FreeColumns(const PlanNode& plan) {
  std::vector<ColumnId> made, read, free;
  CollectMadeAndRead(const_cast<PlanNode&>(plan), &made, &read);
  std::sort(made.begin(), made.end());
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());
  std::set_difference(read.begin(), read.end(), made.begin(), made.end(), std::back_inserter(free));
  return free;
}

}  // namespace tupelo
