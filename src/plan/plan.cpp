// plan/plan.cpp: copies of plans, and what they read from outside.
#include "plan/plan.h"

#include <algorithm>

#include "base/interruption_scope.h"
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
  copy->replaces = conflict->replaces;
  copy->existing = conflict->existing;
  copy->excluded = conflict->excluded;
  copy->target_columns = conflict->target_columns;
  copy->values = CloneAll(conflict->values);
  copy->condition = CloneOrNull(conflict->condition);
  return copy;
}

std::vector<AggregateOrder> CloneOrder(const std::vector<AggregateOrder>& order) {
  std::vector<AggregateOrder> copies;
  for (const AggregateOrder& key : order) {
    copies.push_back({Clone(*key.key), key.descending, key.nulls_first});
  }
  return copies;
}

AggregateColumn CloneAggregate(const AggregateColumn& column) {
  AggregateColumn copy;
  copy.id = column.id;
  copy.function = column.function;
  copy.argument = CloneOrNull(column.argument);
  copy.filter = CloneOrNull(column.filter);
  copy.distinct = column.distinct;
  copy.more_arguments = CloneAll(column.more_arguments);
  copy.order = CloneOrder(column.order);
  return copy;
}

WindowColumn CloneWindowColumn(const WindowColumn& column) {
  WindowColumn copy;
  copy.id = column.id;
  copy.function = column.function;
  copy.name = column.name;
  copy.type = column.type;
  copy.aggregate = column.aggregate;
  copy.arguments = CloneAll(column.arguments);
  copy.filter = CloneOrNull(column.filter);
  copy.distinct = column.distinct;
  copy.order = CloneOrder(column.order);
  copy.ignore_nulls = column.ignore_nulls;
  copy.from_last = column.from_last;
  copy.order_count = column.order_count;
  copy.frame.unit = column.frame.unit;
  copy.frame.start = column.frame.start;
  copy.frame.end = column.frame.end;
  copy.frame.exclusion = column.frame.exclusion;
  copy.frame.start_offset = CloneOrNull(column.frame.start_offset);
  copy.frame.end_offset = CloneOrNull(column.frame.end_offset);
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

std::unique_ptr<BandPlan> CloneBand(const std::unique_ptr<BandPlan>& band) {
  if (band == nullptr) return nullptr;
  auto copy = std::make_unique<BandPlan>();
  copy->first = Clone(*band->first);
  copy->second = CloneOrNull(band->second);
  copy->first_type = band->first_type;
  copy->second_type = band->second_type;
  for (const BandBound& bound : band->bounds) {
    copy->bounds.push_back(
        {Clone(*bound.value), bound.of_second, bound.is_lower, bound.is_inclusive});
  }
  return copy;
}

MergeStep CloneStep(const MergeStep& step) {
  return {step.matched,        step.action,           CloneOrNull(step.condition),
          step.target_columns, CloneAll(step.values), CloneComputed(step.defaults)};
}

}  // namespace

