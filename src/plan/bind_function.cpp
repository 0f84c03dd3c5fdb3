// plan/bind_function.cpp: function calls, EXTRACT, TRIM, the CURRENT_ values.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

ExpressionPtr Binder::BindExtract(const ast::ExtractExpression& extract, Scope* scope) {
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(BindExpression(*extract.source, scope));
  std::string name("EXTRACT_");
  name += ast::kExtractFieldNames[static_cast<size_t>(extract.field)];
  return Call(name, std::move(arguments), extract.position);
}

ExpressionPtr Binder::BindTrim(const ast::TrimExpression& trim, Scope* scope) {
  static constexpr std::string_view kNames[] = {"TRIM_BOTH", "TRIM_LEADING", "TRIM_TRAILING"};
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(BindExpression(*trim.source, scope));
  if (trim.characters != nullptr) {
    arguments.push_back(BindExpression(*trim.characters, scope));
  } else if (arguments[0]->type.id == TypeId::kBlob) {
    arguments.push_back(
        MakeConstant(Value::Text(Type::Blob(), std::string(1, '\0')), trim.position));
  } else {
    arguments.push_back(MakeConstant(Value::Text(Type::Varchar(), " "), trim.position));
  }
  return Call(kNames[static_cast<size_t>(trim.side)], std::move(arguments), trim.position);
}

ExpressionPtr Binder::BindSpecialValue(const ast::SpecialValueExpression& special) {
  static constexpr std::string_view kNames[] = {
      "CURRENT_DATE",   "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
      "LOCALTIMESTAMP", "CURRENT_USER", "SESSION_USER",      "SYSTEM_USER"};
  ExpressionPtr value = Call(kNames[static_cast<size_t>(special.value)], {}, special.position);
  bool is_time = special.value == ast::SpecialValue::kCurrentTime ||
                 special.value == ast::SpecialValue::kLocalTime;
  bool is_timestamp = special.value == ast::SpecialValue::kCurrentTimestamp ||
                      special.value == ast::SpecialValue::kLocalTimestamp;
  if (!is_time && !is_timestamp) return value;
  int precision = special.precision < 0 ? (is_time ? 0 : 6) : special.precision;
  if (precision > kMaxFractionalDigits) {
    throw Error(ErrorCode::kInvalidParameterValue,
                "the precision must be between 0 and 6: " + std::to_string(precision),
                special.position);
  }
  Type type = value->type;
  type.precision = static_cast<uint8_t>(precision);
  return Convert(std::move(value), type, CastKind::kExplicit);
}

ExpressionPtr Binder::BindAtTimeZone(const ast::AtTimeZoneExpression& expression, Scope* scope) {
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(BindExpression(*expression.value, scope));
  if (expression.zone != nullptr) {
    arguments.push_back(BindExpression(*expression.zone, scope));
  }
  return Call(expression.zone == nullptr ? "AT_LOCAL" : "AT_TIME_ZONE", std::move(arguments),
              expression.position);
}

// (a - b) DAY TO SECOND, of datetimes: their difference as an interval of that type (SQL:1999 part
// 2, 6.29).
ExpressionPtr Binder::BindIntervalDifference(const ast::IntervalDifferenceExpression& expression,
                                             Scope* scope) {
  const ast::ChainExpression& chain = *expression.difference;
  const ast::ChainLink& last = chain.links[chain.links.size() - 1];
  Type type = BindIntervalType(expression.qualifier, expression.position);
  std::vector<ExpressionPtr> operands;
  operands.push_back(BindChainLinks(chain, chain.links.size() - 1, scope));
  operands.push_back(BindExpression(*last.operand, scope));
  if (operands[0]->type.is_datetime()) AdaptToPeer(&operands[1], operands[0]->type);
  if (operands[1]->type.is_datetime()) AdaptToPeer(&operands[0], operands[1]->type);
  for (const ExpressionPtr& operand : operands) {
    if (operand->type.is_datetime() || operand->type.id == TypeId::kNull) continue;
    throw Error(
        ErrorCode::kDatatypeMismatch,
        "an interval qualifier stands only behind the difference of two datetimes, not of " +
            operand->type.ToString() + "; a column name needs AS here",
        operand->position);
  }
  bool months = type.id == TypeId::kYearMonth;
  ExpressionPtr difference =
      Call(months ? "SUBTRACT_YEAR_MONTH" : "-", std::move(operands), last.position);
  if (difference->type.id == TypeId::kNull || !difference->type.is_interval()) {
    return MakeConstant(Value::Null(type), expression.position);  // NULL - NULL
  }
  difference->position = expression.position;
  return Convert(std::move(difference), type, CastKind::kExplicit);
}

