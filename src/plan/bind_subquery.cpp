// plan/bind_subquery.cpp: subqueries in expressions: scalar, EXISTS, IN, quantified, MATCH
// (SQL:1999 part 2, 7.15, 8.4, 8.8, 8.11).
#include "plan/binder.h"

namespace tupelo {

PlanPtr Binder::BindQueryInExpression(const ast::QueryExpression& query, Scope* scope) {
  has_subqueries_ = true;
  ++subquery_depth_;
  PlanPtr plan = BindQuery(query, scope);
  --subquery_depth_;
  return plan;
}

ExpressionPtr Binder::BindSubquery(BoundKind kind, const ast::QueryExpression& query, Scope* scope,
                                   Position position) {
  auto subquery = std::make_unique<BoundExpression>(kind, Type::Boolean(), position);
  subquery->plan = BindQueryInExpression(query, scope);
  if (kind == BoundKind::kScalarSubquery) {
    if (subquery->plan->output.size() != 1) {
      throw Error(ErrorCode::kSyntaxError,
                  "a subquery used as a value must have one column, not " +
                      std::to_string(subquery->plan->output.size()),
                  position);
    }
    Type type = subquery->plan->output[0].type;
    subquery->type = type;
  }
  subquery->outer_columns = FreeColumns(*subquery->plan);
  return subquery;
}

// value op ANY (plan): the comparison is that of the value with the plan's column, both converted
// to what it takes.
ExpressionPtr Binder::CompareWithAny(ExpressionPtr value, std::string_view op, bool is_all,
                                     PlanPtr plan, Position position) {
  auto subquery =
      std::make_unique<BoundExpression>(BoundKind::kQuantified, Type::Boolean(), position);
  OutputColumn column = plan->output[0];
  AdaptToPeer(&value, column.type);
  ExpressionPtr stand_in = MakeColumn(column.id, column.type, position);
  ExpressionPtr comparison = Compare(op, std::move(value), std::move(stand_in), position);
  if (comparison->kind != BoundKind::kCall) {
    throw Error(ErrorCode::kInternalError, "a comparison was folded", position);
  }
  value = std::move(comparison->arguments[0]);
  stand_in = std::move(comparison->arguments[1]);
  if (stand_in->kind !=
      BoundKind::kColumn) {  // the query's column is converted by a projection of its own
    auto project = std::make_unique<PlanNode>(PlanKind::kProject);
    ColumnId id = NextColumn();
    project->output.push_back({id, stand_in->type, column.nullable, column.name});
    project->computed.push_back({id, std::move(stand_in)});
    project->children.push_back(std::move(plan));
    plan = std::move(project);
  }
  subquery->outer_columns = FreeColumns(*plan);
  subquery->plan = std::move(plan);
  subquery->function = std::move(comparison->function);
  subquery->is_all = is_all;
  subquery->arguments.push_back(std::move(value));
  return subquery;
}

// value op ANY (query), or ALL; the value may be a row. <> ALL is NOT (= ANY), which is looked up
// by hash.
ExpressionPtr Binder::BindAnySubquery(const ast::Expression& value, std::string_view op,
                                      bool is_all, const ast::QueryExpression& query, Scope* scope,
                                      Position position) {
  if (is_all && op == "<>") {
    return Negate(BindAnySubquery(value, "=", false, query, scope, position), position);
  }
  std::vector<ExpressionPtr> fields = BindFields(value, scope);
  PlanPtr plan = BindQueryInExpression(query, scope);
  if (fields.size() == 1 && plan->output.size() == 1) {
    return CompareWithAny(std::move(fields[0]), op, is_all, std::move(plan), position);
  }
  if (fields.size() == 1) {
    throw Error(ErrorCode::kSyntaxError,
                "a subquery compared with one value must have one column, not " +
                    std::to_string(plan->output.size()),
                query.position);
  }
  return TestRows(is_all ? RowQuantifier::kAll : RowQuantifier::kAny, std::move(fields), op,
                  std::move(plan), position);
}

ExpressionPtr Binder::BindInQuery(const ast::InQueryExpression& in, Scope* scope) {
  ExpressionPtr result = BindAnySubquery(*in.value, "=", false, *in.query, scope, in.position);
  return in.negated ? Negate(std::move(result), in.position) : std::move(result);
}

ExpressionPtr Binder::BindQuantified(const ast::QuantifiedExpression& quantified, Scope* scope) {
  static constexpr std::string_view kNames[] = {"=", "<>", "<", "<=", ">", ">="};
  return BindAnySubquery(*quantified.value, kNames[static_cast<size_t>(quantified.op)],
                         quantified.quantifier == ast::Quantifier::kAll, *quantified.query, scope,
                         quantified.operator_position);
}

// 8.11: SIMPLE and PARTIAL and FULL are true for a row of nulls; SIMPLE for any with a null in it.
// Else a row of the query must match: PARTIAL in the fields that are not null.
ExpressionPtr Binder::BindMatch(const ast::MatchExpression& match, Scope* scope) {
  Position position = match.position;
  std::vector<ExpressionPtr> fields = BindFields(*match.value, scope);
  auto nulls = [&](const char* name, BoundKind kind) {
    auto junction = std::make_unique<BoundExpression>(kind, Type::Boolean(), position);
    for (const ExpressionPtr& field : fields) {
      std::vector<ExpressionPtr> one;
      one.push_back(Clone(*field));
      junction->arguments.push_back(Call(name, std::move(one), position));
    }
    return junction;
  };
  auto result = std::make_unique<BoundExpression>(BoundKind::kOr, Type::Boolean(), position);
  result->arguments.push_back(
      nulls("IS NULL", match.match == ast::MatchKind::kSimple ? BoundKind::kOr : BoundKind::kAnd));
  ExpressionPtr complete =
      match.match == ast::MatchKind::kFull ? nulls("IS NOT NULL", BoundKind::kAnd) : nullptr;
  PlanPtr plan = BindQueryInExpression(*match.query, scope);
  ExpressionPtr found = TestRows(
      match.unique ? RowQuantifier::kOnlyOne : RowQuantifier::kAny, std::move(fields),
      match.match == ast::MatchKind::kPartial ? "PARTIAL" : "=", std::move(plan), position);
  std::vector<ExpressionPtr> operand;
  operand.push_back(std::move(found));
  found = Call("IS TRUE", std::move(operand), position);
  if (complete != nullptr) {
    complete->arguments.push_back(std::move(found));
    found = std::move(complete);
  }
  result->arguments.push_back(std::move(found));
  return result;
}

}  // namespace tupelo
