// types/decimal.cpp: arithmetic on magnitudes, in 128 bits where they suffice and else in 256.
#include "types/decimal.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fast_float/fast_float.h>

#include "types/uint256.h"

namespace tupelo {

namespace {

constexpr int kMaxPower = kMaxDecimalPrecision;

uint128_t Magnitude(int128_t value) {
  return value < 0 ? -static_cast<uint128_t>(value) : static_cast<uint128_t>(value);
}

uint128_t UnsignedPower(int exponent) { return static_cast<uint128_t>(PowerOfTen(exponent)); }

bool Deliver(uint128_t magnitude, bool negative, int128_t* result) {
  if (magnitude >= UnsignedPower(kMaxPower)) return false;
  auto value = static_cast<int128_t>(magnitude);
  *result = negative ? -value : value;
  return true;
}

// value / divisor, half up. False when the quotient has more than 128 bits.
bool DivideRounded(const Uint256& value, uint128_t divisor, uint128_t* quotient) {
  if (value.high >= divisor) return false;
  uint128_t remainder;
  uint128_t result = DivideWide(value, divisor, &remainder);
  if (remainder >= divisor - remainder) {
    if (++result == 0) return false;
  }
  *quotient = result;
  return true;
}

// A finite double that is not zero is mantissa * 2^exponent.
void Dissect(double number, uint64_t* mantissa, int* exponent) {
  double fraction = std::frexp(std::fabs(number), exponent);
  *mantissa = static_cast<uint64_t>(std::ldexp(fraction, 53));
  *exponent -= 53;
}

}  // namespace

int CountDigits(int128_t value) {
  uint128_t magnitude = Magnitude(value);
  int digits = 1;
  while (digits <= kMaxPower && magnitude >= UnsignedPower(digits)) ++digits;
  return digits;
}

bool AddDecimals(int128_t left, int128_t right, int128_t* sum) {
  int128_t result;
  if (__builtin_add_overflow(left, right, &result)) return false;
  if (!FitsPrecision(result, kMaxPower)) return false;
  *sum = result;
  return true;
}

bool SubtractDecimals(int128_t left, int128_t right, int128_t* difference) {
  int128_t result;
  if (__builtin_sub_overflow(left, right, &result)) return false;
  if (!FitsPrecision(result, kMaxPower)) return false;
  *difference = result;
  return true;
}

bool MultiplyDecimals(int128_t left, int128_t right, int drop_digits, int128_t* product) {
  bool negative = (left < 0) != (right < 0);
  if (drop_digits == 0) {
    int128_t result;
    if (__builtin_mul_overflow(left, right, &result)) return false;
    if (!FitsPrecision(result, kMaxPower)) return false;
    *product = result;
    return true;
  }
  Uint256 wide = MultiplyWide(Magnitude(left), Magnitude(right));
  if (drop_digits > kMaxPower) {
    // Cutting off in two steps and rounding in the second gives what rounding in one step does.
    uint128_t divisor = UnsignedPower(kMaxPower), remainder;
    uint128_t high = wide.high / divisor;
    wide.low = DivideWide({wide.low, wide.high % divisor}, divisor, &remainder);
    wide.high = high;
    drop_digits -= kMaxPower;
  }
  uint128_t result;
  return DivideRounded(wide, UnsignedPower(drop_digits), &result) &&
         Deliver(result, negative, product);
}

bool DivideDecimals(int128_t dividend, int128_t divisor, int shift, int128_t* quotient) {
  assert(divisor != 0);
  bool negative = (dividend < 0) != (divisor < 0);
  uint128_t above = Magnitude(dividend), below = Magnitude(divisor), result;
  if (shift < 0) {
    // Beyond 38 digits the quotient is below one half, as it is when the divisor passes 128 bits.
    Uint256 scaled;
    if (shift >= -kMaxPower) scaled = MultiplyWide(below, UnsignedPower(-shift));
    if (shift < -kMaxPower || scaled.high != 0) {
      *quotient = 0;
      return true;
    }
    return DivideRounded({above, 0}, scaled.low, &result) && Deliver(result, negative, quotient);
  }
  if (shift <= kMaxPower) {
    return DivideRounded(MultiplyWide(above, UnsignedPower(shift)), below, &result) &&
           Deliver(result, negative, quotient);
  }
  // 1. The first 38 digits of the shift. 2. The others, from the remainder.
  Uint256 scaled = MultiplyWide(above, UnsignedPower(kMaxPower));
  if (scaled.high >= below) return false;
  uint128_t remainder, last;
  uint128_t first = DivideWide(scaled, below, &remainder);
  uint128_t power = UnsignedPower(shift - kMaxPower);
  if (__builtin_mul_overflow(first, power, &result)) return false;
  if (!DivideRounded(MultiplyWide(remainder, power), below, &last)) return false;
  if (__builtin_add_overflow(result, last, &result)) return false;
  return Deliver(result, negative, quotient);
}

bool RescaleDecimal(int128_t unscaled, int from_scale, int to_scale, int128_t* rescaled) {
  int shift = to_scale - from_scale;
  if (shift == 0) {
    if (!FitsPrecision(unscaled, kMaxPower)) return false;
    *rescaled = unscaled;
    return true;
  }
  if (shift > 0) {
    if (unscaled == 0) {
      *rescaled = 0;
      return true;
    }
    return shift <= kMaxPower && MultiplyDecimals(unscaled, PowerOfTen(shift), 0, rescaled);
  }
  return DivideDecimals(unscaled, 1, shift, rescaled);
}

int128_t TruncateDigits(int128_t unscaled, int digits) { return unscaled / PowerOfTen(digits); }

int128_t FloorDigits(int128_t unscaled, int digits) {
  int128_t power = PowerOfTen(digits);
  return unscaled / power - (unscaled % power < 0 ? 1 : 0);
}

int128_t CeilingDigits(int128_t unscaled, int digits) {
  int128_t power = PowerOfTen(digits);
  return unscaled / power + (unscaled % power > 0 ? 1 : 0);
}

int CompareDecimals(int128_t left, int left_scale, int128_t right, int right_scale) {
  // Where aligning overflows, the number that is made larger has the larger magnitude.
  if (left_scale < right_scale) {
    int128_t aligned;
    bool overflow = __builtin_mul_overflow(left, PowerOfTen(right_scale - left_scale), &aligned);
    if (overflow) return left < 0 ? -1 : 1;
    return aligned < right ? -1 : aligned > right;
  }
  if (left_scale > right_scale) return -CompareDecimals(right, right_scale, left, left_scale);
  return left < right ? -1 : left > right;
}

int CompareDecimalWithDouble(int128_t unscaled, int scale, double number) {
  if (std::isnan(number)) return -1;
  if (std::isinf(number)) return number > 0 ? -1 : 1;
  if (number == 0) return unscaled < 0 ? -1 : unscaled > 0;
  bool negative = number < 0;
  if (unscaled == 0 || (unscaled < 0) != negative) return negative ? 1 : -1;
  // Compare |unscaled| with mantissa * 10^scale * 2^exponent.
  uint64_t mantissa;
  int exponent;
  Dissect(number, &mantissa, &exponent);
  uint128_t magnitude = Magnitude(unscaled);
  Uint256 wide = MultiplyWide(mantissa, UnsignedPower(scale));
  int order;
  if (exponent >= 0) {
    if (BitLength(wide) + exponent > 128) {
      order = -1;
    } else {
      uint128_t other = wide.low << exponent;
      order = magnitude < other ? -1 : magnitude > other;
    }
  } else {
    bool all_gone = -exponent >= 256;
    Uint256 whole = all_gone ? Uint256{} : ShiftRight(wide, -exponent);
    bool has_rest = all_gone || ShiftLeft(whole, -exponent) != wide;
    if (whole.high != 0 || magnitude < whole.low) {
      order = -1;
    } else if (magnitude > whole.low) {
      order = 1;
    } else {
      order = has_rest ? -1 : 0;
    }
  }
  return negative ? -order : order;
}

double DecimalToDouble(int128_t unscaled, int scale) {
  static constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (scale == 0) return static_cast<double>(unscaled);
  constexpr int128_t kExactIntegers = int128_t{1} << 53;
  if (unscaled <= kExactIntegers && unscaled >= -kExactIntegers && scale <= 22) {
    return static_cast<double>(static_cast<int64_t>(unscaled)) / kExactPowers[scale];
  }
  char text[kMaxDecimalText + 8];
  size_t size = FormatDecimal(unscaled, 0, text);
  text[size++] = 'e';
  char* end = std::to_chars(text + size, text + sizeof(text), -scale).ptr;
  double number = 0;
  fast_float::from_chars(text, end, number);
  return number;
}

bool DoubleToDecimal(double number, int scale, int128_t* unscaled) {
  if (!std::isfinite(number)) return false;
  if (number == 0) {
    *unscaled = 0;
    return true;
  }
  uint64_t mantissa;
  int exponent;
  Dissect(number, &mantissa, &exponent);
  Uint256 wide = MultiplyWide(mantissa, UnsignedPower(scale));
  if (exponent >= 0) {
    if (BitLength(wide) + exponent > 128) return false;
    wide = ShiftLeft(wide, exponent);
  } else if (-exponent >= 256) {
    wide = {};
  } else {
    wide = ShiftRight(Add(wide, ShiftLeft({1, 0}, -exponent - 1)), -exponent);
  }
  return wide.high == 0 && Deliver(wide.low, number < 0, unscaled);
}

bool DoubleToInt64(double number, int64_t* integer) {
  double whole = std::round(number);
  if (!(whole >= -0x1p63 && whole < 0x1p63)) return false;
  *integer = static_cast<int64_t>(whole);
  return true;
}

NumberStatus ParseDecimal(std::string_view text, DecimalNumber* number) {
  size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
  uint128_t magnitude = 0;
  int digits = 0, significant = 0, scale = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') return NumberStatus::kInvalid;
    digits = 1;
    if (significant > 0 || text[at] != '0') ++significant;
    if (point) ++scale;
    if (significant <= kMaxPower)
      magnitude = magnitude * 10 + static_cast<unsigned>(text[at] - '0');
  }
  if (digits == 0) return NumberStatus::kInvalid;
  if (significant > kMaxPower || scale > kMaxPower) return NumberStatus::kOutOfRange;
  auto value = static_cast<int128_t>(magnitude);
  number->unscaled = negative ? -value : value;
  number->scale = static_cast<uint8_t>(scale);
  int precision = significant > scale ? significant : scale;
  number->precision = static_cast<uint8_t>(precision == 0 ? 1 : precision);
  return NumberStatus::kOk;
}

