// types/number_text.cpp: a literal is taken apart once; each target puts it together in its own
// way.
#include "types/number_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <fast_float/fast_float.h>
#include <limits>

#include "types/utf8.h"

namespace tupelo {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// [sign] whole [. fraction] [E exponent]
struct NumberLiteral {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int exponent = 0;
  std::string_view unsigned_text;  // all of it but the sign
};

bool TakeApart(std::string_view text, NumberLiteral* literal) {
  constexpr int kHugeExponent = 1'000'000'000;
  text = StripBlanks(text);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    literal->negative = text[0] == '-';
    text.remove_prefix(1);
  }
  literal->unsigned_text = text;
  size_t at = 0;
  auto digits = [&] {
    size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return text.substr(start, at - start);
  };
  literal->whole = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    literal->fraction = digits();
  }
  if (literal->whole.empty() && literal->fraction.empty()) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    std::string_view exponent = digits();
    if (exponent.empty()) return false;
    int value = 0;
    for (char c : exponent) {
      if (value < kHugeExponent / 10) value = value * 10 + (c - '0');
    }
    literal->exponent = negative ? -value : value;
  }
  return at == text.size();
}

// The digits of the literal times 10^(exponent + scale), rounded half up.
NumberStatus PutTogether(const NumberLiteral& literal, int precision, int scale,
                         int128_t* unscaled) {
  int64_t whole_digits = static_cast<int64_t>(literal.whole.size());
  int64_t all_digits = whole_digits + static_cast<int64_t>(literal.fraction.size());
  int64_t wanted = whole_digits + literal.exponent + scale;  // digits before the new point
  auto digit = [&](int64_t i) -> unsigned {
    if (i < 0 || i >= all_digits) return 0;
    char c = i < whole_digits ? literal.whole[static_cast<size_t>(i)]
                              : literal.fraction[static_cast<size_t>(i - whole_digits)];
    return static_cast<unsigned>(c - '0');
  };
  int64_t first = 0;
  while (first < all_digits && digit(first) == 0) ++first;
  int128_t value = 0;
  if (first < all_digits) {
    if (wanted - first > kMaxDecimalPrecision) return NumberStatus::kOutOfRange;
    for (int64_t i = first; i < wanted; ++i) value = value * 10 + static_cast<int>(digit(i));
    if (wanted >= 0 && digit(wanted) >= 5) ++value;
  }
  if (!FitsPrecision(value, precision)) return NumberStatus::kOutOfRange;
  *unscaled = literal.negative ? -value : value;
  return NumberStatus::kOk;
}

template <typename Float>
size_t FormatFloat(Float number, char* out) {
  if (std::isnan(number)) {
    std::memcpy(out, "NaN", 3);
    return 3;
  }
  if (std::isinf(number)) {
    std::string_view text = number < 0 ? "-Infinity" : "Infinity";
    std::memcpy(out, text.data(), text.size());
    return text.size();
  }
  return static_cast<size_t>(std::to_chars(out, out + kMaxNumberText, number).ptr - out);
}

template <typename Float>
NumberStatus ParseFloat(std::string_view text, Float* number) {
  NumberLiteral literal;
  if (!TakeApart(text, &literal)) return NumberStatus::kInvalid;
  Float value = 0;
  const char* begin = literal.unsigned_text.data();
  fast_float::from_chars(begin, begin + literal.unsigned_text.size(), value);
  if (std::isinf(value)) return NumberStatus::kOutOfRange;
  *number = literal.negative ? -value : value;
  return NumberStatus::kOk;
}

}  // namespace

size_t FormatInteger(int64_t number, char* out) {
  return static_cast<size_t>(std::to_chars(out, out + kMaxNumberText, number).ptr - out);
}
size_t FormatDouble(double number, char* out) { return FormatFloat(number, out); }
size_t FormatReal(float number, char* out) { return FormatFloat(number, out); }

NumberStatus ParseInteger(std::string_view text, int64_t* number) {
  int128_t value;
  NumberStatus status = ParseDecimalAs(text, kMaxDecimalPrecision, 0, &value);
  if (status != NumberStatus::kOk) return status;
  if (value < std::numeric_limits<int64_t>::min() || value > std::numeric_limits<int64_t>::max()) {
    return NumberStatus::kOutOfRange;
  }
  *number = static_cast<int64_t>(value);
  return NumberStatus::kOk;
}

NumberStatus ParseDecimalAs(std::string_view text, int precision, int scale, int128_t* unscaled) {
  NumberLiteral literal;
  if (!TakeApart(text, &literal)) return NumberStatus::kInvalid;
  return PutTogether(literal, precision, scale, unscaled);
}

NumberStatus ParseDouble(std::string_view text, double* number) { return ParseFloat(text, number); }
NumberStatus ParseReal(std::string_view text, float* number) { return ParseFloat(text, number); }

}  // namespace tupelo
