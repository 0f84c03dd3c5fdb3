// plan/bind_expression.cpp: expressions: columns, operators, predicates.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

constexpr std::string_view kComparisonNames[] = {"=", "<>", "<", "<=", ">", ">="};
constexpr std::string_view kBinaryNames[] = {"+", "-", "*", "/", "||"};

std::string_view NameOf(ast::ComparisonOperator op) {
  return kComparisonNames[static_cast<size_t>(op)];
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
  auto junction = std::make_unique<BoundExpression>(kind, Type::Boolean(), position);
  junction->arguments = std::move(terms);
  return junction;
}

}  // namespace

ExpressionPtr Binder::BindExpression(const ast::Expression& expression, Scope* scope) {
  using Kind = ast::ExpressionKind;
  switch (expression.kind) {
    case Kind::kLiteral: return BindLiteral(ast::As<ast::LiteralExpression>(expression));
    case Kind::kColumnReference:
      return BindColumn(ast::As<ast::ColumnReference>(expression), scope);
    case Kind::kParameter: return BindParameter(ast::As<ast::ParameterExpression>(expression));
    case Kind::kUnary: return BindUnary(ast::As<ast::UnaryExpression>(expression), scope);
    case Kind::kChain: return BindChain(ast::As<ast::ChainExpression>(expression), scope);
    case Kind::kLogical: return BindLogical(ast::As<ast::LogicalExpression>(expression), scope);
    case Kind::kComparison:
      return BindComparison(ast::As<ast::ComparisonExpression>(expression), scope);
    case Kind::kBetween: return BindBetween(ast::As<ast::BetweenExpression>(expression), scope);
    case Kind::kInList: return BindInList(ast::As<ast::InListExpression>(expression), scope);
    case Kind::kInQuery: return BindInQuery(ast::As<ast::InQueryExpression>(expression), scope);
    case Kind::kLike: return BindLike(ast::As<ast::LikeExpression>(expression), scope);
    case Kind::kIsNull:
    case Kind::kIsTruth:
    case Kind::kIsDistinct: return BindIs(expression, scope);
    case Kind::kCase: return BindCase(ast::As<ast::CaseExpression>(expression), scope);
    case Kind::kNullIf: return BindNullIf(ast::As<ast::NullIfExpression>(expression), scope);
    case Kind::kCoalesce: return BindCoalesce(ast::As<ast::CoalesceExpression>(expression), scope);
    case Kind::kCast: return BindCast(ast::As<ast::CastExpression>(expression), scope);
    case Kind::kExtract: return BindExtract(ast::As<ast::ExtractExpression>(expression), scope);
    case Kind::kTrim: return BindTrim(ast::As<ast::TrimExpression>(expression), scope);
    case Kind::kSpecialValue:
      return BindSpecialValue(ast::As<ast::SpecialValueExpression>(expression));
    case Kind::kNextValue: return BindNextValue(ast::As<ast::NextValueExpression>(expression));
    case Kind::kFunctionCall:
      return BindFunctionCall(ast::As<ast::FunctionCall>(expression), scope);
    case Kind::kAtTimeZone:
      return BindAtTimeZone(ast::As<ast::AtTimeZoneExpression>(expression), scope);
    case Kind::kIntervalDifference:
      return BindIntervalDifference(ast::As<ast::IntervalDifferenceExpression>(expression), scope);
    case Kind::kSubquery:
      return BindSubquery(BoundKind::kScalarSubquery,
                          *ast::As<ast::SubqueryExpression>(expression).query, scope,
                          expression.position);
    case Kind::kExists:
      return BindSubquery(BoundKind::kExists, *ast::As<ast::ExistsExpression>(expression).query,
                          scope, expression.position);
    case Kind::kQuantified:
      return BindQuantified(ast::As<ast::QuantifiedExpression>(expression), scope);
    case Kind::kRow: {
      const auto& row = ast::As<ast::RowExpression>(expression);
      if (row.fields.size() == 1) return BindExpression(*row.fields[0], scope);
      throw Error(ErrorCode::kFeatureNotSupported,
                  "row values of more than one field are not supported here", expression.position);
    }
    case Kind::kDefault:
      throw Error(
          ErrorCode::kSyntaxError,
          "DEFAULT is allowed only as a whole value in INSERT ... VALUES and UPDATE ... SET",
          expression.position);
  }
  throw Error(ErrorCode::kInternalError, "an expression of an unknown kind", expression.position);
}

