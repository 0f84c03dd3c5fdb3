// types/uint256.h: what 38-digit arithmetic needs of 256-bit unsigned numbers.
#pragma once

#include <cassert>
#include <cstdint>

#include "types/string_ref.h"

namespace tupelo {

struct Uint256 {
  uint128_t low = 0;
  uint128_t high = 0;

  friend bool operator==(const Uint256&, const Uint256&) = default;
};

inline Uint256 MultiplyWide(uint128_t left, uint128_t right) {
  auto left_low = static_cast<uint64_t>(left), left_high = static_cast<uint64_t>(left >> 64);
  auto right_low = static_cast<uint64_t>(right), right_high = static_cast<uint64_t>(right >> 64);
  uint128_t low = static_cast<uint128_t>(left_low) * right_low;
  uint128_t cross = static_cast<uint128_t>(left_high) * right_low + (low >> 64);
  uint128_t other = static_cast<uint128_t>(left_low) * right_high + static_cast<uint64_t>(cross);
  uint128_t high = static_cast<uint128_t>(left_high) * right_high + (cross >> 64) + (other >> 64);
  return {other << 64 | static_cast<uint64_t>(low), high};
}

inline int CountLeadingZeros(uint128_t value) {
  auto high = static_cast<uint64_t>(value >> 64), low = static_cast<uint64_t>(value);
  return high != 0 ? __builtin_clzll(high) : low != 0 ? 64 + __builtin_clzll(low) : 128;
}
// Bits up to the highest one.
inline int BitLength(const Uint256& value) {
  return value.high != 0 ? 256 - CountLeadingZeros(value.high) : 128 - CountLeadingZeros(value.low);
}
// REQUIRES: 0 <= bits < 256.
inline Uint256 ShiftLeft(const Uint256& value, int bits) {
  if (bits == 0) return value;
  if (bits >= 128) return {0, value.low << (bits - 128)};
  return {value.low << bits, value.high << bits | value.low >> (128 - bits)};
}
inline Uint256 ShiftRight(const Uint256& value, int bits) {
  if (bits == 0) return value;
  if (bits >= 128) return {value.high >> (bits - 128), 0};
  return {value.low >> bits | value.high << (128 - bits), value.high >> bits};
}
inline Uint256 Add(const Uint256& left, const Uint256& right) {
  uint128_t low = left.low + right.low;
  return {low, left.high + right.high + (low < left.low ? 1 : 0)};
}

// The quotient, by schoolbook division in digits of 64 bits (Knuth, volume 2, 4.3.1, algorithm D).
// REQUIRES: value.high < divisor, so that the quotient has at most 128 bits.
inline uint128_t DivideWide(const Uint256& value, uint128_t divisor, uint128_t* remainder) {
  assert(value.high < divisor);
  if (value.high == 0) {
    *remainder = value.low % divisor;
    return value.low / divisor;
  }
  constexpr uint128_t kBase = static_cast<uint128_t>(1) << 64;
  int shift = CountLeadingZeros(divisor);  // normalized, an estimate is at most two too large
  divisor <<= shift;
  Uint256 rest = ShiftLeft(value, shift);
  auto divisor_high = static_cast<uint64_t>(divisor >> 64);
  auto divisor_low = static_cast<uint64_t>(divisor);
  uint128_t top = rest.high;
  uint128_t quotient = 0;
  for (uint64_t next : {static_cast<uint64_t>(rest.low >> 64), static_cast<uint64_t>(rest.low)}) {
    uint128_t digit = top / divisor_high;
    uint128_t left_over = top % divisor_high;
    while (digit >= kBase || digit * divisor_low > (left_over << 64 | next)) {
      --digit;
      left_over += divisor_high;
      if (left_over >= kBase) break;
    }
    top = (top << 64 | next) - digit * divisor;  // modulo 2^128, which the difference is below
    quotient = quotient << 64 | digit;
  }
  *remainder = top >> shift;
  return quotient;
}

}  // namespace tupelo
