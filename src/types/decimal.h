// types/decimal.h: exact numbers: an unscaled integer of at most 38 digits and a scale.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/string_ref.h"
#include "types/type.h"

namespace tupelo {

// The value of (unscaled, scale) is unscaled / 10^scale. Rounding is half up, away from zero.
// Functions that return bool return false, leaving the result alone, when it has more than 38
// digits.

inline constexpr int64_t kPowersOfTen64[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

// 10^exponent. REQUIRES: 0 <= exponent <= 38.
inline int128_t PowerOfTen(int exponent) {
  return exponent <= 18 ? int128_t{kPowersOfTen64[exponent]}
         : exponent <= 36
             ? int128_t{kPowersOfTen64[18]} * kPowersOfTen64[exponent - 18]
             : int128_t{kPowersOfTen64[18]} * kPowersOfTen64[18] * kPowersOfTen64[exponent - 36];
}

// Decimal digits of |value|; 1 for zero.
int CountDigits(int128_t value);
// Whether |unscaled| has at most `precision` digits.
inline bool FitsPrecision(int128_t unscaled, int precision) {
  int128_t limit = PowerOfTen(precision);
  return unscaled < limit && unscaled > -limit;
}

// Operands of equal scale.
[[nodiscard]] bool AddDecimals(int128_t left, int128_t right, int128_t* sum);
[[nodiscard]] bool SubtractDecimals(int128_t left, int128_t right, int128_t* difference);
// left * right / 10^drop_digits. The product's scale is the sum of the operands' scales less
// drop_digits (0..76).
[[nodiscard]] bool MultiplyDecimals(int128_t left, int128_t right, int drop_digits,
                                    int128_t* product);
// dividend * 10^shift / divisor; for a quotient of scale s: shift = s - dividend's scale +
// divisor's scale
// (-76..76). REQUIRES: divisor != 0.
[[nodiscard]] bool DivideDecimals(int128_t dividend, int128_t divisor, int shift,
                                  int128_t* quotient);
[[nodiscard]] bool RescaleDecimal(int128_t unscaled, int from_scale, int to_scale,
                                  int128_t* rescaled);
// unscaled / 10^digits without its fraction: toward zero, down, up. REQUIRES: 0 <= digits <= 38.
int128_t TruncateDigits(int128_t unscaled, int digits);
int128_t FloorDigits(int128_t unscaled, int digits);
int128_t CeilingDigits(int128_t unscaled, int digits);

// Less than zero, zero, more than zero; exact, whatever the scales.
int CompareDecimals(int128_t left, int left_scale, int128_t right, int right_scale);
// Exact: the double stands for its binary value. NaN is greater than every number.
int CompareDecimalWithDouble(int128_t unscaled, int scale, double number);
inline int CompareInt64WithDouble(int64_t integer, double number) {
  if (!(number < 0x1p63)) return -1;  // NaN too
  if (number < -0x1p63) return 1;
  auto whole = static_cast<int64_t>(number);
  if (integer != whole) return integer < whole ? -1 : 1;
  double fraction = number - static_cast<double>(whole);  // exact: 0 where |number| >= 2^53
  return fraction > 0 ? -1 : fraction < 0 ? 1 : 0;
}

// The nearest double (ties to even).
double DecimalToDouble(int128_t unscaled, int scale);
// The exact value of `number`, rounded to `scale` digits. False for NaN and infinities too.
[[nodiscard]] bool DoubleToDecimal(double number, int scale, int128_t* unscaled);
// The nearest whole number; false when it does not fit (or NaN).
[[nodiscard]] bool DoubleToInt64(double number, int64_t* integer);

struct DecimalNumber {
  int128_t unscaled = 0;
  uint8_t precision = 1;  // digits written, leading zeros not counted; at least max(scale, 1)
  uint8_t scale = 0;
};
enum class NumberStatus : uint8_t { kOk, kInvalid, kOutOfRange };
// An exact numeric literal: [sign] digits [. [digits]] or [sign] . digits, nothing around it.
// kOutOfRange: over 38 digits.
NumberStatus ParseDecimal(std::string_view text, DecimalNumber* number);

inline constexpr size_t kMaxDecimalText = 48;
// "-12.50", "0.05", "7": writes at most kMaxDecimalText bytes, returns how many.
size_t FormatDecimal(int128_t unscaled, int scale, char* out);
std::string DecimalToString(int128_t unscaled, int scale);

}  // namespace tupelo
