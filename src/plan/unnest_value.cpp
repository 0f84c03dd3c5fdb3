// plan/unnest_value.cpp: subqueries used as values: a mark, or a column of the join.
#include <algorithm>

#include "plan/unnesting.h"

namespace tupelo {

namespace {

// The expression with the projection's columns computed in place.
void Substitute(ExpressionPtr* expression, const std::vector<ComputedColumn>& columns) {
  if ((*expression)->kind == BoundKind::kColumn) {
    for (const ComputedColumn& column : columns) {
      if (column.id != (*expression)->column) continue;
      *expression = Clone(*column.expression);
      return;
    }
  }
  for (ExpressionPtr& argument : (*expression)->arguments) Substitute(&argument, columns);
}

bool IsPeeled(const PlanNode& node) {
  return node.kind == PlanKind::kProject &&
         std::none_of(node.computed.begin(), node.computed.end(),
                      [](const ComputedColumn& column) { return HasSubquery(*column.expression); });
}

// The plan below projections, which are computed after the join instead.
PlanPtr* CoreOf(PlanPtr* plan) {
  while (IsPeeled(**plan)) plan = &(*plan)->children[0];
  return plan;
}

PlanPtr Peel(PlanPtr plan, ExpressionPtr* value) {
  while (IsPeeled(*plan)) {
    Substitute(value, plan->computed);
    PlanPtr child = std::move(plan->children[0]);
    plan = std::move(child);
  }
  return plan;
}

// An aggregate over all rows: of the groups of its equalities.
bool CanGroup(const PlanNode& core, const ColumnSet& outer, bool is_guarded) {
  if (core.kind != PlanKind::kAggregate || !core.computed.empty() || MayFail(core, is_guarded)) {
    return false;
  }
  bool reads = false;
  VisitNodeExpressions(const_cast<PlanNode&>(core),
                       [&](ExpressionPtr& expression) { reads |= ReadsAny(*expression, outer); });
  return !reads && CanLift(*core.children[0], outer, LiftKind::kEqualities);
}

// COUNT and its kin are not null where there is no row.
void ReplaceEmptyGroups(const PlanNode& aggregate, ExpressionPtr* value) {
  std::vector<ComputedColumn> filled;
  for (const AggregateColumn& column : aggregate.aggregates) {
    Value empty = ValueOfNoRows(column.function);
    if (empty.is_null) continue;
    auto either = std::make_unique<BoundExpression>(BoundKind::kCoalesce, column.function.result);
    either->arguments.push_back(MakeColumn(column.id, column.function.result));
    either->arguments.push_back(MakeConstant(std::move(empty)));
    filled.push_back({column.id, std::move(either)});
  }
  Substitute(value, filled);
}

// The value only where the join found a row: a column of it tells.
ExpressionPtr WhereFound(PlanPtr* core, ExpressionPtr value, ColumnId* next) {
  PlanPtr marked = MakeProjection(std::move(*core), (*core)->output);
  ColumnId found = (*next)++;
  marked->output.push_back({found, Type::Boolean(), false, {}});
  marked->computed.push_back({found, MakeTrue()});
  *core = std::move(marked);
  auto chosen = std::make_unique<BoundExpression>(BoundKind::kCase, value->type, value->position);
  chosen->arguments.push_back(MakeColumn(found, Type::Boolean()));
  chosen->arguments.push_back(std::move(value));
  return chosen;
}

}  // namespace

bool Unnesting::ReplaceByMark(ExpressionPtr* expression, Site* site, const Guards& guards) {
  BoundExpression& subquery = **expression;
  Conjuncts conditions;
  ExpressionPtr comparison;
  if (subquery.kind == BoundKind::kExists) {
    KeepExistence(&subquery.plan);
  } else {
    if (HasSubquery(*subquery.arguments[0])) return false;
    const OutputColumn& column = subquery.plan->output[0];
    comparison = CompareWith(subquery, column);
    if (!column.nullable && !MayBeNull(*subquery.arguments[0], {site->input->get()})) {
      conditions.push_back(std::move(comparison));
    }
  }
  if (!Detach(&subquery.plan, *site, guards, &conditions)) return false;
  std::vector<ExpressionPtr*> values;
  if (comparison != nullptr) values.push_back(&comparison);
  MakeDistinct(&subquery.plan, **site->input, &conditions, values);
  PlanPtr join = MakeJoin(JoinKind::kMark, std::move(*site->input), std::move(subquery.plan),
                          std::move(conditions));
  join->mark = (*next_)++;
  join->output.push_back({join->mark, Type::Boolean(), comparison != nullptr, {}});
  join->comparison = std::move(comparison);
  ExpressionPtr mark = MakeColumn(join->mark, Type::Boolean(), subquery.position);
  if (subquery.is_all) mark = MakeBooleanCall("NOT", std::move(mark));
  *site->input = std::move(join);
  *expression = std::move(mark);
  return true;
}

bool Unnesting::ReplaceByValue(ExpressionPtr* expression, Site* site, const Guards& guards) {
  BoundExpression& subquery = **expression;
  bool gives_one = GivesOneRow(*subquery.plan), is_correlated = false;
  bool is_guarded = !guards.terms.empty() || !guards.is_complete;
  if (!gives_one && !guards.is_complete) return false;
  ColumnSet outer = OuterColumns(subquery, *site, &is_correlated);
  Conjuncts conditions;
  OutputColumn column = subquery.plan->output[0];
  ExpressionPtr value = MakeColumn(column.id, column.type, subquery.position);
  const PlanNode& core = **CoreOf(&subquery.plan);
  PlanPtr plan;
  if (CanGroup(core, outer, is_guarded)) {
    plan = Peel(std::move(subquery.plan), &value);
    LiftConditions(&plan->children[0], outer, next_, &conditions);
    GroupBy(plan.get(), outer, next_, &conditions);
    ReplaceEmptyGroups(*plan, &value);
  } else if (!MayFail(core, is_guarded) && CanLift(core, outer, LiftKind::kAll)) {
    plan = Peel(std::move(subquery.plan), &value);
    LiftConditions(&plan, outer, next_, &conditions);
    bool is_own = value->kind == BoundKind::kColumn && FindOutput(*plan, value->column) != nullptr;
    if (!is_own) value = WhereFound(&plan, std::move(value), next_);
  } else {
    if (!Detach(&subquery.plan, *site, guards, &conditions)) return false;
    plan = std::move(subquery.plan);
  }
  if (!gives_one) AddGuards(guards, &conditions);
  MakeDistinct(&plan, **site->input, &conditions, {&value});
  Position position = subquery.position;
  *site->input = MakeJoin(gives_one ? JoinKind::kLeft : JoinKind::kSingle, std::move(*site->input),
                          std::move(plan), std::move(conditions));
  (*site->input)->position = position;
  *expression = std::move(value);
  return true;
}

}  // namespace tupelo
