// storage/double_codec.h: arrays of doubles in few bytes.
//
//   offset  size
//        0     1   encoding
//   plain (0):
//        1    8n   the numbers
//   bits (1):
//        1     n   their bit patterns, as integers (storage/integer_codec.h)
//   binary (2): integers times a power of two, as random numbers and fractions mostly are
//        1     2   exponent, signed
//        3     2   number of exceptions
//        5   10e   exceptions: index, 2 bytes; the number, 8 bytes
//        n         integers
//   decimal (3): integers divided by a power of ten, as amounts and measurements mostly are
//        1     2   exponent, 0 to 22
//        3         as binary
//
// Every bit comes back: what would not (NaN, infinities, -0.0) is an exception.
#pragma once

#include <cstddef>

#include "storage/stored_bytes.h"

namespace tupelo {

// REQUIRES: 0 < count <= 65535.
void EncodeDoubles(const double* values, size_t count, ByteVector* out);
// Throws kDataCorrupted where the bytes are not those of `count` doubles.
void DecodeDoubles(ByteReader* reader, size_t count, double* values);

}  // namespace tupelo