// IFNULL(a, b) is COALESCE(a, b); IIF(c, a, b) is CASE WHEN c THEN a ELSE b END.
ExpressionPtr Binder::BindChoice(const ast::FunctionCall& call, const std::string& name,
                                 Scope* scope) {
  bool is_if = name == "IIF";
  size_t count = call.arguments.size();
  if (call.star || call.filter != nullptr || call.quantifier != ast::SetQuantifier::kNone ||
      !(count == 2 || (is_if && count == 3))) {
    throw Error(ErrorCode::kUndefinedFunction,
                name + (is_if ? " takes a condition and one or two values" : " takes two values") +
                    "; it was given " + std::to_string(count) + " arguments",
                call.position);
  }
  if (!is_if) return BindCoalesceOf(call.arguments, call.position, scope);
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(BindCondition(*call.arguments[0], scope, "IIF"));
  for (size_t i = 1; i < count; ++i) {
    arguments.push_back(BindExpression(*call.arguments[i], scope));
  }
  return FinishCase(std::move(arguments), call.position);
}

ExpressionPtr Binder::BindFunctionCall(const ast::FunctionCall& call, Scope* scope) {
  if (call.name.parts.size() > 1) {
    throw Error(ErrorCode::kUndefinedFunction, "function not found: " + ToText(call.name),
                call.position);
  }
  std::string name = FoldUpper(call.name.last().text);
  if (call.clauses == nullptr && (name == "IFNULL" || name == "NVL" || name == "IIF")) {
    return BindChoice(call, name, scope);
  }
  bool has_window = call.clauses != nullptr && call.clauses->over != nullptr;
  if (AggregateExists(name)) {
    return has_window ? BindWindowCall(call, name, scope) : BindAggregateCall(call, name, scope);
  }
  if (name == "GROUPING") return BindGrouping(call, scope);
  if (IsWindowFunction(name)) return BindWindowCall(call, name, scope);
  if (call.clauses != nullptr) {
    throw Error(FunctionExists(name) && !call.clauses->within_group ? ErrorCode::kWrongObjectType
                                                                    : ErrorCode::kUndefinedFunction,
                FunctionExists(name)
                    ? std::string(has_window ? "OVER" : "ORDER BY, WITHIN GROUP or IGNORE NULLS") +
                          " is allowed only with aggregates and window functions, and " + name +
                          " is neither"
                    : "function not found: " + std::string(call.name.last().text),
                call.position);
  }
  if (call.filter != nullptr || call.star || call.quantifier != ast::SetQuantifier::kNone) {
    std::string what = call.filter != nullptr ? "FILTER" : call.star ? "*" : "DISTINCT or ALL";
    if (FunctionExists(name)) {
      throw Error(ErrorCode::kSyntaxError,
                  what + " is allowed in aggregate functions only, and " + name + " is none",
                  call.position);
    }
  }
  if (!FunctionExists(name)) {
    if (ExpressionPtr value = BindSequenceCall(call, name, scope)) return value;
    throw Error(ErrorCode::kUndefinedFunction,
                "function not found: " + std::string(call.name.last().text), call.position);
  }
  std::vector<ExpressionPtr> arguments;
  for (const ast::Expression* argument : call.arguments) {
    arguments.push_back(BindExpression(*argument, scope));
  }
  if (name == "CONCAT" || name == "CONCAT_WS") {  // values of any type, as the text of CAST
    for (size_t i = name == "CONCAT" ? 0 : 1; i < arguments.size(); ++i) {
      const Type& type = arguments[i]->type;
      if (type.is_character() || type.id == TypeId::kBlob || type.id == TypeId::kNull) continue;
      arguments[i] = Convert(std::move(arguments[i]), Type::Varchar(), CastKind::kExplicit);
    }
  }
  return Call(name, std::move(arguments), call.position);
}

}  // namespace tupelo
