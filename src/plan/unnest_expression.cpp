// plan/unnest_expression.cpp: subqueries within expressions, and the guards before them.
#include <algorithm>

#include "plan/unnesting.h"

namespace tupelo {

namespace {

// An inequality the other way round, for NOT.
std::string_view InverseOf(std::string_view op) {
  static constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
      {"=", "<>"}, {"<>", "="}, {"<", ">="}, {">=", "<"}, {">", "<="}, {"<=", ">"}};
  for (const auto& [name, inverse] : kPairs) {
    if (name == op) return inverse;
  }
  return {};
}

bool MayFail(const BoundExpression& expression) {
  bool may = false;
  VisitExpressions(expression, [&](const BoundExpression& part) {
    may |= IsSubquery(part) || (part.kind == BoundKind::kCall && part.function.may_fail);
  });
  return may;
}

void AddGuard(const BoundExpression& expression, std::string_view test, Guards* guards) {
  if (HasSubquery(expression)) {
    guards->is_complete = false;
  } else {
    guards->terms.push_back(MakeBooleanCall(test, Clone(expression)));
  }
}

}  // namespace

bool MayFail(const PlanNode& plan, bool conditions) {
  bool may = false;
  for (const ComputedColumn& column : plan.computed) may |= MayFail(*column.expression);
  for (const AggregateColumn& column : plan.aggregates) {
    may |= column.argument != nullptr && MayFail(*column.argument);
  }
  if (conditions && plan.condition != nullptr) may |= MayFail(*plan.condition);
  return may || std::any_of(plan.children.begin(), plan.children.end(),
                            [&](const PlanPtr& child) { return MayFail(*child, conditions); });
}

void KeepExistence(PlanPtr* plan) {
  for (;;) {
    PlanNode& node = **plan;
    bool is_limit = node.kind == PlanKind::kLimit && node.limit != nullptr &&
                    node.offset == nullptr && node.limit->kind == BoundKind::kConstant &&
                    !node.limit->constant.is_null && node.limit->constant.integer >= 1;
    bool is_project = node.kind == PlanKind::kProject &&
                      std::none_of(node.computed.begin(), node.computed.end(),
                                   [](const ComputedColumn& c) { return MayFail(*c.expression); });
    if (!is_limit && !is_project && node.kind != PlanKind::kSort &&
        node.kind != PlanKind::kDistinct) {
      return;
    }
    PlanPtr child = std::move(node.children[0]);
    *plan = std::move(child);
  }
}

ExpressionPtr CompareWith(const BoundExpression& quantified, const OutputColumn& column) {
  ExpressionPtr value = Clone(*quantified.arguments[0]);
  ExpressionPtr other = MakeColumn(column.id, column.type, quantified.position);
  if (quantified.is_all) {
    return MakeBooleanCall(InverseOf(quantified.function.name), std::move(value), std::move(other));
  }
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(value));
  arguments.push_back(std::move(other));
  return MakeCall(quantified.function, std::move(arguments), quantified.position);
}

bool IsQuantified(const BoundExpression& expression) {
  return expression.kind == BoundKind::kQuantified && expression.arguments.size() == 1 &&
         !InverseOf(expression.function.name).empty();
}

void Unnesting::Replace(ExpressionPtr* expression, std::vector<Site>* sites, Guards* guards) {
  BoundExpression& node = **expression;
  if (!HasSubquery(node)) return;
  switch (node.kind) {
    case BoundKind::kCase: ReplaceCase(&node, sites, guards); return;
    case BoundKind::kAnd: ReplaceLater(&node, sites, guards, "IS NOT FALSE"); return;
    case BoundKind::kOr: ReplaceLater(&node, sites, guards, "IS NOT TRUE"); return;
    case BoundKind::kCoalesce: ReplaceLater(&node, sites, guards, "IS NULL"); return;
    case BoundKind::kLet: ReplaceLet(expression, sites, guards); return;
    default: break;
  }
  for (ExpressionPtr& argument : node.arguments) Replace(&argument, sites, guards);
  if (!IsSubquery(node)) return;
  // All that it reads must be of one side.
  ColumnSet read;
  read.AddRead(node);
  for (const ExpressionPtr& term : guards->terms) read.AddRead(*term);
  Site* found = nullptr;
  for (Site& site : *sites) {
    bool reads = false;
    for (const OutputColumn& column : (*site.input)->output) reads |= read.Has(column.id);
    if (!reads) continue;
    if (found != nullptr) return;
    found = &site;
  }
  if (found != nullptr) ReplaceSubquery(expression, found, guards);
}

// Each part is computed only where those before it leave the outcome open.
void Unnesting::ReplaceLater(BoundExpression* node, std::vector<Site>* sites, Guards* guards,
                             std::string_view still_open) {
  size_t outer = guards->terms.size();
  bool was_complete = guards->is_complete;
  for (ExpressionPtr& argument : node->arguments) {
    Replace(&argument, sites, guards);
    AddGuard(*argument, still_open, guards);
  }
  guards->terms.resize(outer);
  guards->is_complete = was_complete;
}

void Unnesting::ReplaceCase(BoundExpression* node, std::vector<Site>* sites, Guards* guards) {
  size_t outer = guards->terms.size();
  bool was_complete = guards->is_complete;
  size_t pairs = node->arguments.size() / 2;
  for (size_t i = 0; i < pairs; ++i) {
    ExpressionPtr& condition = node->arguments[2 * i];
    Replace(&condition, sites, guards);
    size_t before = guards->terms.size();
    bool complete_before = guards->is_complete;
    AddGuard(*condition, "IS TRUE", guards);
    Replace(&node->arguments[2 * i + 1], sites, guards);
    guards->terms.resize(before);
    guards->is_complete = complete_before;
    AddGuard(*condition, "IS NOT TRUE", guards);
  }
  if (node->arguments.size() % 2 == 1) Replace(&node->arguments.back(), sites, guards);
  guards->terms.resize(outer);
  guards->is_complete = was_complete;
}

// A subquery that was named is a column then, and needs no other name. Else a guard within may read
// the name, which means nothing outside.
void Unnesting::ReplaceLet(ExpressionPtr* expression, std::vector<Site>* sites, Guards* guards) {
  BoundExpression& let = **expression;
  Replace(&let.arguments[0], sites, guards);
  if (let.arguments[0]->kind == BoundKind::kColumn) {
    ExpressionPtr body = std::move(let.arguments[1]);
    RenameColumns(body.get(), {{let.column, let.arguments[0]->column}});
    *expression = std::move(body);
    Replace(expression, sites, guards);
    return;
  }
  bool was_complete = std::exchange(guards->is_complete, false);
  Replace(&let.arguments[1], sites, guards);
  guards->is_complete = was_complete;
}

void Unnesting::ReplaceSubquery(ExpressionPtr* expression, Site* site, Guards* guards) {
  bool is_correlated = false;
  OuterColumns(**expression, *site, &is_correlated);
  if (!is_correlated) return;
  if ((*expression)->kind == BoundKind::kScalarSubquery) {
    ReplaceByValue(expression, site, *guards);
  } else if ((*expression)->kind == BoundKind::kExists || IsQuantified(**expression)) {
    ReplaceByMark(expression, site, *guards);
  }
}

}  // namespace tupelo
