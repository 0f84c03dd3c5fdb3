// plan/bind_predicate.cpp: comparison, BETWEEN, IN lists, IS, LIKE and its kin, OVERLAPS, UNIQUE
// (SQL:1999 part 2, 8).
#include "plan/binder.h"
#include "plan/shared_operand.h"

namespace tupelo {

namespace {

std::string_view NameOf(ast::ComparisonOperator op) {
  static constexpr std::string_view kNames[] = {"=", "<>", "<", "<=", ">", ">="};
  return kNames[static_cast<size_t>(op)];
}

std::vector<ExpressionPtr> List(ExpressionPtr first, ExpressionPtr second = nullptr,
                                ExpressionPtr third = nullptr) {
  std::vector<ExpressionPtr> list;
  list.reserve(3);
  list.push_back(std::move(first));
  if (second != nullptr) list.push_back(std::move(second));
  if (third != nullptr) list.push_back(std::move(third));
  return list;
}

ExpressionPtr Junction(BoundKind kind, std::vector<ExpressionPtr> terms, Position position) {
  if (terms.size() == 1) return std::move(terms[0]);
  auto junction = std::make_unique<BoundExpression>(kind, Type::Boolean(), position);
  junction->arguments = std::move(terms);
  return junction;
}

}  // namespace

ExpressionPtr Binder::BindComparison(const ast::ComparisonExpression& comparison, Scope* scope) {
  return BindRowComparison(NameOf(comparison.op), *comparison.left, *comparison.right, scope,
                           comparison.operator_position);
}

ExpressionPtr Binder::BindBetween(const ast::BetweenExpression& between, Scope* scope) {
  Position position = between.position;
  SharedFields value(BindFields(*between.value, scope), &next_column_);
  SharedFields low(BindFields(*between.low, scope), &next_column_);
  SharedFields high(BindFields(*between.high, scope), &next_column_);
  auto range = [&](const SharedFields& from, const SharedFields& to) {
    return Junction(BoundKind::kAnd,
                    List(CompareRows(">=", value.Use(), from.Use(), position),
                         CompareRows("<=", value.Use(), to.Use(), position)),
                    position);
  };
  ExpressionPtr result = range(low, high);
  if (between.symmetric) {
    result = Junction(BoundKind::kOr, List(std::move(result), range(high, low)), position);
  }
  result = value.Finish(low.Finish(high.Finish(std::move(result))));
  return between.negated ? Negate(std::move(result), position) : std::move(result);
}

// value IN (many constants), by hash; nullptr where bringing all to one type could change the
// outcome.
ExpressionPtr Binder::MakeInSet(const SharedFields& value,
                                std::vector<std::vector<ExpressionPtr>>* items, Position position) {
  ExpressionPtr operand = value.Use(0);
  const Type type = operand->type;
  if (type.id == TypeId::kNull) return nullptr;
  for (std::vector<ExpressionPtr>& item : *items) {
    if (item.size() != 1) return nullptr;
    AdaptToPeer(&item[0], type);
    const Type& given = item[0]->type;
    // One type for all only where nothing is lost by it: else each is compared for itself.
    bool same_kind = given == type || given.id == TypeId::kNull ||
                     (given.is_exact() && type.is_exact()) ||
                     (given.id == TypeId::kVarchar && type.id == TypeId::kVarchar);
    if (!same_kind || !IsRunConstant(*item[0])) return nullptr;
  }
  auto set = std::make_unique<BoundExpression>(BoundKind::kInSet, Type::Boolean(), position);
  set->arguments.push_back(std::move(operand));
  for (std::vector<ExpressionPtr>& item : *items) set->arguments.push_back(std::move(item[0]));
  std::vector<ExpressionPtr*> all;
  for (ExpressionPtr& argument : set->arguments) all.push_back(&argument);
  UnifyTypes(std::move(all), "IN");
  return set;
}

ExpressionPtr Binder::BindInList(const ast::InListExpression& in, Scope* scope) {
  constexpr size_t kHashFrom = 8;  // fewer items are compared one after the other
  ExpressionPtr result;
  bool is_row = in.value->kind == ast::ExpressionKind::kRow;
  if (is_row && in.items.size() >= kHashFrom) result = BindInRows(in, scope);
  if (result == nullptr) {
    SharedFields value(BindFields(*in.value, scope), &next_column_);
    std::vector<std::vector<ExpressionPtr>> items;
    items.reserve(in.items.size());
    for (const ast::Expression* item : in.items) items.push_back(BindFields(*item, scope));
    if (!is_row && items.size() >= kHashFrom) result = MakeInSet(value, &items, in.position);
    if (result == nullptr) {
      std::vector<ExpressionPtr> terms;
      terms.reserve(items.size());
      for (std::vector<ExpressionPtr>& item : items) {
        terms.push_back(CompareRows("=", value.Use(), std::move(item), in.position));
      }
      result = Junction(BoundKind::kOr, std::move(terms), in.position);
    }
    result = value.Finish(std::move(result));
  }
  return in.negated ? Negate(std::move(result), in.position) : std::move(result);
}

ExpressionPtr Binder::BindPattern(const ast::LikeExpression& like, Scope* scope) {
  static constexpr std::string_view kNames[] = {"LIKE", "ILIKE", "SIMILAR TO", "GLOB",
                                                "REGEXP_LIKE"};
  ExpressionPtr value = BindExpression(*like.value, scope);
  ExpressionPtr pattern = BindExpression(*like.pattern, scope);
  ExpressionPtr escape = like.escape == nullptr ? nullptr : BindExpression(*like.escape, scope);
  ExpressionPtr result =
      Call(kNames[static_cast<size_t>(like.pattern_kind)],
           List(std::move(value), std::move(pattern), std::move(escape)), like.position);
  return like.negated ? Negate(std::move(result), like.position) : std::move(result);
}

// 8.7: IS NULL: all fields are null; IS NOT NULL: all fields are not null.
ExpressionPtr Binder::BindIsNull(const ast::IsNullExpression& is, Scope* scope) {
  const char* name = is.negated ? "IS NOT NULL" : "IS NULL";
  auto all = [&](std::vector<ExpressionPtr> fields) {
    for (ExpressionPtr& field : fields) field = Call(name, List(std::move(field)), is.position);
    return Junction(BoundKind::kAnd, std::move(fields), is.position);
  };
  if (is.value->kind != ast::ExpressionKind::kSubquery) return all(BindFields(*is.value, scope));
  PlanPtr plan = BindQueryInExpression(*ast::As<ast::SubqueryExpression>(*is.value).query, scope);
  if (plan->output.size() == 1) {
    auto scalar = std::make_unique<BoundExpression>(BoundKind::kScalarSubquery,
                                                    plan->output[0].type, is.value->position);
    scalar->outer_columns = FreeColumns(*plan);
    scalar->plan = std::move(plan);
    return Call(name, List(std::move(scalar)), is.position);
  }
  auto row = std::make_unique<BoundExpression>(BoundKind::kRowSubquery, Type::Boolean(),
                                               is.value->position);
  std::vector<ExpressionPtr> columns;
  for (const OutputColumn& column : plan->output) {
    columns.push_back(MakeColumn(column.id, column.type, is.position));
  }
  row->row_test = std::make_unique<RowTest>();
  row->row_test->quantifier = RowQuantifier::kOnly;
  row->row_test->name = name;
  row->row_test->condition = all(std::move(columns));
  row->outer_columns = FreeColumns(*plan);
  row->plan = std::move(plan);
  return row;
}

ExpressionPtr Binder::BindIs(const ast::Expression& expression, Scope* scope) {
  if (expression.kind == ast::ExpressionKind::kIsNull) {
    return BindIsNull(ast::As<ast::IsNullExpression>(expression), scope);
  }
  if (expression.kind == ast::ExpressionKind::kIsTruth) {
    const auto& is = ast::As<ast::IsTruthExpression>(expression);
    static constexpr std::string_view kNames[2][3] = {
        {"IS TRUE", "IS FALSE", "IS UNKNOWN"}, {"IS NOT TRUE", "IS NOT FALSE", "IS NOT UNKNOWN"}};
    return Call(kNames[is.negated][static_cast<size_t>(is.truth)],
                List(BindCondition(*is.value, scope, "IS TRUE, IS FALSE or IS UNKNOWN")),
                is.position);
  }
  const auto& is = ast::As<ast::IsDistinctExpression>(expression);
  return BindRowComparison(is.negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", *is.left,
                           *is.right, scope, is.position);
}

ExpressionPtr Binder::BindIsNormalized(const ast::IsNormalizedExpression& is, Scope* scope) {
  static constexpr const char* kForms[] = {"NFC", "NFD", "NFKC", "NFKD"};
  ExpressionPtr form =
      MakeConstant(Value::Text(Type::Varchar(), kForms[static_cast<size_t>(is.form)]), is.position);
  ExpressionPtr result =
      Call("IS NORMALIZED", List(BindExpression(*is.value, scope), std::move(form)), is.position);
  return is.negated ? Negate(std::move(result), is.position) : std::move(result);
}

// 8.12: two periods, each from a datetime to a datetime, or of a length.
ExpressionPtr Binder::BindOverlaps(const ast::OverlapsExpression& overlaps, Scope* scope) {
  std::vector<ExpressionPtr> bounds;
  for (const ast::Expression* side : {overlaps.left, overlaps.right}) {
    std::vector<ExpressionPtr> period = BindFields(*side, scope);
    if (period.size() != 2) {
      throw Error(ErrorCode::kSyntaxError,
                  "OVERLAPS takes rows of two fields, a start and an end or length; this one has " +
                      std::to_string(period.size()),
                  side->position);
    }
    AdaptToPeer(&period[0], period[1]->type.is_interval() ? Type::Null() : period[1]->type);
    AdaptToPeer(&period[1], period[0]->type);
    if (period[1]->type.is_interval()) {
      ExpressionPtr begin = Clone(*period[0]);
      period[1] = Call("+", List(std::move(begin), std::move(period[1])), side->position);
    }
    bounds.push_back(std::move(period[0]));
    bounds.push_back(std::move(period[1]));
  }
  UnifyTypes({&bounds[0], &bounds[1], &bounds[2], &bounds[3]}, "OVERLAPS");
  return Call("OVERLAPS", std::move(bounds), overlaps.position);
}

// 8.10: no two rows are equal; rows with a null equal none. That is: no group of equal rows
// without nulls has two.
ExpressionPtr Binder::BindUnique(const ast::UniqueExpression& unique, Scope* scope) {
  Position position = unique.position;
  PlanPtr plan = BindQueryInExpression(*unique.query, scope);
  auto filter = [](PlanPtr input, ExpressionPtr condition) {
    auto node = std::make_unique<PlanNode>(PlanKind::kFilter);
    node->output = input->output;
    node->condition = std::move(condition);
    node->children.push_back(std::move(input));
    return node;
  };
  std::vector<ExpressionPtr> not_null;
  auto groups = std::make_unique<PlanNode>(PlanKind::kAggregate);
  for (const OutputColumn& column : plan->output) {
    ExpressionPtr value = MakeColumn(column.id, column.type, position);
    not_null.push_back(Call("IS NOT NULL", List(Clone(*value)), position));
    OutputColumn group = column;
    group.id = NextColumn();
    groups->output.push_back(group);
    groups->computed.push_back({group.id, std::move(value)});
  }
  AggregateColumn count;
  count.id = NextColumn();
  count.function = ResolveAggregate("COUNT", nullptr);
  ExpressionPtr counted = MakeColumn(count.id, count.function.result, position);
  groups->output.push_back(
      {count.id, count.function.result, false, Keep(Name::Exact(count.function.name))});
  groups->aggregates.push_back(std::move(count));
  groups->children.push_back(
      filter(std::move(plan), Junction(BoundKind::kAnd, std::move(not_null), position)));
  ExpressionPtr one = MakeConstant(Value::Integer(Type::BigInt(), 1), position);
  auto exists = std::make_unique<BoundExpression>(BoundKind::kExists, Type::Boolean(), position);
  exists->plan =
      filter(std::move(groups), Compare(">", std::move(counted), std::move(one), position));
  exists->outer_columns = FreeColumns(*exists->plan);
  return Negate(std::move(exists), position);
}

}  // namespace tupelo
