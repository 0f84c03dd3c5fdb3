// plan/bind_function.cpp: function calls, aggregates, EXTRACT, TRIM, the CURRENT_ values.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

ExpressionPtr Binder::BindExtract(const ast::ExtractExpression& extract, Scope* scope) {
  static constexpr std::string_view kNames[] = {
      "EXTRACT_YEAR",   "EXTRACT_MONTH",  "EXTRACT_DAY",           "EXTRACT_HOUR",
      "EXTRACT_MINUTE", "EXTRACT_SECOND", "EXTRACT_TIMEZONE_HOUR", "EXTRACT_TIMEZONE_MINUTE"};
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(BindExpression(*extract.source, scope));
  return Call(kNames[static_cast<size_t>(extract.field)], std::move(arguments), extract.position);
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
    AdaptToPeer(&arguments.back(), Type::Interval(IntervalField::kHour, IntervalField::kMinute));
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

ExpressionPtr Binder::BindFunctionCall(const ast::FunctionCall& call, Scope* scope) {
  if (call.name.parts.size() > 1) {
    throw Error(ErrorCode::kUndefinedFunction, "function not found: " + ToText(call.name),
                call.position);
  }
  std::string name = FoldUpper(call.name.last().text);
  if (AggregateExists(name)) return BindAggregateCall(call, name, scope);
  if (call.filter != nullptr || call.star || call.quantifier != ast::SetQuantifier::kNone) {
    std::string what = call.filter != nullptr ? "FILTER" : call.star ? "*" : "DISTINCT or ALL";
    if (FunctionExists(name)) {
      throw Error(ErrorCode::kSyntaxError,
                  what + " is allowed in aggregate functions only, and " + name + " is none",
                  call.position);
    }
  }
  if (!FunctionExists(name)) {
    if (ExpressionPtr value = BindSequenceCall(call, name)) return value;
    throw Error(ErrorCode::kUndefinedFunction,
                "function not found: " + std::string(call.name.last().text), call.position);
  }
  std::vector<ExpressionPtr> arguments;
  for (const ast::Expression* argument : call.arguments) {
    arguments.push_back(BindExpression(*argument, scope));
  }
  return Call(name, std::move(arguments), call.position);
}

// SQL:1999 part 2, 6.16: an aggregate belongs to the innermost query whose columns its argument
// reads.
AggregateLevel* Binder::LevelOfAggregate(const BoundExpression* argument, Scope* scope,
                                         Position position) {
  std::vector<ColumnId> columns;
  if (argument != nullptr) CollectColumns(*argument, &columns);
  for (Scope* level = scope; level != nullptr; level = level->parent) {
    bool owns = columns.empty();
    for (const ScopeColumn& column : level->columns) {
      owns |= std::find(columns.begin(), columns.end(), column.id) != columns.end();
    }
    if (!owns) continue;
    if (level->aggregates == nullptr) {
      throw Error(ErrorCode::kGroupingError,
                  std::string("aggregate functions are not allowed ") + level->no_aggregates,
                  position);
    }
    if (level->aggregates->inside_aggregate) {
      throw Error(ErrorCode::kGroupingError, "aggregate functions can not be nested", position);
    }
    return level->aggregates;
  }
  throw Error(ErrorCode::kGroupingError, "aggregate functions are not allowed here", position);
}

ExpressionPtr Binder::BindAggregateCall(const ast::FunctionCall& call, const std::string& name,
                                        Scope* scope) {
  if (call.star && name != "COUNT") {
    throw Error(ErrorCode::kSyntaxError, name + "(*) is not allowed: only COUNT takes *",
                call.position);
  }
  if (!call.star && call.arguments.size() != 1) {
    throw Error(ErrorCode::kUndefinedFunction,
                name + " takes one argument, not " + std::to_string(call.arguments.size()),
                call.position);
  }
  ExpressionPtr argument, filter;
  AggregateLevel* enclosing = scope->aggregates;
  bool was_inside = enclosing != nullptr && enclosing->inside_aggregate;
  if (enclosing != nullptr) enclosing->inside_aggregate = true;
  try {
    if (!call.star) argument = BindExpression(*call.arguments[0], scope);
    if (call.filter != nullptr) filter = BindCondition(*call.filter, scope, "FILTER");
  } catch (...) {
    if (enclosing != nullptr) enclosing->inside_aggregate = was_inside;
    throw;
  }
  if (enclosing != nullptr) enclosing->inside_aggregate = was_inside;
  AggregateLevel* level = LevelOfAggregate(argument.get(), scope, call.position);
  AggregateColumn column;
  try {
    column.function = ResolveAggregate(name, argument == nullptr ? nullptr : &argument->type);
  } catch (Error& error) {
    error.AtPosition(call.position);
    throw;
  }
  if (argument != nullptr) {
    argument = Convert(std::move(argument), column.function.argument_type, CastKind::kImplicit);
  }
  column.argument = std::move(argument);
  column.filter = std::move(filter);
  column.distinct = call.quantifier == ast::SetQuantifier::kDistinct;
  for (const AggregateColumn& known :
       level->aggregates) {  // the same aggregate twice is computed once
    bool same_argument =
        known.argument == nullptr
            ? column.argument == nullptr
            : column.argument != nullptr && SameExpression(*known.argument, *column.argument);
    if (same_argument && known.filter == nullptr && column.filter == nullptr &&
        known.distinct == column.distinct && known.function.name == column.function.name) {
      return MakeColumn(known.id, known.function.result, call.position);
    }
  }
  column.id = NextColumn();
  Type type = column.function.result;
  ColumnId id = column.id;
  level->aggregates.push_back(std::move(column));
  return MakeColumn(id, type, call.position);
}

}  // namespace tupelo
