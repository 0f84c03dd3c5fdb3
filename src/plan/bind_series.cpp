// plan/bind_series.cpp: GENERATE_SERIES: numbers or timestamps from a start to a stop.
#include "plan/binder.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowTypes(const std::vector<ExpressionPtr>& bounds, Position position) {
  std::string given;
  for (const ExpressionPtr& bound : bounds) {
    given += (given.empty() ? "" : ", ") + bound->type.ToString();
  }
  throw Error(ErrorCode::kUndefinedFunction,
              "GENERATE_SERIES takes two or three exact numbers, or two dates or timestamps and an "
              "interval; it was given (" +
                  given + ")",
              position);
}

}  // namespace

// A start, a stop and a step of one type; of datetimes the step is an interval.
PlanPtr Binder::BindSeries(const ast::SeriesBody& body, Scope* parent) {
  static const Name kName = Name::Exact("GENERATE_SERIES");
  static const Name kOrdinality = Name::Exact("ORDINALITY");
  Scope scope;
  scope.parent = parent;
  scope.no_aggregates = "in FROM";
  std::vector<ExpressionPtr> bounds;
  for (const ast::Expression* argument : body.arguments) {
    bounds.push_back(BindExpression(*argument, &scope));
  }
  bool of_numbers = true;
  for (const ExpressionPtr& bound : bounds) {
    of_numbers &= bound->type.is_exact() || bound->type.id == TypeId::kNull;
  }
  Type type = Type::Integer();
  if (of_numbers) {
    if (bounds.size() == 2) bounds.push_back(MakeConstant(Value::Integer(Type::Integer(), 1)));
    std::vector<ExpressionPtr*> all;
    for (ExpressionPtr& bound : bounds) all.push_back(&bound);
    type = UnifyTypes(all, "GENERATE_SERIES:");
    if (type.id == TypeId::kNull || type.id == TypeId::kSmallInt) type = Type::Integer();
    for (ExpressionPtr& bound : bounds) {
      bound = Convert(std::move(bound), type, CastKind::kImplicit);
    }
  } else {
    if (bounds.size() != 3 || !bounds[2]->type.is_interval()) ThrowTypes(bounds, body.position);
    UnifyTypes({&bounds[0], &bounds[1]}, "GENERATE_SERIES:");
    type = bounds[0]->type;
    bool zoned = type.id == TypeId::kTimestampTz;
    if (type.id != TypeId::kDate && type.id != TypeId::kTimestamp && !zoned) {
      ThrowTypes(bounds, body.position);
    }
    type = zoned ? Type::TimestampTz() : Type::Timestamp();
    for (size_t i = 0; i < 2; ++i) {
      bounds[i] = Convert(std::move(bounds[i]), type, CastKind::kExplicit);
    }
  }
  auto plan = std::make_unique<PlanNode>(PlanKind::kSeries);
  plan->position = body.position;
  plan->rows.push_back(std::move(bounds));
  plan->output.push_back({NextColumn(), type, false, NameRef(kName)});
  if (body.with_ordinality) {
    plan->output.push_back({NextColumn(), Type::BigInt(), false, NameRef(kOrdinality)});
  }
  return plan;
}

}  // namespace tupelo