ExpressionPtr Binder::BindCondition(const ast::Expression& expression, Scope* scope,
                                    const char* clause) {
  return ToBoolean(BindExpression(expression, scope), clause);
}

ExpressionPtr Binder::BindColumn(const ast::ColumnReference& reference, Scope* scope) {
  for (Scope* level = scope; level != nullptr; level = level->parent) {
    if (const ScopeColumn* column = level->Find(reference.name)) {
      return MakeColumn(column->id, column->type, reference.position);
    }
    if (reference.name.parts.size() > 1) continue;
    std::string name = MakeKey(reference.name.last());
    size_t alias = FindName(name, level->aliases.size(), [&](size_t i) -> std::string_view {
      return level->aliases[i].name->key;
    });
    if (alias == kNameAmbiguous) {
      throw Error(ErrorCode::kAmbiguousColumn,
                  "name is ambiguous in the select list: " + ToText(reference.name),
                  reference.position);
    }
    if (alias != kNameNotFound) return Clone(*level->aliases[alias].expression);
  }
  std::string text = ToText(reference.name);
  if (reference.name.parts.size() > 1) {
    Name qualifier = MakeName(reference.name.parts[reference.name.parts.size() - 2]);
    bool known = false;
    for (Scope* level = scope; level != nullptr; level = level->parent) {
      known |= level->HasQualifier(qualifier);
    }
    if (!known) {
      throw Error(ErrorCode::kUndefinedTable,
                  "table is not in FROM: " + std::string(qualifier.spelling) + " (in " + text + ")",
                  reference.position);
    }
  }
  throw Error(ErrorCode::kUndefinedColumn, "column not found: " + text, reference.position)
      .OnColumn(std::string(reference.name.last().text));
}

ExpressionPtr Binder::BindUnary(const ast::UnaryExpression& unary, Scope* scope) {
  ExpressionPtr operand = BindExpression(*unary.operand, scope);
  switch (unary.op) {
    case ast::UnaryOperator::kNot:
      return Negate(ToBoolean(std::move(operand), "NOT"), unary.position);
    case ast::UnaryOperator::kMinus: {
      // The smallest INTEGER and BIGINT are written with a minus before a number that is one too
      // big.
      if (operand->kind == BoundKind::kConstant && !operand->constant.is_null &&
          operand->type.is_exact() && operand->type.decimal_scale() == 0) {
        int128_t negated = -operand->constant.Unscaled();
        if (operand->type.id == TypeId::kBigInt && negated == INT32_MIN) {
          return MakeConstant(Value::Integer(Type::Integer(), INT32_MIN), unary.position);
        }
        if (operand->type.id == TypeId::kDecimal && negated == INT64_MIN) {
          return MakeConstant(Value::Integer(Type::BigInt(), INT64_MIN), unary.position);
        }
      }
      return Call("NEG", List(std::move(operand)), unary.position);
    }
    case ast::UnaryOperator::kPlus:
      if (operand->type.id == TypeId::kNull || operand->type.is_numeric() ||
          operand->type.is_interval()) {
        return operand;
      }
      throw Error(ErrorCode::kUndefinedFunction,
                  "unary + takes a number or an interval, not " + operand->type.ToString(),
                  unary.position);
  }
  throw Error(ErrorCode::kInternalError, "an operator of an unknown kind", unary.position);
}

ExpressionPtr Binder::BindChain(const ast::ChainExpression& chain, Scope* scope) {
  return BindChainLinks(chain, chain.links.size(), scope);
}

