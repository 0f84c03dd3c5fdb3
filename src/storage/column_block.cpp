// storage/column_block.cpp: making, copying and freeing blocks.
#include "storage/column_block.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "buffer/extent_pool.h"

namespace tupelo {

ColumnBlock* ColumnBlock::Create(ExtentPool* pool, PhysicalType physical, uint32_t capacity) {
  auto* data = static_cast<uint8_t*>(pool->Allocate(capacity * WidthBytes(physical)));
  auto* block = new (pool->Allocate(sizeof(ColumnBlock))) ColumnBlock;
  block->data = data;
  block->pool = pool;
  block->capacity = capacity;
  block->physical = physical;
  // Vectors that point here may be read whole: what was never written must be a value of its type.
  std::memset(data, 0, capacity * WidthBytes(physical));
  std::memset(block->validity, 0xFF, sizeof(block->validity));
  return block;
}

ColumnBlock* ColumnBlock::Copy(uint32_t minimum_capacity) const {
  uint32_t wanted = capacity > minimum_capacity ? capacity : minimum_capacity;
  ColumnBlock* copy = Create(pool, physical, wanted);
  std::memcpy(copy->data, data, capacity * WidthBytes(physical));
  std::memcpy(copy->validity, validity, sizeof(validity));
  copy->null_count = null_count;
  copy->zone = zone;
  copy->scans_to_wait = scans_to_wait;
  if (has_codes.load(std::memory_order_relaxed)) copy->DropCodes();
  copy->heap = heap;
  if (heap != nullptr) heap->AddReference();
  return copy;
}

void ColumnBlock::DropCodes() {
  has_codes.store(false, std::memory_order_relaxed);
  codes = {};
  code_array.reset();
  dictionary.reset();
  scans.store(0, std::memory_order_relaxed);
  scans_to_wait = static_cast<uint8_t>(std::min(2 * scans_to_wait, 0xFF));
}

void ColumnBlock::Pin(uint32_t rows) {
  uint64_t use = use_.load(std::memory_order_relaxed);
  uint64_t pinned;
  do {
    pinned = std::max(use & kRows, rows * kOneRow) | ((use & ~kRows) + 1);
  } while (!use_.compare_exchange_weak(use, pinned, std::memory_order_relaxed));
}

void ColumnBlock::Unpin() {
  uint64_t use = use_.load(std::memory_order_relaxed);
  uint64_t left;
  assert((use & kPins) != 0);
  do {
    left = use - 1;
    if ((left & kPins) == 0) left &= ~kRows;
  } while (!use_.compare_exchange_weak(use, left, std::memory_order_acq_rel));
  if (left == kReplaced) Destroy();
}

void ColumnBlock::Retire() {
  const uint64_t use = use_.fetch_or(kReplaced, std::memory_order_acq_rel);
  assert((use & kReplaced) == 0);
  if ((use & kPins) == 0) Destroy();
}

void ColumnBlock::Destroy() {
  if (heap != nullptr) heap->Release();
  ExtentPool* owner = pool;
  owner->Free(data, capacity * WidthBytes(physical));
  this->~ColumnBlock();
  owner->Free(this, sizeof(ColumnBlock));
}

}  // namespace tupelo