size_t FormatDecimal(int128_t unscaled, int scale, char* out) {
  // The digits, in pieces of at most 18 that 64-bit arithmetic can print.
  char digits[48];
  char* begin = digits + sizeof(digits);
  uint128_t magnitude = Magnitude(unscaled);
  while (magnitude >= static_cast<uint128_t>(kPowersOfTen64[18])) {
    auto piece = static_cast<uint64_t>(magnitude % static_cast<uint128_t>(kPowersOfTen64[18]));
    magnitude /= static_cast<uint128_t>(kPowersOfTen64[18]);
    for (int i = 0; i < 18; ++i, piece /= 10) *--begin = static_cast<char>('0' + piece % 10);
  }
  for (auto piece = static_cast<uint64_t>(magnitude); piece != 0; piece /= 10) {
    *--begin = static_cast<char>('0' + piece % 10);
  }
  int count = static_cast<int>(digits + sizeof(digits) - begin);
  while (count <= scale) {  // at least one digit before the point
    *--begin = '0';
    ++count;
  }
  char* at = out;
  if (unscaled < 0) *at++ = '-';
  std::memcpy(at, begin, static_cast<size_t>(count - scale));
  at += count - scale;
  if (scale > 0) {
    *at++ = '.';
    std::memcpy(at, begin + count - scale, static_cast<size_t>(scale));
    at += scale;
  }
  return static_cast<size_t>(at - out);
}

std::string DecimalToString(int128_t unscaled, int scale) {
  char text[kMaxDecimalText];
  return std::string(text, FormatDecimal(unscaled, scale, text));
}

}  // namespace tupelo