// The chain up to its link `count`.
ExpressionPtr Binder::BindChainLinks(const ast::ChainExpression& chain, size_t count,
                                     Scope* scope) {
  ExpressionPtr result = BindExpression(*chain.first, scope);
  uint32_t depth = 0;
  for (size_t i = 0; i < count; ++i) {
    const ast::ChainLink& link = chain.links[i];
    if (result->kind != BoundKind::kConstant && ++depth > kMaxChainLength) {
      throw Error(ErrorCode::kStatementTooComplex,
                  "a chain of operators may have at most " + std::to_string(kMaxChainLength) +
                      " operands; use parentheses to balance it",
                  link.position);
    }
    ExpressionPtr operand = BindExpression(*link.operand, scope);
    std::string_view name = kBinaryNames[static_cast<size_t>(link.op)];
    bool is_sum = name == "+" || name == "-";
    // A datetime or interval as text is read as the type of its peer, but for datetime + text,
    // which could be many.
    if (is_sum && result->type.is_interval()) AdaptToPeer(&operand, result->type);
    if (is_sum && operand->type.is_interval() && result->type.is_character() &&
        result->kind != BoundKind::kColumn) {
      AdaptToPeer(&result, operand->type);
    }
    if (name == "-" && result->type.is_datetime()) AdaptToPeer(&operand, result->type);
    if (name == "-" && operand->type.is_datetime()) AdaptToPeer(&result, operand->type);
    result = Call(name, List(std::move(result), std::move(operand)), link.position);
  }
  return result;
}

ExpressionPtr Binder::BindLogical(const ast::LogicalExpression& logical, Scope* scope) {
  bool is_and = logical.op == ast::LogicalOperator::kAnd;
  std::vector<ExpressionPtr> terms;
  terms.reserve(logical.operands.size());
  for (const ast::Expression* operand : logical.operands) {
    terms.push_back(BindCondition(*operand, scope, is_and ? "AND" : "OR"));
  }
  return Junction(is_and ? BoundKind::kAnd : BoundKind::kOr, std::move(terms), logical.position);
}

ExpressionPtr Binder::BindComparison(const ast::ComparisonExpression& comparison, Scope* scope) {
  return BindRowComparison(NameOf(comparison.op), *comparison.left, *comparison.right, scope,
                           comparison.operator_position);
}

// Rows compare field by field (SQL:1999 part 2, 8.2): = all, <> any, and the order from left to
// right.
ExpressionPtr Binder::BindRowComparison(std::string_view op, const ast::Expression& left,
                                        const ast::Expression& right, Scope* scope,
                                        Position position) {
  if (left.kind != ast::ExpressionKind::kRow && right.kind != ast::ExpressionKind::kRow) {
    ExpressionPtr bound_left = BindExpression(left, scope);
    ExpressionPtr bound_right = BindExpression(right, scope);
    return Compare(op, std::move(bound_left), std::move(bound_right), position);
  }
  auto fields = [](const ast::Expression& side) {
    std::vector<const ast::Expression*> list;
    if (side.kind == ast::ExpressionKind::kRow) {
      for (const ast::Expression* field : ast::As<ast::RowExpression>(side).fields)
        list.push_back(field);
    } else {
      list.push_back(&side);
    }
    return list;
  };
  std::vector<const ast::Expression*> lefts = fields(left), rights = fields(right);
  auto is_row_subquery = [](const std::vector<const ast::Expression*>& side) {
    return side.size() == 1 && side[0]->kind == ast::ExpressionKind::kSubquery;
  };
  if (is_row_subquery(lefts) || is_row_subquery(rights)) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "comparing a row with a subquery of several columns is not supported", position);
  }
  if (lefts.size() != rights.size()) {
    throw Error(ErrorCode::kSyntaxError,
                "the rows compared have " + std::to_string(lefts.size()) + " and " +
                    std::to_string(rights.size()) + " fields; they must have equally many",
                position);
  }
  auto compare = [&](std::string_view name, size_t i) {
    ExpressionPtr l = BindExpression(*lefts[i], scope), r = BindExpression(*rights[i], scope);
    return Compare(name, std::move(l), std::move(r), position);
  };
  if (op == "=" || op == "<>") {
    std::vector<ExpressionPtr> terms;
    for (size_t i = 0; i < lefts.size(); ++i) terms.push_back(compare(op, i));
    if (terms.size() == 1) return std::move(terms[0]);
    return Junction(op == "=" ? BoundKind::kAnd : BoundKind::kOr, std::move(terms), position);
  }
  std::string_view strict = op.substr(0, 1);
  ExpressionPtr result = compare(op, lefts.size() - 1);
  for (size_t i = lefts.size() - 1; i-- > 0;) {
    ExpressionPtr tail =
        Junction(BoundKind::kAnd, List(compare("=", i), std::move(result)), position);
    result = Junction(BoundKind::kOr, List(compare(strict, i), std::move(tail)), position);
  }
  return result;
}

