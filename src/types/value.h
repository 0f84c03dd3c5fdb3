// types/value.h: one value of any SQL type, with its type: for constants, defaults and bounds.
#pragma once

#include <string>

#include "types/string_ref.h"
#include "types/type.h"

namespace tupelo {

class Vector;

// A value off the hot paths: it owns its string. Which member holds it follows from
// type.physical().
struct Value {
  Type type;
  bool is_null = true;
  union {
    int64_t integer = 0;  // kBool, kInt16, kInt32, kInt64
    int128_t wide;        // kInt128
    double real;          // kFloat, kDouble
    ZonedTime zoned;      // kZoned
  };
  std::string text;  // kString

  Value() {}
  static Value Null(const Type& type = Type::Null());
  static Value Boolean(bool value);
  // Integers, DECIMAL of at most 18 digits, datetimes without zone, intervals.
  static Value Integer(const Type& type, int64_t value);
  static Value Wide(const Type& type, int128_t value);  // DECIMAL of more than 18 digits
  static Value Double(double value);
  static Value Real(float value);
  static Value Zoned(const Type& type, ZonedTime value);
  static Value Text(const Type& type, std::string text);  // character types and BLOB

  // The unscaled number of an exact type, whatever its width. REQUIRES: type.is_exact(), not null.
  int128_t Unscaled() const { return type.physical() == PhysicalType::kInt128 ? wide : integer; }

  // Copies row `row` of `vector`.
  static Value FromVector(const Vector& vector, uint32_t row);
  // Writes this value to row `row` (strings into the vector's heap).
  void ToVector(Vector* vector, uint32_t row) const;

  // The text that CAST(... AS VARCHAR) gives; "NULL" for null. BLOB as x'..'.
  std::string ToString() const;
  // As a SQL literal that reads back as this very value and type: 'it''s', DATE '2024-01-31',
  // CAST(NULL AS ...).
  std::string ToLiteral() const;

  // Same type family and equal, or both null.
  friend bool operator==(const Value& a, const Value& b);
};

}  // namespace tupelo
