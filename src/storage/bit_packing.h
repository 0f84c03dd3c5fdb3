// storage/bit_packing.h: numbers of so many bits, one behind the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "storage/stored_bytes.h"

namespace tupelo {

inline size_t PackedBytes(size_t count, unsigned width) { return (count * width + 7) / 8; }

// Appends the lowest `width` bits of values[i] - base.
void PackBits(const int64_t* values, size_t count, int64_t base, unsigned width, ByteVector* out);

// values[i] = base + packed number i. REQUIRES: width <= 64, PackedBytes(count, width) bytes.
void UnpackBits(std::span<const uint8_t> bytes, size_t count, int64_t base, unsigned width,
                int64_t* values);

}  // namespace tupelo
