// buffer/extent_pool.h: memory for blocks, index nodes and old versions, in powers of two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/huge_pages.h"

namespace tupelo {

// Buddy allocation within slabs taken from the system: an extent is a power of two of bytes,
// aligned to itself (up to a page), so that what one use gives back serves any other, and a slab
// that is free as a whole goes back. Not thread-safe: guarded by the database's latch.
//
// A slab begins with its header; `order[unit]` tells of the extent that begins at that unit. The
// first slab is used in part only, and in small pages, so that a small database takes little; the
// others are huge pages, which cost a fifth to get.
class ExtentPool {
 public:
  static constexpr size_t kSmallestBytes = 512;
  static constexpr size_t kSlabBytes = kHugePageBytes;
  // A larger extent is taken from the system by itself.
  static constexpr size_t kLargestBytes = kSlabBytes / 4;

  ExtentPool() = default;
  ~ExtentPool();  // REQUIRES: everything was given back
  ExtentPool(const ExtentPool&) = delete;
  ExtentPool& operator=(const ExtentPool&) = delete;

  // The size that an extent of at least `bytes` has.
  static size_t RoundUp(size_t bytes);
  // Throws kOutOfMemory. `bytes` is rounded up; Free takes either size.
  void* Allocate(size_t bytes);
  void Free(void* extent, size_t bytes);

  // Handed out, and taken from the system.
  size_t used_bytes() const { return used_bytes_; }
  size_t reserved_bytes() const { return reserved_bytes_; }

 private:
  static constexpr uint32_t kUnits = kSlabBytes / kSmallestBytes;
  static constexpr uint32_t kOrders = 13;      // 512 bytes << order; the largest is the slab itself
  static constexpr uint32_t kHeaderOrder = 4;  // 8 KiB
  static constexpr uint32_t kSmallSlabOrder = 10;  // 512 KiB
  static constexpr uint8_t kFreeFlag = 0x80;

  struct Slab {
    Slab* previous;
    Slab* next;
    uint32_t used_extents;
    uint32_t end_order;  // ends with its extent of order end_order - 1
    uint8_t order[kUnits];
  };
  static_assert(sizeof(Slab) <= kSmallestBytes << kHeaderOrder);
  struct FreeExtent {
    FreeExtent* previous;
    FreeExtent* next;
  };

  static Slab* SlabOf(void* extent);
  static uint32_t OrderOf(size_t bytes);
  void AddSlab();
  void ReleaseSlab(Slab* slab);
  void PushFree(FreeExtent* extent, uint32_t order);
  void RemoveFree(FreeExtent* extent, uint32_t order);

  FreeExtent* free_[kOrders] = {};
  Slab* slabs_ = nullptr;
  uint32_t empty_slabs_ = 0;
  size_t used_bytes_ = 0;
  size_t reserved_bytes_ = 0;
};

}  // namespace tupelo
