// engine/dump_type.cpp: types in a spelling that PostgreSQL has too, where there is one.
#include "engine/dump.h"

namespace tupelo {

namespace {

constexpr int kLeadingDigits = 2, kFractionalDigits = 6;  // when they are left out

// PostgreSQL has no precision of the first field: it is written only where it is not the usual one.
std::string IntervalText(const Type& type) {
  static constexpr const char* kFields[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
  std::string text = std::string("INTERVAL ") + kFields[static_cast<int>(type.start_field())];
  bool fraction = type.end_field() == IntervalField::kSecond && type.scale != kFractionalDigits;
  bool one = type.start_field() == type.end_field();
  if (type.precision != kLeadingDigits || (one && fraction)) {
    text += "(" + std::to_string(type.precision);
    if (one && fraction) text += ", " + std::to_string(type.scale);
    text += ")";
  }
  if (one) return text;
  text += std::string(" TO ") + kFields[static_cast<int>(type.end_field())];
  return fraction ? text + "(" + std::to_string(type.scale) + ")" : text;
}

}  // namespace

std::string DumpType(const Type& type) {
  bool is_unlimited = type.length == kUnlimitedLength;
  std::string length = is_unlimited ? "" : "(" + std::to_string(type.length) + ")";
  switch (type.id) {
    case TypeId::kVarchar: return "VARCHAR" + length;
    case TypeId::kClob: return is_unlimited ? "TEXT" : "CLOB" + length;
    case TypeId::kBlob: return is_unlimited ? "BYTEA" : "BLOB" + length;
    case TypeId::kYearMonth:
    case TypeId::kDayTime: return IntervalText(type);
    default: return type.ToString();
  }
}

}  // namespace tupelo
