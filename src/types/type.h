// types/type.h: SQL types, one row each, and what is stored for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tupelo {

// How a value lies in a vector or a block.
enum class PhysicalType : uint8_t {
  kBool,    // uint8_t, 0 or 1
  kInt16,   // int16_t
  kInt32,   // int32_t
  kInt64,   // int64_t
  kInt128,  // __int128
  kFloat,   // float
  kDouble,  // double
  kString,  // StringRef (types/string_ref.h), 16 bytes
  kZoned,   // ZonedTime, 16 bytes
};

// Types that can be compared with each other form a family.
enum class TypeFamily : uint8_t {
  kNull,  // the untyped NULL: fits every family
  kBoolean,
  kExact,        // SMALLINT .. DECIMAL
  kApproximate,  // REAL, DOUBLE PRECISION (comparable with kExact)
  kCharacter,
  kBinary,
  kDate,
  kTime,
  kTimestamp,
  kYearMonth,
  kDayTime,
};

// id, SQL name, physical type (of DECIMAL: up to 18 digits), family.
#define TUPELO_TYPES(X)                                           \
  X(kNull, "NULL", kBool, kNull)                                  \
  X(kBoolean, "BOOLEAN", kBool, kBoolean)                         \
  X(kSmallInt, "SMALLINT", kInt16, kExact)                        \
  X(kInteger, "INTEGER", kInt32, kExact)                          \
  X(kBigInt, "BIGINT", kInt64, kExact)                            \
  X(kDecimal, "DECIMAL", kInt64, kExact)                          \
  X(kReal, "REAL", kFloat, kApproximate)                          \
  X(kDouble, "DOUBLE PRECISION", kDouble, kApproximate)           \
  X(kChar, "CHARACTER", kString, kCharacter)                      \
  X(kVarchar, "CHARACTER VARYING", kString, kCharacter)           \
  X(kClob, "CHARACTER LARGE OBJECT", kString, kCharacter)         \
  X(kBlob, "BINARY LARGE OBJECT", kString, kBinary)               \
  X(kDate, "DATE", kInt32, kDate)                                 \
  X(kTime, "TIME", kInt64, kTime)                                 \
  X(kTimeTz, "TIME WITH TIME ZONE", kZoned, kTime)                \
  X(kTimestamp, "TIMESTAMP", kInt64, kTimestamp)                  \
  X(kTimestampTz, "TIMESTAMP WITH TIME ZONE", kZoned, kTimestamp) \
  X(kYearMonth, "INTERVAL YEAR TO MONTH", kInt32, kYearMonth)     \
  X(kDayTime, "INTERVAL DAY TO SECOND", kInt64, kDayTime)

enum class TypeId : uint8_t {
#define TUPELO_ENUM(id, name, physical, family) id,
  TUPELO_TYPES(TUPELO_ENUM)
#undef TUPELO_ENUM
};

enum class IntervalField : uint8_t { kYear, kMonth, kDay, kHour, kMinute, kSecond };

inline constexpr uint8_t kMaxDecimalPrecision = 38;
inline constexpr uint8_t kMaxInt64DecimalPrecision = 18;  // more digits are stored as int128
inline constexpr uint8_t kMaxFractionalDigits = 6;        // datetimes count microseconds
inline constexpr uint32_t kUnlimitedLength = 0;
inline constexpr uint32_t kMaxCharacterLength = 1u << 30;

// Units: DATE is days since 1970-01-01 (proleptic Gregorian, years 1 to 9999); TIME microseconds
// since midnight; TIMESTAMP microseconds since 1970-01-01 00:00:00; INTERVAL months or
// microseconds.
struct Type {
  TypeId id = TypeId::kNull;
  uint8_t precision = 0;  // digits: of DECIMAL, of a fraction of seconds, of the INTERVAL's first
  uint8_t scale = 0;      // DECIMAL: digits after the point. INTERVAL: fractional digits of SECOND
  uint8_t fields = 0;     // INTERVAL: start field << 4 | end field
  uint32_t length = 0;  // CHAR, VARCHAR, CLOB: characters, BLOB: octets; kUnlimitedLength: no limit

  friend bool operator==(const Type&, const Type&) = default;

