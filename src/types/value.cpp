// types/value.cpp: constants: from vectors and to them, as text and as literals.
#include "types/value.h"

#include <cassert>
#include <charconv>
#include <cmath>

#include "types/compare.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/utf8.h"
#include "types/vector.h"

namespace tupelo {

namespace {

std::string HexLiteral(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "x'";
  for (char c : bytes) {
    text += kHex[static_cast<unsigned char>(c) >> 4];
    text += kHex[static_cast<unsigned char>(c) & 15];
  }
  return text + "'";
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::string CastTo(const std::string& text, const Type& type) {
  return "CAST(" + text + " AS " + type.ToString() + ")";
}

// An approximate literal has an E.
template <typename Float>
std::string ScientificText(Float number) {
  char text[kMaxNumberText];
  char* end = std::to_chars(text, text + sizeof(text), number, std::chars_format::scientific).ptr;
  for (char* c = text; c != end; ++c) {
    if (*c == 'e') *c = 'E';
  }
  return std::string(text, end);
}

std::string IntegerText(int64_t number) {
  char text[kMaxNumberText];
  return std::string(text, FormatInteger(number, text));
}

Value OfType(const Type& type) {
  Value value;
  value.type = type;
  value.is_null = false;
  return value;
}

}  // namespace

Value Value::Null(const Type& type) {
  Value value;
  value.type = type;
  return value;
}
Value Value::Boolean(bool value) { return Integer(Type::Boolean(), value ? 1 : 0); }
Value Value::Integer(const Type& type, int64_t value) {
  assert(type.physical() <= PhysicalType::kInt64);
  Value result = OfType(type);
  result.integer = value;
  return result;
}
Value Value::Wide(const Type& type, int128_t value) {
  assert(type.physical() == PhysicalType::kInt128);
  Value result = OfType(type);
  result.wide = value;
  return result;
}
Value Value::Double(double value) {
  Value result = OfType(Type::Double());
  result.real = value;
  return result;
}
Value Value::Real(float value) {
  Value result = OfType(Type::Real());
  result.real = static_cast<double>(value);
  return result;
}
Value Value::Zoned(const Type& type, ZonedTime value) {
  assert(type.physical() == PhysicalType::kZoned);
  Value result = OfType(type);
  result.zoned = value;
  return result;
}
Value Value::Text(const Type& type, std::string text) {
  assert(type.physical() == PhysicalType::kString);
  Value result = OfType(type);
  result.text = std::move(text);
  return result;
}

Value Value::FromVector(const Vector& vector, uint32_t row) {
  if (!vector.IsValid(row)) return Null(vector.type());
  Value value = OfType(vector.type());
  switch (vector.physical()) {
    case PhysicalType::kBool: value.integer = vector.At<uint8_t>(row); break;
    case PhysicalType::kInt16: value.integer = vector.At<int16_t>(row); break;
    case PhysicalType::kInt32: value.integer = vector.At<int32_t>(row); break;
    case PhysicalType::kInt64: value.integer = vector.At<int64_t>(row); break;
    case PhysicalType::kInt128: value.wide = vector.At<int128_t>(row); break;
    case PhysicalType::kFloat: value.real = static_cast<double>(vector.At<float>(row)); break;
    case PhysicalType::kDouble: value.real = vector.At<double>(row); break;
    case PhysicalType::kString: value.text = vector.At<StringRef>(row).str(); break;
    case PhysicalType::kZoned: value.zoned = vector.At<ZonedTime>(row); break;
  }
  return value;
}

void Value::ToVector(Vector* vector, uint32_t row) const {
  assert(is_null || vector->physical() == type.physical());
  if (is_null) {
    if (vector->physical() == PhysicalType::kString) vector->MutableData<StringRef>()[row] = {};
    vector->SetNull(row);
    return;
  }
  vector->SetValid(row);
  switch (vector->physical()) {
    case PhysicalType::kBool: vector->MutableData<uint8_t>()[row] = integer != 0; break;
    case PhysicalType::kInt16:
      vector->MutableData<int16_t>()[row] = static_cast<int16_t>(integer);
      break;
    case PhysicalType::kInt32:
      vector->MutableData<int32_t>()[row] = static_cast<int32_t>(integer);
      break;
    case PhysicalType::kInt64: vector->MutableData<int64_t>()[row] = integer; break;
    case PhysicalType::kInt128: vector->MutableData<int128_t>()[row] = wide; break;
    case PhysicalType::kFloat: vector->MutableData<float>()[row] = static_cast<float>(real); break;
    case PhysicalType::kDouble: vector->MutableData<double>()[row] = real; break;
    case PhysicalType::kString:
      vector->MutableData<StringRef>()[row] = vector->CopyToHeap(text);
      break;
    case PhysicalType::kZoned: vector->MutableData<ZonedTime>()[row] = zoned; break;
  }
}

std::string Value::ToString() const {
  if (is_null) return "NULL";
  char buffer[kMaxNumberText];
  switch (type.id) {
    case TypeId::kNull: return "NULL";
    case TypeId::kBoolean: return integer != 0 ? "TRUE" : "FALSE";
    case TypeId::kSmallInt:
    case TypeId::kInteger:
    case TypeId::kBigInt: return IntegerText(integer);
    case TypeId::kDecimal: return DecimalToString(Unscaled(), type.scale);
    case TypeId::kReal: return std::string(buffer, FormatReal(static_cast<float>(real), buffer));
    case TypeId::kDouble: return std::string(buffer, FormatDouble(real, buffer));
    case TypeId::kChar:
    case TypeId::kVarchar:
    case TypeId::kClob: return text;
    case TypeId::kBlob: return HexLiteral(text);
    case TypeId::kTimeTz:
    case TypeId::kTimestampTz: return FormatDatetime(type, 0, zoned);
    default: return FormatDatetime(type, integer, {});
  }
}

std::string Value::ToLiteral() const {
  if (is_null) return type.id == TypeId::kNull ? "NULL" : CastTo("NULL", type);
  switch (type.id) {
    case TypeId::kNull: return "NULL";
    case TypeId::kBoolean: return ToString();
    case TypeId::kInteger:
      // The sign is no part of a literal, and 2147483648 is no INTEGER.
      return integer == INT32_MIN ? CastTo(ToString(), type) : ToString();
    case TypeId::kSmallInt:
    case TypeId::kBigInt:
    case TypeId::kDecimal: return CastTo(ToString(), type);
    case TypeId::kReal:
      return std::isfinite(real) ? CastTo(ScientificText(static_cast<float>(real)), type)
                                 : CastTo(Quoted(ToString()), type);
    case TypeId::kDouble:
      return std::isfinite(real) ? ScientificText(real) : CastTo(Quoted(ToString()), type);
    case TypeId::kChar:
      if (type.length > 0 && CountCharacters(text) == type.length) return Quoted(text);
      return CastTo(Quoted(text), type);
    case TypeId::kVarchar:
    case TypeId::kClob: return CastTo(Quoted(text), type);
    case TypeId::kBlob: return CastTo(ToString(), type);
    case TypeId::kDate: return "DATE " + Quoted(ToString());
    case TypeId::kTime:
    case TypeId::kTimeTz: return "TIME " + Quoted(ToString());
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return "TIMESTAMP " + Quoted(ToString());
    case TypeId::kYearMonth:
    case TypeId::kDayTime: {
      constexpr size_t kKeyword = sizeof("INTERVAL ") - 1;
      return "INTERVAL " + Quoted(ToString()) + " " + type.ToString().substr(kKeyword);
    }
  }
  return ToString();
}

bool operator==(const Value& a, const Value& b) {
  if (a.type.family() != b.type.family()) return false;
  if (a.is_null || b.is_null) return a.is_null && b.is_null;
  switch (a.type.family()) {
    case TypeFamily::kExact:
      return CompareDecimals(a.Unscaled(), a.type.decimal_scale(), b.Unscaled(),
                             b.type.decimal_scale()) == 0;
    case TypeFamily::kApproximate: return CompareNumbers(a.real, b.real) == 0;
    case TypeFamily::kCharacter:
      if (a.type.id == TypeId::kChar || b.type.id == TypeId::kChar) {
        return StripTrailingBlanks(a.text) == StripTrailingBlanks(b.text);
      }
      return a.text == b.text;
    case TypeFamily::kBinary: return a.text == b.text;
    default:
      if (a.type.has_time_zone() != b.type.has_time_zone()) return false;
      return a.type.has_time_zone() ? a.zoned == b.zoned : a.integer == b.integer;
  }
}

}  // namespace tupelo
