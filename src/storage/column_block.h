// storage/column_block.h: up to 2,048 values of one column of a table.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "storage/row_id.h"
#include "storage/string_heap.h"
#include "types/string_dictionary.h"
#include "types/string_ref.h"
#include "types/type.h"

namespace tupelo {

class ExtentPool;

// Smallest and largest value ever written since it was last tightened, nulls aside; strings by
// their first eight bytes. Unusable where nothing can be said (NaN).
struct Zone {
  union Bound {
    int64_t integer;  // kBool, integers, kZoned
    int128_t wide;    // kInt128
    double real;      // kFloat, kDouble
    uint64_t prefix;  // kString: big-endian, zero padded
  };
  Bound min{.wide = 0};
  Bound max{.wide = 0};
  bool empty = true;
  bool unusable = false;
};

// A typed array that starts small and grows to kBlockRows. A reader pins it and reads rows below
// those it has pinned without any latch; a writer that would change what they see puts a copy in
// its place (RowStore::MakeWritable) and the original goes with its last pin. Guarded by the
// database's latch; readers pin beside each other.
struct ColumnBlock {
  uint8_t* data = nullptr;
  ExtentPool* pool = nullptr;
  StringHeap* heap = nullptr;  // strings only, made when first needed
  uint32_t capacity = 0;       // rows
  uint32_t null_count = 0;     // zero bits in `validity` below capacity
  PhysicalType physical = PhysicalType::kBool;
  // Several threads that scan it may be about to make codes for it.
  std::atomic<bool> has_codes = false;
  std::atomic<uint8_t> scans = 0;  // without codes, up to scans_to_wait
  uint8_t scans_to_wait = 1;  // until it gets some: more after each time that they were dropped
  Zone zone;
  // Strings only: made by ColumnEncoder, dropped by the next write.
  StringCodes codes;
  std::unique_ptr<uint8_t[]> code_array;
  std::shared_ptr<const StringDictionary> dictionary;
  uint64_t validity[kBlockRows / 64];  // bit set: not null; all ones where nothing was written

  static ColumnBlock* Create(ExtentPool* pool, PhysicalType physical, uint32_t capacity);
  // A copy of at least `capacity` rows that shares the heap.
  ColumnBlock* Copy(uint32_t minimum_capacity) const;
  // Gives up the table's hold: freed now, or with the last pin.
  void Retire();

  // REQUIRES: no reader has them.
  void DropCodes();
  const StringCodes* codes_or_null() const {
    return has_codes.load(std::memory_order_acquire) ? &codes : nullptr;
  }

  const uint64_t* validity_or_null() const { return null_count == 0 ? nullptr : validity; }
  bool IsNull(uint32_t slot) const { return ((validity[slot / 64] >> (slot % 64)) & 1) == 0; }
  template <typename T>
  T* values() {
    return reinterpret_cast<T*>(data);
  }
  template <typename T>
  const T* values() const {
    return reinterpret_cast<const T*>(data);
  }

  void Pin(uint32_t rows);
  void Unpin();
  bool is_pinned() const { return (use_.load(std::memory_order_acquire) & kPins) != 0; }
  // No reader looks at rows from here on.
  uint32_t pinned_rows() const { return (use_.load(std::memory_order_acquire) & kRows) / kOneRow; }

 private:
  void Destroy();
  // The number of pins, the rows that are pinned, and whether it is no longer part of the table.
  static constexpr uint64_t kPins = 0xFFFFFFFF;
  static constexpr uint64_t kOneRow = uint64_t{1} << 32;
  static constexpr uint64_t kRows = uint64_t{0xFFFF} << 32;
  static constexpr uint64_t kReplaced = uint64_t{1} << 63;
  std::atomic<uint64_t> use_ = 0;
};
static_assert(sizeof(ColumnBlock) <= 512);

// What a reader holds: a block, or only the strings of one.
struct BlockPin {
  ColumnBlock* block = nullptr;
  StringHeap* heap = nullptr;
  void Release() {
    if (block != nullptr) block->Unpin();
    if (heap != nullptr) heap->Release();
    block = nullptr;
    heap = nullptr;
  }
};

}  // namespace tupelo