  static Type Null() { return {}; }
  static Type Boolean() { return {TypeId::kBoolean}; }
  static Type SmallInt() { return {TypeId::kSmallInt}; }
  static Type Integer() { return {TypeId::kInteger}; }
  static Type BigInt() { return {TypeId::kBigInt}; }
  static Type Decimal(int precision, int scale) {
    return {TypeId::kDecimal, static_cast<uint8_t>(precision), static_cast<uint8_t>(scale)};
  }
  static Type Real() { return {TypeId::kReal}; }
  static Type Double() { return {TypeId::kDouble}; }
  static Type Char(uint32_t length) { return {TypeId::kChar, 0, 0, 0, length}; }
  static Type Varchar(uint32_t length = kUnlimitedLength) {
    return {TypeId::kVarchar, 0, 0, 0, length};
  }
  static Type Clob(uint32_t length = kUnlimitedLength) { return {TypeId::kClob, 0, 0, 0, length}; }
  static Type Blob(uint32_t length = kUnlimitedLength) { return {TypeId::kBlob, 0, 0, 0, length}; }
  static Type Date() { return {TypeId::kDate}; }
  static Type Time(int precision = 0) { return {TypeId::kTime, static_cast<uint8_t>(precision)}; }
  static Type TimeTz(int precision = 0) {
    return {TypeId::kTimeTz, static_cast<uint8_t>(precision)};
  }
  static Type Timestamp(int precision = 6) {
    return {TypeId::kTimestamp, static_cast<uint8_t>(precision)};
  }
  static Type TimestampTz(int precision = 6) {
    return {TypeId::kTimestampTz, static_cast<uint8_t>(precision)};
  }
  static Type Interval(IntervalField start, IntervalField end, int leading_precision = 2,
                       int fractional_digits = 6) {
    Type type;
    type.id = end <= IntervalField::kMonth ? TypeId::kYearMonth : TypeId::kDayTime;
    type.precision = static_cast<uint8_t>(leading_precision);
    type.scale = static_cast<uint8_t>(end == IntervalField::kSecond ? fractional_digits : 0);
    type.fields = static_cast<uint8_t>(static_cast<int>(start) << 4 | static_cast<int>(end));
    return type;
  }

  IntervalField start_field() const { return static_cast<IntervalField>(fields >> 4); }
  IntervalField end_field() const { return static_cast<IntervalField>(fields & 15); }

  PhysicalType physical() const {
    constexpr PhysicalType kPhysical[] = {
#define TUPELO_PHYSICAL(id, name, physical, family) PhysicalType::physical,
        TUPELO_TYPES(TUPELO_PHYSICAL)
#undef TUPELO_PHYSICAL
    };
    if (id == TypeId::kDecimal && precision > kMaxInt64DecimalPrecision) {
      return PhysicalType::kInt128;
    }
    return kPhysical[static_cast<size_t>(id)];
  }
  TypeFamily family() const {
    constexpr TypeFamily kFamilies[] = {
#define TUPELO_FAMILY(id, name, physical, family) TypeFamily::family,
        TUPELO_TYPES(TUPELO_FAMILY)
#undef TUPELO_FAMILY
    };
    return kFamilies[static_cast<size_t>(id)];
  }
  bool is_integer() const { return id >= TypeId::kSmallInt && id <= TypeId::kBigInt; }
  bool is_exact() const { return id >= TypeId::kSmallInt && id <= TypeId::kDecimal; }
  bool is_approximate() const { return id == TypeId::kReal || id == TypeId::kDouble; }
  bool is_numeric() const { return id >= TypeId::kSmallInt && id <= TypeId::kDouble; }
  bool is_character() const { return id >= TypeId::kChar && id <= TypeId::kClob; }
  bool is_datetime() const { return id >= TypeId::kDate && id <= TypeId::kTimestampTz; }
  bool is_interval() const { return id == TypeId::kYearMonth || id == TypeId::kDayTime; }
  bool has_time_zone() const { return id == TypeId::kTimeTz || id == TypeId::kTimestampTz; }

  // Decimal digits that hold every value of an exact type: SMALLINT 5, INTEGER 10, BIGINT 19.
  int decimal_precision() const;
  int decimal_scale() const { return id == TypeId::kDecimal ? scale : 0; }

  // As SQL writes it: "DECIMAL(10, 2)", "CHARACTER VARYING(20)", "INTERVAL DAY(2) TO SECOND(6)".
  std::string ToString() const;
};

// Bytes of one value in a typed array.
inline constexpr size_t WidthBytes(PhysicalType physical) {
  constexpr uint8_t kWidths[] = {1, 2, 4, 8, 16, 4, 8, 16, 16};
  return kWidths[static_cast<size_t>(physical)];
}

// Whether values of the two types may be compared (SQL:1999 part 2, 9.4 and 8.2).
bool Comparable(const Type& left, const Type& right);

// The type that holds both operands of UNION, CASE, COALESCE, comparison (9.3 "Data types of
// results of aggregations"). False when there is none. The untyped NULL yields the other side.
// Mixed exact types give the type with the larger scale and enough integral digits (at most 38 in
// all); an approximate one gives DOUBLE PRECISION.
bool CommonType(const Type& left, const Type& right, Type* common);

}  // namespace tupelo
