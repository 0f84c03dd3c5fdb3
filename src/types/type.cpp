// types/type.cpp: names of types, and the type that holds the values of two.
#include "types/type.h"

#include <algorithm>

#include "types/interval.h"

namespace tupelo {

namespace {

std::string_view TypeName(TypeId id) {
  static constexpr std::string_view kNames[] = {
#define TUPELO_NAME(id, name, physical, family) name,
      TUPELO_TYPES(TUPELO_NAME)
#undef TUPELO_NAME
  };
  return kNames[static_cast<size_t>(id)];
}

std::string InParentheses(int number) { return "(" + std::to_string(number) + ")"; }

std::string IntervalName(const Type& type) {
  static constexpr const char* kFields[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
  std::string name = std::string("INTERVAL ") + kFields[static_cast<int>(type.start_field())];
  bool ends_in_second = type.end_field() == IntervalField::kSecond;
  if (type.start_field() == type.end_field()) {
    if (!ends_in_second) return name + InParentheses(type.precision);
    return name + "(" + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ")";
  }
  name += InParentheses(type.precision) + " TO " + kFields[static_cast<int>(type.end_field())];
  return ends_in_second ? name + InParentheses(type.scale) : name;
}

bool CommonNumeric(const Type& left, const Type& right, Type* common) {
  if (left.is_approximate() || right.is_approximate()) {
    *common = left.id == TypeId::kReal && right.id == TypeId::kReal ? Type::Real() : Type::Double();
    return true;
  }
  if (left.is_integer() && right.is_integer()) {
    *common = Type{std::max(left.id, right.id)};
    return true;
  }
  int scale = std::max(left.decimal_scale(), right.decimal_scale());
  int integral = std::max(left.decimal_precision() - left.decimal_scale(),
                          right.decimal_precision() - right.decimal_scale());
  *common = Type::Decimal(std::min<int>(integral + scale, kMaxDecimalPrecision), scale);
  return true;
}

uint32_t LongerLength(const Type& left, const Type& right) {
  if (left.length == kUnlimitedLength || right.length == kUnlimitedLength) return kUnlimitedLength;
  return std::max(left.length, right.length);
}

}  // namespace

int Type::decimal_precision() const {
  switch (id) {
    case TypeId::kSmallInt: return 5;
    case TypeId::kInteger: return 10;
    case TypeId::kBigInt: return 19;
    default: return precision;
  }
}

std::string Type::ToString() const {
  std::string name(TypeName(id));
  switch (id) {
    case TypeId::kDecimal:
      return name + "(" + std::to_string(precision) + ", " + std::to_string(scale) + ")";
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kClob:
    case TypeId::kBlob:
      if (length == kUnlimitedLength) return name;
      return name + "(" + std::to_string(length) + ")";
    case TypeId::kTime:
    case TypeId::kTimestamp: return name + InParentheses(precision);
    case TypeId::kTimeTz: return "TIME" + InParentheses(precision) + " WITH TIME ZONE";
    case TypeId::kTimestampTz: return "TIMESTAMP" + InParentheses(precision) + " WITH TIME ZONE";
    case TypeId::kYearMonth:
    case TypeId::kDayTime: return IntervalName(*this);
    default: return name;
  }
}

bool Comparable(const Type& left, const Type& right) {
  TypeFamily a = left.family(), b = right.family();
  if (a == TypeFamily::kNull || b == TypeFamily::kNull || a == b) return true;
  return left.is_numeric() && right.is_numeric();
}

bool CommonType(const Type& left, const Type& right, Type* common) {
  if (left.id == TypeId::kNull || left == right) {
    *common = right;
    return true;
  }
  if (right.id == TypeId::kNull) {
    *common = left;
    return true;
  }
  if (left.is_numeric() && right.is_numeric()) return CommonNumeric(left, right, common);
  if (left.family() != right.family()) return false;
  switch (left.family()) {
    case TypeFamily::kCharacter:
    case TypeFamily::kBinary:
      *common = Type{std::max(left.id, right.id), 0, 0, 0, LongerLength(left, right)};
      return true;
    case TypeFamily::kTime:
    case TypeFamily::kTimestamp:  // the id with a time zone is the greater one
      *common = Type{std::max(left.id, right.id), std::max(left.precision, right.precision)};
      return true;
    case TypeFamily::kYearMonth:
    case TypeFamily::kDayTime: *common = WidestInterval(left, right); return true;
    default: *common = left; return true;
  }
}

}  // namespace tupelo
