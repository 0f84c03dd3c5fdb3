// plan/bind_expression.cpp: expressions: columns, operators, AND and OR.
#include "base/interruption_scope.h"
#include "plan/binder.h"

namespace tupelo {

namespace {

constexpr std::string_view kBinaryNames[] = {"+", "-", "*", "/",  "MOD", "||",
                                             "&", "|", "#", "<<", ">>"};

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
  StepInterruption();
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
    case Kind::kLike: return BindPattern(ast::As<ast::LikeExpression>(expression), scope);
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
    case Kind::kUnique: return BindUnique(ast::As<ast::UniqueExpression>(expression), scope);
    case Kind::kOverlaps: return BindOverlaps(ast::As<ast::OverlapsExpression>(expression), scope);
    case Kind::kMatch: return BindMatch(ast::As<ast::MatchExpression>(expression), scope);
    case Kind::kIsNormalized:
      return BindIsNormalized(ast::As<ast::IsNormalizedExpression>(expression), scope);
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
    case ast::UnaryOperator::kBitNot: return Call("~", List(std::move(operand)), unary.position);
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

}  // namespace tupelo
