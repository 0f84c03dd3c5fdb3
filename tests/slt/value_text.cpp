// slt/value_text.cpp: text of values, independent of what CAST to text gives.
#include "slt/value_text.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "types/datetime.h"
#include "types/decimal.h"
#include "types/value.h"

namespace tupelo::slt {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

// The fewest digits that read back the same, without exponent from 1e-4 up to `limit`, as
// PostgreSQL.
template <typename Number>
std::string ApproximateText(Number number, int limit) {
  if (number != number) return "NaN";
  if (number - number != 0) return number > 0 ? "Infinity" : "-Infinity";
  char text[64];
  char* end = std::to_chars(text, text + sizeof text, number, std::chars_format::scientific).ptr;
  const std::string scientific(text, end);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  if (exponent < -4 || exponent >= limit) return scientific;
  char fixed[64];
  return {fixed, std::to_chars(fixed, fixed + sizeof fixed, number, std::chars_format::fixed).ptr};
}

// "10:00:00.250000+01:00" to "10:00:00.25+01:00".
std::string WithoutFinalZeros(std::string text) {
  const size_t point = text.find('.');
  if (point == std::string::npos) return text;
  size_t end = point + 1;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  size_t keep = end;
  while (text[keep - 1] == '0') --keep;
  if (keep == point + 1) keep = point;
  return text.erase(keep, end - keep);
}

std::string DatetimeText(const Value& value) {
  char text[kMaxDatetimeText];
  size_t size = 0;
  switch (value.type.id) {
    case TypeId::kDate: size = FormatDate(static_cast<int32_t>(value.integer), text); break;
    case TypeId::kTime: size = FormatTime(value.integer, kMaxFractionalDigits, text); break;
    case TypeId::kTimeTz: size = FormatZonedTime(value.zoned, kMaxFractionalDigits, text); break;
    case TypeId::kTimestamp:
      size = FormatTimestamp(value.integer, kMaxFractionalDigits, text);
      break;
    default: size = FormatZonedTimestamp(value.zoned, kMaxFractionalDigits, text); break;
  }
  return WithoutFinalZeros(std::string(text, size));
}

std::string IntervalText(const Value& value) {
  const std::string sign = value.integer < 0 ? "-" : "";
  const int64_t count = value.integer < 0 ? -value.integer : value.integer;
  if (value.type.id == TypeId::kYearMonth) {
    return sign + std::to_string(count / 12) + "-" + std::to_string(count % 12);
  }
  const int64_t seconds = count / kMicrosPerSecond;
  char text[64];
  std::snprintf(text, sizeof text, "%lld %02d:%02d:%02d.%06d",
                static_cast<long long>(seconds / 86400), static_cast<int>(seconds / 3600 % 24),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60),
                static_cast<int>(count % kMicrosPerSecond));
  return sign + WithoutFinalZeros(text);
}

std::string HexText(const std::string& bytes) {
  std::string text = "x'";
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text + "'";
}

// Unambiguous in a row: quoted where it could be taken for something else.
std::string CharacterText(const std::string& plain) {
  if (plain.empty()) return "(empty)";
  std::string text;
  for (const char c : plain) {
    switch (c) {
      case '\\': text += "\\\\"; break;
      case '\n': text += "\\n"; break;
      case '\r': text += "\\r"; break;
      case '\t': text += "\\t"; break;
      default: text += c;
    }
  }
  const auto needs_quotes = [](char c) { return c == ' ' || c == '\''; };
  if (needs_quotes(text.front()) || needs_quotes(text.back()) || text == "NULL" ||
      text == "(empty)" || text.find(" | ") != std::string::npos) {
    return "'" + text + "'";
  }
  return text;
}

double ApproximateValue(const Value& value) {
  if (value.type.is_approximate()) return value.real;
  if (value.type.is_exact()) {
    return std::strtod(DecimalToString(value.Unscaled(), value.type.decimal_scale()).c_str(),
                       nullptr);
  }
  if (value.type.is_character()) return std::strtod(value.text.c_str(), nullptr);
  return static_cast<double>(value.integer);
}

std::string CorpusInteger(const Value& value) {
  if (value.type.is_exact()) {
    const std::string text = DecimalToString(value.Unscaled(), value.type.decimal_scale());
    const std::string whole = text.substr(0, text.find('.'));
    return whole == "-0" ? "0" : whole;
  }
  return std::to_string(static_cast<long long>(ApproximateValue(value)));
}

std::string CorpusCharacters(const Value& value) {
  std::string text = value.type.is_character() ? value.text : CanonicalText(value);
  if (text.empty()) return "(empty)";
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '@';
  }
  return text;
}

}  // namespace

std::string CanonicalText(const Value& value) {
  if (value.is_null) return "NULL";
  switch (value.type.id) {
    case TypeId::kNull: return "NULL";
    case TypeId::kBoolean: return value.integer != 0 ? "true" : "false";
    case TypeId::kSmallInt:
    case TypeId::kInteger:
    case TypeId::kBigInt: return std::to_string(value.integer);
    case TypeId::kDecimal: return DecimalToString(value.Unscaled(), value.type.scale);
    case TypeId::kReal: return ApproximateText(static_cast<float>(value.real), 6);
    case TypeId::kDouble: return ApproximateText(value.real, 15);
    case TypeId::kBlob: return HexText(value.text);
    case TypeId::kYearMonth:
    case TypeId::kDayTime: return IntervalText(value);
    default: break;
  }
  return value.type.is_character() ? CharacterText(value.text) : DatetimeText(value);
}

std::string CorpusText(const Value& value, char letter) {
  if (value.is_null) return "NULL";
  if (letter == 'I') return CorpusInteger(value);
  if (letter == 'T') return CorpusCharacters(value);
  char text[400];
  const int size = std::snprintf(text, sizeof text, "%.3f", ApproximateValue(value));
  return {text, static_cast<size_t>(size)};
}

}  // namespace tupelo::slt
