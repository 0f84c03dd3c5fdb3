// plan/bind_type.cpp: types as written to types, with the standard's defaults (SQL:1999 part
// 2, 6.1).
#include "plan/binder.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowTypeError(const ast::TypeName& name, const std::string& message) {
  throw Error(ErrorCode::kInvalidParameterValue, message, name.position);
}

Type BindDecimal(const ast::TypeName& name) {
  int precision = name.precision < 0 ? kMaxInt64DecimalPrecision : name.precision;
  int scale = name.scale < 0 ? 0 : name.scale;
  if (precision < 1 || precision > kMaxDecimalPrecision) {
    ThrowTypeError(
        name, "the precision of DECIMAL must be between 1 and 38: " + std::to_string(precision));
  }
  if (scale > precision) {
    ThrowTypeError(name, "the scale of DECIMAL must be between 0 and its precision " +
                             std::to_string(precision) + ": " + std::to_string(scale));
  }
  return Type::Decimal(precision, scale);
}

uint32_t BindLength(const ast::TypeName& name, const char* type, uint32_t if_absent) {
  if (name.length < 0) return if_absent;
  if (name.length < 1 || name.length > kMaxCharacterLength) {
    ThrowTypeError(name, std::string("the length of ") + type + " must be between 1 and " +
                             std::to_string(kMaxCharacterLength) + ": " +
                             std::to_string(name.length));
  }
  return static_cast<uint32_t>(name.length);
}

int BindFraction(const ast::TypeName& name, const char* type, int if_absent) {
  if (name.precision < 0) return if_absent;
  if (name.precision > kMaxFractionalDigits) {
    ThrowTypeError(name, std::string("the precision of ") + type +
                             " must be between 0 and 6: " + std::to_string(name.precision));
  }
  return name.precision;
}

Type BindFloat(const ast::TypeName& name) {
  int bits = name.precision < 0 ? 53 : name.precision;
  if (bits < 1 || bits > 53) {
    ThrowTypeError(name,
                   "the precision of FLOAT must be between 1 and 53 bits: " + std::to_string(bits));
  }
  return bits <= 24 ? Type::Real() : Type::Double();
}

}  // namespace

Type Binder::BindIntervalType(const ast::IntervalQualifier& qualifier, Position position) {
  int leading = qualifier.leading_precision < 0 ? 2 : qualifier.leading_precision;
  int fraction = qualifier.fractional_precision < 0 ? 6 : qualifier.fractional_precision;
  if (leading < 1 || leading > 9) {
    throw Error(
        ErrorCode::kInvalidParameterValue,
        "the leading precision of INTERVAL must be between 1 and 9: " + std::to_string(leading),
        position);
  }
  if (fraction > kMaxFractionalDigits) {
    throw Error(
        ErrorCode::kInvalidParameterValue,
        "the fractional precision of INTERVAL must be between 0 and 6: " + std::to_string(fraction),
        position);
  }
  return Type::Interval(qualifier.start, qualifier.end, leading, fraction);
}

Type Binder::BindType(const ast::TypeName& name) {
  switch (name.kind) {
    case ast::TypeKind::kBoolean: return Type::Boolean();
    case ast::TypeKind::kSmallInt: return Type::SmallInt();
    case ast::TypeKind::kInteger: return Type::Integer();
    case ast::TypeKind::kBigInt: return Type::BigInt();
    case ast::TypeKind::kNumeric: return BindDecimal(name);
    case ast::TypeKind::kReal: return Type::Real();
    case ast::TypeKind::kDouble: return Type::Double();
    case ast::TypeKind::kFloat: return BindFloat(name);
    case ast::TypeKind::kChar: return Type::Char(BindLength(name, "CHARACTER", 1));
    case ast::TypeKind::kVarchar:
      return Type::Varchar(BindLength(name, "CHARACTER VARYING", kUnlimitedLength));
    case ast::TypeKind::kClob:
      return Type::Clob(BindLength(name, "CHARACTER LARGE OBJECT", kUnlimitedLength));
    case ast::TypeKind::kBlob:
      return Type::Blob(BindLength(name, "BINARY LARGE OBJECT", kUnlimitedLength));
    case ast::TypeKind::kDate: return Type::Date();
    case ast::TypeKind::kTime: {
      int fraction = BindFraction(name, "TIME", 0);
      return name.with_time_zone ? Type::TimeTz(fraction) : Type::Time(fraction);
    }
    case ast::TypeKind::kTimestamp: {
      int fraction = BindFraction(name, "TIMESTAMP", 6);
      return name.with_time_zone ? Type::TimestampTz(fraction) : Type::Timestamp(fraction);
    }
    case ast::TypeKind::kInterval: return BindIntervalType(name.interval, name.position);
  }
  throw Error(ErrorCode::kInternalError, "a type of an unknown kind", name.position);
}

}  // namespace tupelo