ExpressionPtr Binder::BindBetween(const ast::BetweenExpression& between, Scope* scope) {
  Position position = between.position;
  auto range = [&](const ast::Expression& low, const ast::Expression& high) {
    return Junction(BoundKind::kAnd,
                    List(BindRowComparison(">=", *between.value, low, scope, position),
                         BindRowComparison("<=", *between.value, high, scope, position)),
                    position);
  };
  ExpressionPtr result = range(*between.low, *between.high);
  if (between.symmetric) {
    result = Junction(BoundKind::kOr, List(std::move(result), range(*between.high, *between.low)),
                      position);
  }
  return between.negated ? Negate(std::move(result), position) : std::move(result);
}

ExpressionPtr Binder::BindInList(const ast::InListExpression& in, Scope* scope) {
  constexpr size_t kHashFrom = 8;  // fewer items are compared one after the other
  if (in.value->kind != ast::ExpressionKind::kRow && in.items.size() >= kHashFrom) {
    std::vector<ExpressionPtr> arguments;
    arguments.push_back(BindExpression(*in.value, scope));
    bool fits = arguments[0]->type.id != TypeId::kNull;
    for (const ast::Expression* item : in.items) {
      arguments.push_back(BindExpression(*item, scope));
      AdaptToPeer(&arguments.back(), arguments[0]->type);
      fits &= IsRunConstant(*arguments.back());
      // One type for all only where nothing is lost by it: else each is compared for itself.
      bool same_kind = arguments.back()->type == arguments[0]->type ||
                       arguments.back()->type.id == TypeId::kNull ||
                       (arguments.back()->type.is_exact() && arguments[0]->type.is_exact()) ||
                       (arguments.back()->type.id == TypeId::kVarchar &&
                        arguments[0]->type.id == TypeId::kVarchar);
      fits &= same_kind;
    }
    if (fits) {
      std::vector<ExpressionPtr*> all;
      for (ExpressionPtr& argument : arguments) all.push_back(&argument);
      UnifyTypes(std::move(all), "IN");
      auto set = std::make_unique<BoundExpression>(BoundKind::kInSet, Type::Boolean(), in.position);
      set->arguments = std::move(arguments);
      return in.negated ? Negate(std::move(set), in.position) : std::move(set);
    }
  }
  std::vector<ExpressionPtr> terms;
  for (const ast::Expression* item : in.items) {
    terms.push_back(BindRowComparison("=", *in.value, *item, scope, in.position));
  }
  ExpressionPtr result = terms.size() == 1
                             ? std::move(terms[0])
                             : Junction(BoundKind::kOr, std::move(terms), in.position);
  return in.negated ? Negate(std::move(result), in.position) : std::move(result);
}

ExpressionPtr Binder::BindLike(const ast::LikeExpression& like, Scope* scope) {
  ExpressionPtr value = BindExpression(*like.value, scope);
  ExpressionPtr pattern = BindExpression(*like.pattern, scope);
  ExpressionPtr escape = like.escape == nullptr ? nullptr : BindExpression(*like.escape, scope);
  ExpressionPtr result =
      Call("LIKE", List(std::move(value), std::move(pattern), std::move(escape)), like.position);
  return like.negated ? Negate(std::move(result), like.position) : std::move(result);
}

ExpressionPtr Binder::BindIs(const ast::Expression& expression, Scope* scope) {
  if (expression.kind == ast::ExpressionKind::kIsNull) {
    const auto& is = ast::As<ast::IsNullExpression>(expression);
    std::vector<ExpressionPtr> terms;
    auto add = [&](const ast::Expression& field) {
      terms.push_back(Call(is.negated ? "IS NOT NULL" : "IS NULL",
                           List(BindExpression(field, scope)), is.position));
    };
    if (is.value->kind == ast::ExpressionKind::kRow) {  // 8.7: all fields null; all fields not null
      for (const ast::Expression* field : ast::As<ast::RowExpression>(*is.value).fields)
        add(*field);
    } else {
      add(*is.value);
    }
    if (terms.size() == 1) return std::move(terms[0]);
    return Junction(BoundKind::kAnd, std::move(terms), is.position);
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
  ExpressionPtr left = BindExpression(*is.left, scope), right = BindExpression(*is.right, scope);
  return Compare(is.negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM", std::move(left),
                 std::move(right), is.position);
}

}  // namespace tupelo