PlanPtr ClonePlan(const PlanNode& node) {
  StepInterruption();
  auto copy = std::make_unique<PlanNode>(node.kind);
  copy->output = node.output;
  for (const PlanPtr& child : node.children) copy->children.push_back(ClonePlan(*child));
  copy->estimated_rows = node.estimated_rows;
  copy->table = node.table;
  copy->table_alias = node.table_alias;
  copy->scan_columns = node.scan_columns;
  copy->shared = node.shared;
  copy->system_view = node.system_view;
  copy->index = node.index;
  copy->range.equal = CloneAll(node.range.equal);
  copy->range.lower = CloneOrNull(node.range.lower);
  copy->range.upper = CloneOrNull(node.range.upper);
  copy->range.rows = node.range.rows;
  copy->range.not_null = node.range.not_null;
  copy->range.lower_inclusive = node.range.lower_inclusive;
  copy->range.upper_inclusive = node.range.upper_inclusive;
  copy->reverse = node.reverse;
  copy->condition = CloneOrNull(node.condition);
  copy->join_kind = node.join_kind;
  copy->left_keys = CloneAll(node.left_keys);
  copy->right_keys = CloneAll(node.right_keys);
  copy->null_keys = node.null_keys;
  copy->comparison = CloneOrNull(node.comparison);
  copy->mark = node.mark;
  copy->join_filters = node.join_filters;
  copy->extremes_number = node.extremes_number;
  copy->extremes = node.extremes;
  copy->position = node.position;
  copy->computed = CloneComputed(node.computed);
  for (const AggregateColumn& aggregate : node.aggregates) {
    copy->aggregates.push_back(CloneAggregate(aggregate));
  }
  if (node.grouping != nullptr) copy->grouping = std::make_unique<GroupingPlan>(*node.grouping);
  if (node.window != nullptr) {
    copy->window = std::make_unique<WindowPlan>();
    copy->window->partition_columns = node.window->partition_columns;
    for (const WindowColumn& column : node.window->functions) {
      copy->window->functions.push_back(CloneWindowColumn(column));
    }
  }
  copy->band = CloneBand(node.band);
  if (node.locks != nullptr) copy->locks = std::make_unique<LockPlan>(*node.locks);
  copy->sort_keys = node.sort_keys;
  copy->limit = CloneOrNull(node.limit);
  copy->offset = CloneOrNull(node.offset);
  copy->limit_by = node.limit_by;
  copy->set_kind = node.set_kind;
  copy->may_end_early = node.may_end_early;
  copy->recursion = node.recursion;
  for (const auto& row : node.rows) copy->rows.push_back(CloneAll(row));
  copy->target_columns = node.target_columns;
  copy->defaults = CloneComputed(node.defaults);
  copy->conflict = CloneConflict(node.conflict);
  copy->copy = CloneCopy(node.copy);
  for (const MergeStep& step : node.merge_steps) copy->merge_steps.push_back(CloneStep(step));
  copy->returns_rows = node.returns_rows;
  copy->returned_columns = node.returned_columns;
  copy->checks = CloneAll(node.checks);
  for (const ViewCheckPlan& check : node.view_checks) {
    copy->view_checks.push_back({Clone(*check.condition), check.view});
  }
  return copy;
}

namespace {

void CollectMadeAndRead(PlanNode& node, std::vector<ColumnId>* made, std::vector<ColumnId>* read) {
  for (const OutputColumn& column : node.output) made->push_back(column.id);
  for (const ComputedColumn& column : node.computed) made->push_back(column.id);
  VisitNodeExpressions(node, [&](ExpressionPtr& expression) { CollectColumns(*expression, read); });
  for (PlanPtr& child : node.children) CollectMadeAndRead(*child, made, read);
}

void CollectWorkingTables(PlanNode& node, std::vector<uint32_t>* found) {
  size_t before = found->size();
  if (node.kind == PlanKind::kWorkingTable) found->push_back(node.shared);
  VisitNodeExpressions(node, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      if (part.plan != nullptr) CollectWorkingTables(*part.plan, found);
    });
  });
  for (PlanPtr& child : node.children) CollectWorkingTables(*child, found);
  if (node.kind != PlanKind::kRecursion) return;
  for (const RecursionDefinition::Member& member : node.recursion->members) {
    found->erase(
        std::remove(found->begin() + static_cast<ptrdiff_t>(before), found->end(), member.shared),
        found->end());
  }
}

}  // namespace

std::vector<uint32_t> FreeWorkingTables(const PlanNode& plan) {
  std::vector<uint32_t> found;
  CollectWorkingTables(const_cast<PlanNode&>(plan), &found);
  return found;
}

std::vector<ColumnId> FreeColumns(const PlanNode& plan) {
  std::vector<ColumnId> made, read, free;
  CollectMadeAndRead(const_cast<PlanNode&>(plan), &made, &read);
  std::sort(made.begin(), made.end());
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());
  std::set_difference(read.begin(), read.end(), made.begin(), made.end(), std::back_inserter(free));
  return free;
}

bool Plan::WritesOnlyTemporary() const {
  const PlanNode* node = root.get();
  while (node->kind == PlanKind::kProject || node->kind == PlanKind::kLimit) {
    node = node->children[0].get();
  }
  if (node->kind == PlanKind::kLockRows) {
    return std::ranges::all_of(node->locks->tables, [](const LockedTable& locked) {
      return locked.table->is_temporary();
    });
  }
  return node->table != nullptr && node->table->is_temporary();
}

}  // namespace tupelo
