// storage/bit_packing.cpp: eight bytes at a time.
#include "storage/bit_packing.h"

#include <algorithm>
#include <cstring>

namespace tupelo {

namespace {

uint64_t MaskOf(unsigned width) { return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

uint64_t LoadEight(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, 8);
  return word;
}

// Numbers [begin, end) whose eight bytes (and one more, when wide) lie within the array.
template <bool wide>
void UnpackWords(const uint8_t* bytes, size_t begin, size_t end, uint64_t base, unsigned width,
                 int64_t* values) {
  uint64_t mask = MaskOf(width);
  uint64_t bit = begin * width;
  for (size_t i = begin; i < end; ++i, bit += width) {
    const uint8_t* at = bytes + bit / 8;
    unsigned shift = bit % 8;
    uint64_t word = LoadEight(at) >> shift;
    if constexpr (wide) {
      // Up to seven more bits; twice, for a shift by 64 is none.
      word |= uint64_t{at[8]} << 1 << (63 - shift);
    }
    values[i] = static_cast<int64_t>(base + (word & mask));
  }
}

}  // namespace

void PackBits(const int64_t* values, size_t count, int64_t base, unsigned width, ByteVector* out) {
  size_t begin = out->size();
  size_t bytes = PackedBytes(count, width);
  out->resize(begin + bytes + 8);  // whole words may be written
  uint8_t* at = out->data() + begin;
  uint64_t word = 0;
  unsigned filled = 0;
  for (size_t i = 0; i < count; ++i) {
    uint64_t value = static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(base);
    word |= value << filled;
    filled += width;
    if (filled >= 64) {
      std::memcpy(at, &word, 8);
      at += 8;
      filled -= 64;
      word = filled == 0 ? 0 : value >> (width - filled);
    }
  }
  std::memcpy(at, &word, 8);
  out->resize(begin + bytes);
}

void UnpackBits(std::span<const uint8_t> bytes, size_t count, int64_t base, unsigned width,
                int64_t* values) {
  if (width == 0) {
    std::fill_n(values, count, base);
    return;
  }
  size_t word_bytes = width > 57 ? 9 : 8;
  auto unsigned_base = static_cast<uint64_t>(base);
  size_t safe = 0;  // numbers whose words lie within the bytes
  if (bytes.size() >= word_bytes) {
    safe = std::min(count, (bytes.size() - word_bytes) * 8 / width + 1);
    if (word_bytes == 9) {
      UnpackWords<true>(bytes.data(), 0, safe, unsigned_base, width, values);
    } else {
      UnpackWords<false>(bytes.data(), 0, safe, unsigned_base, width, values);
    }
  }
  // The last few, from a copy with bytes behind it.
  while (safe < count) {
    uint64_t bit = safe * width;
    uint8_t copy[9] = {};
    std::memcpy(copy, bytes.data() + bit / 8, std::min<size_t>(9, bytes.size() - bit / 8));
    unsigned shift = bit % 8;
    uint64_t word = LoadEight(copy) >> shift | uint64_t{copy[8]} << 1 << (63 - shift);
    values[safe++] = static_cast<int64_t>(unsigned_base + (word & MaskOf(width)));
  }
}

}  // namespace tupelo
