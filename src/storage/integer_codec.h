// storage/integer_codec.h: arrays of integers in few bytes.
//
// All that is stored of columns and index nodes ends up here: integers themselves, decimals, dates,
// lengths and codes of strings, bit patterns. The reader knows how many there are.
//
//   offset  size
//        0     1   encoding
//   constant (0):
//        1     8   the value
//   frame of reference (1): each value less the base, in `width` bits, the first one in the lowest
//   bits of the first byte
//        1     8   base
//        9     1   width, 0 to 64
//       10     n   ceil(count * width / 8) bytes
//   delta (2): each difference from the value before, less the base
//        1     8   first value
//        9     8   base
//       17     1   width
//       18     n   ceil((count - 1) * width / 8) bytes
//   runs (3):
//        1     4   number of runs
//        5     n   their values, as an array of any other encoding than this
//        m         their lengths, likewise
//
// Sums and differences are modulo 2^64.
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/stored_bytes.h"

namespace tupelo {

// What decides on an encoding.
struct IntegerStatistics {
  int64_t min = 0, max = 0;
  int64_t min_delta = 0, max_delta = 0;
  uint64_t longest_run = 0;
  size_t runs = 0;

  // REQUIRES: count > 0.
  static IntegerStatistics Of(const int64_t* values, size_t count);
  // Bytes of the encoding that is chosen.
  size_t EncodedBytes(size_t count) const;
};

// REQUIRES: count > 0.
void EncodeIntegers(const int64_t* values, size_t count, ByteVector* out);
void EncodeIntegers(const int64_t* values, size_t count, const IntegerStatistics& statistics,
                    ByteVector* out);
// Throws kDataCorrupted where the bytes are not those of `count` integers.
void DecodeIntegers(ByteReader* reader, size_t count, int64_t* values);

}  // namespace tupelo
