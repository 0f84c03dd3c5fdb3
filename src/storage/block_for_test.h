// storage/block_for_test.h: blocks of made-up values.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "buffer/extent_pool.h"
#include "storage/column_block.h"

namespace tupelo {

inline bool IsSet(const uint64_t* bits, uint32_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }

inline void PutString(ColumnBlock* block, uint32_t slot, const std::string& text) {
  if (block->heap == nullptr) block->heap = StringHeap::Create(block->pool);
  block->values<StringRef>()[slot] = block->heap->Add(text);
}

inline void PutNull(ColumnBlock* block, uint32_t slot) {
  block->validity[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  ++block->null_count;
  size_t width = WidthBytes(block->physical);
  std::memset(block->data + slot * width, 0, width);
}

// Makes blocks whose values follow one of several patterns.
class BlockMaker {
 public:
  static constexpr uint32_t kPatterns = 8;
  BlockMaker(ExtentPool* pool, uint32_t seed) : pool_(pool), random_(seed) {}

  uint64_t Random() { return random_(); }
  ColumnBlock* Make(PhysicalType physical, uint32_t rows, uint32_t pattern, bool nulls) {
    ColumnBlock* block = ColumnBlock::Create(pool_, physical, rows);
    for (uint32_t i = 0; i < rows; ++i) {
      Put(block, i, Integer(pattern, i), pattern);
      if (nulls && Random() % 4 == 0) PutNull(block, i);
    }
    return block;
  }

 private:
  int64_t Integer(uint32_t pattern, uint32_t i) {
    switch (pattern) {
      case 0: return 42;
      case 1: return 1000 + int64_t{i};
      case 2: return static_cast<int64_t>(Random());
      case 3: return static_cast<int64_t>(Random() % 1000000);
      case 4: return i / 100;
      case 5:
        return Random() % 2 == 0 ? std::numeric_limits<int64_t>::min()
                                 : std::numeric_limits<int64_t>::max();
      case 6: return static_cast<int64_t>(Random() % 5) - 2;
      default: return int64_t{i} * 17 + static_cast<int64_t>(Random() % 3);
    }
  }
  double Double(int64_t integer, uint32_t pattern) {
    constexpr double kOdd[] = {0.0,
                               -0.0,
                               std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::denorm_min(),
                               std::numeric_limits<double>::max(),
                               1e-300};
    switch (pattern) {
      case 2: return kOdd[Random() % 8];
      case 3: return static_cast<double>(integer) / 100;
      case 5: return static_cast<double>(Random() >> 11) * 0x1p-53;
      case 6: return Random() % 100 == 0 ? kOdd[Random() % 8] : static_cast<double>(integer) / 8;
      case 7: return std::sin(static_cast<double>(integer));
      default: return static_cast<double>(integer);
    }
  }
  std::string Text(int64_t integer, uint32_t pattern) {
    switch (pattern) {
      case 1: return "name" + std::to_string(integer);
      case 2: {
        std::string text(Random() % 40, ' ');
        for (char& c : text) c = static_cast<char>(Random());
        return text;
      }
      case 3: return "a rather long text, number " + std::to_string(integer);
      case 5: return Random() % 2 == 0 ? "" : std::string(Random() % 3000, 'x');
      case 6: return "value" + std::to_string(integer);
      default: return std::to_string(integer);
    }
  }
  void Put(ColumnBlock* block, uint32_t i, int64_t integer, uint32_t pattern) {
    switch (block->physical) {
      case PhysicalType::kBool: block->values<uint8_t>()[i] = integer & 1; return;
      case PhysicalType::kInt16:
        block->values<int16_t>()[i] = static_cast<int16_t>(integer);
        return;
      case PhysicalType::kInt32:
        block->values<int32_t>()[i] = static_cast<int32_t>(integer);
        return;
      case PhysicalType::kInt64: block->values<int64_t>()[i] = integer; return;
      case PhysicalType::kInt128:
        block->values<int128_t>()[i] = integer;
        if (pattern % 2 == 0) block->values<int128_t>()[i] *= int64_t{1} << 40;
        return;
      case PhysicalType::kFloat:
        block->values<float>()[i] = static_cast<float>(Double(integer % 1000000, pattern));
        return;
      case PhysicalType::kDouble: block->values<double>()[i] = Double(integer, pattern); return;
      case PhysicalType::kString: PutString(block, i, Text(integer, pattern)); return;
      case PhysicalType::kZoned:
        block->values<ZonedTime>()[i] = {integer, static_cast<int32_t>(integer % 840), 0};
        return;
    }
  }

  ExtentPool* pool_;
  std::mt19937_64 random_;
};

// Whether the values of row `i` are the same, to the bit.
inline bool SameValue(const ColumnBlock& a, const ColumnBlock& b, uint32_t i) {
  if (a.IsNull(i) != b.IsNull(i)) return false;
  if (a.physical == PhysicalType::kString) {
    return a.values<StringRef>()[i] == b.values<StringRef>()[i];
  }
  size_t width = WidthBytes(a.physical);
  return std::memcmp(a.data + i * width, b.data + i * width, width) == 0;
}

}  // namespace tupelo
