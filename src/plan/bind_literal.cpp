// plan/bind_literal.cpp: literals and parameters (SQL:1999 part 2, 5.3).
#include <cstdlib>

#include "plan/binder.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/interval.h"
#include "types/number_text.h"

namespace tupelo {

namespace {

// Whole numbers are INTEGER or BIGINT where they fit, else DECIMAL with scale 0; with a point
// DECIMAL.
Value BindExact(const ast::LiteralExpression& literal) {
  DecimalNumber number;
  if (ParseDecimal(literal.text, &number) != NumberStatus::kOk) {
    throw Error(ErrorCode::kNumericOutOfRange,
                "an exact numeric literal may have at most 38 digits: " + std::string(literal.text),
                literal.position);
  }
  if (literal.text.find('.') == std::string_view::npos) {
    if (number.unscaled <= INT32_MAX) {
      return Value::Integer(Type::Integer(), static_cast<int64_t>(number.unscaled));
    }
    if (number.unscaled <= INT64_MAX) {
      return Value::Integer(Type::BigInt(), static_cast<int64_t>(number.unscaled));
    }
  }
  Type type = Type::Decimal(number.precision, number.scale);
  return type.physical() == PhysicalType::kInt128
             ? Value::Wide(type, number.unscaled)
             : Value::Integer(type, static_cast<int64_t>(number.unscaled));
}

Value BindApproximate(const ast::LiteralExpression& literal) {
  double number = 0;
  if (ParseDouble(literal.text, &number) != NumberStatus::kOk) {
    throw Error(ErrorCode::kNumericOutOfRange,
                "the number is outside the range of DOUBLE PRECISION: " + std::string(literal.text),
                literal.position);
  }
  return Value::Double(number);
}

Value BindTime(const ast::LiteralExpression& literal) {
  DatetimeText parsed = ParseTime(literal.text);
  if (parsed.has_zone) {
    return Value::Zoned(Type::TimeTz(parsed.fractional_digits),
                        MakeZonedTime(parsed.local_us, parsed.offset_minutes));
  }
  return Value::Integer(Type::Time(parsed.fractional_digits), parsed.local_us);
}

Value BindTimestamp(const ast::LiteralExpression& literal) {
  DatetimeText parsed = ParseTimestamp(literal.text);
  if (parsed.has_zone) {
    return Value::Zoned(Type::TimestampTz(parsed.fractional_digits),
                        MakeZonedTimestamp(parsed.local_us, parsed.offset_minutes));
  }
  return Value::Integer(Type::Timestamp(parsed.fractional_digits), parsed.local_us);
}

Value BindInterval(const ast::LiteralExpression& literal) {
  Type type = Binder::BindIntervalType(literal.interval, literal.position);
  int64_t value = ParseInterval(literal.text, type);
  return Value::Integer(type, literal.negative ? -value : value);
}

Value BindValue(const ast::LiteralExpression& literal) {
  switch (literal.literal) {
    case ast::LiteralKind::kExact: return BindExact(literal);
    case ast::LiteralKind::kApproximate: return BindApproximate(literal);
    case ast::LiteralKind::kCharacter:
    case ast::LiteralKind::kNational:
      return Value::Text(Type::Varchar(), std::string(literal.text));
    case ast::LiteralKind::kBinary: return Value::Text(Type::Blob(), std::string(literal.text));
    case ast::LiteralKind::kTrue: return Value::Boolean(true);
    case ast::LiteralKind::kFalse: return Value::Boolean(false);
    case ast::LiteralKind::kUnknown: return Value::Null(Type::Boolean());
    case ast::LiteralKind::kNull: return Value::Null();
    case ast::LiteralKind::kDate: return Value::Integer(Type::Date(), ParseDate(literal.text));
    case ast::LiteralKind::kTime: return BindTime(literal);
    case ast::LiteralKind::kTimestamp: return BindTimestamp(literal);
    case ast::LiteralKind::kInterval: return BindInterval(literal);
  }
  throw Error(ErrorCode::kInternalError, "a literal of an unknown kind", literal.position);
}

}  // namespace

// A character literal is VARCHAR here, where the standard says CHARACTER of its length: so trailing
// blanks count in comparisons with VARCHAR; with CHARACTER they don't, whatever the literal is.
ExpressionPtr Binder::BindLiteral(const ast::LiteralExpression& literal) {
  try {
    ExpressionPtr constant = MakeConstant(BindValue(literal), literal.position);
    constant->is_literal = true;
    return constant;
  } catch (Error& error) {
    error.AtPosition(literal.position);
    throw;
  }
}

ExpressionPtr Binder::BindParameter(const ast::ParameterExpression& parameter) {
  if (parameter.index >= parameter_types_.size()) {
    throw Error(
        ErrorCode::kUndefinedParameter,
        parameter.name.empty()
            ? "there is no value for parameter number " + std::to_string(parameter.index + 1)
            : "there is no value for parameter :" + std::string(parameter.name),
        parameter.position);
  }
  const Type& type = parameter_types_[parameter.index];
  if (type.id == TypeId::kNull) return MakeConstant(Value::Null(), parameter.position);
  auto bound = std::make_unique<BoundExpression>(BoundKind::kParameter, type, parameter.position);
  bound->parameter = parameter.index;
  ++parameter_uses_[parameter.index].count;
  return bound;
}

}  // namespace tupelo
