// buffer/extent_pool.cpp: buddy allocation: an extent of order n at offset o has its buddy at o ^
// (512 << n).
#include "buffer/extent_pool.h"

#include <bit>
#include <cassert>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace tupelo {

ExtentPool::~ExtentPool() {
  assert(used_bytes_ == 0);
  while (slabs_ != nullptr) ReleaseSlab(slabs_);
}

ExtentPool::Slab* ExtentPool::SlabOf(void* extent) {
  return reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(extent) & ~(kSlabBytes - 1));
}

uint32_t ExtentPool::OrderOf(size_t bytes) {
  if (bytes <= kSmallestBytes) return 0;
  return static_cast<uint32_t>(std::bit_width((bytes - 1) / kSmallestBytes));
}

size_t ExtentPool::RoundUp(size_t bytes) {
  if (bytes > kLargestBytes) return (bytes + 4095) & ~size_t{4095};
  return kSmallestBytes << OrderOf(bytes);
}

void ExtentPool::PushFree(FreeExtent* extent, uint32_t order) {
  Slab* slab = SlabOf(extent);
  slab->order[(reinterpret_cast<char*>(extent) - reinterpret_cast<char*>(slab)) / kSmallestBytes] =
      static_cast<uint8_t>(order | kFreeFlag);
  extent->previous = nullptr;
  extent->next = free_[order];
  if (extent->next != nullptr) extent->next->previous = extent;
  free_[order] = extent;
}

void ExtentPool::RemoveFree(FreeExtent* extent, uint32_t order) {
  if (extent->previous != nullptr) {
    extent->previous->next = extent->next;
  } else {
    free_[order] = extent->next;
  }
  if (extent->next != nullptr) extent->next->previous = extent->previous;
}

void ExtentPool::AddSlab() {
  auto* slab = static_cast<Slab*>(std::aligned_alloc(kSlabBytes, kSlabBytes));
  if (slab == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
  if (slabs_ != nullptr) PreferHugePages(slab, kSlabBytes);
  slab->end_order = slabs_ != nullptr ? kOrders - 1 : kSmallSlabOrder;
  std::memset(slab->order, 0, sizeof(slab->order));
  slab->used_extents = 0;
  slab->previous = nullptr;
  slab->next = slabs_;
  if (slabs_ != nullptr) slabs_->previous = slab;
  slabs_ = slab;
  reserved_bytes_ += kSmallestBytes << slab->end_order;
  ++empty_slabs_;
  // What is left behind the header: one extent of each order from the header's own on.
  for (uint32_t order = kHeaderOrder; order < slab->end_order; ++order) {
    PushFree(
        reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(slab) + (kSmallestBytes << order)),
        order);
  }
}

void ExtentPool::ReleaseSlab(Slab* slab) {
  if (slab->previous != nullptr) {
    slab->previous->next = slab->next;
  } else {
    slabs_ = slab->next;
  }
  if (slab->next != nullptr) slab->next->previous = slab->previous;
  reserved_bytes_ -= kSmallestBytes << slab->end_order;
  --empty_slabs_;
  std::free(slab);
}

void* ExtentPool::Allocate(size_t bytes) {
  if (bytes > kLargestBytes) {
    void* extent = std::malloc(RoundUp(bytes));
    if (extent == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
    used_bytes_ += RoundUp(bytes);
    reserved_bytes_ += RoundUp(bytes);
    return extent;
  }
  uint32_t order = OrderOf(bytes);
  uint32_t from = order;
  while (from < kOrders && free_[from] == nullptr) ++from;
  if (from == kOrders) {
    AddSlab();
    if (order >= slabs_->end_order) AddSlab();  // too large for the first one
    from = order;
    while (free_[from] == nullptr) ++from;
  }
  FreeExtent* extent = free_[from];
  RemoveFree(extent, from);
  while (from > order) {
    --from;
    PushFree(
        reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(extent) + (kSmallestBytes << from)),
        from);
  }
  Slab* slab = SlabOf(extent);
  slab->order[(reinterpret_cast<char*>(extent) - reinterpret_cast<char*>(slab)) / kSmallestBytes] =
      static_cast<uint8_t>(order);
  if (slab->used_extents++ == 0) --empty_slabs_;
  used_bytes_ += kSmallestBytes << order;
  return extent;
}

void ExtentPool::Free(void* extent, size_t bytes) {
  if (bytes > kLargestBytes) {
    used_bytes_ -= RoundUp(bytes);
    reserved_bytes_ -= RoundUp(bytes);
    std::free(extent);
    return;
  }
  Slab* slab = SlabOf(extent);
  uint32_t order = OrderOf(bytes);
  size_t offset = static_cast<size_t>(static_cast<char*>(extent) - reinterpret_cast<char*>(slab));
  assert(slab->order[offset / kSmallestBytes] == order);
  used_bytes_ -= kSmallestBytes << order;
  // The header's buddies are never free together with it, so merging ends below the slab's size.
  while (order + 1 < slab->end_order) {
    size_t buddy = offset ^ (kSmallestBytes << order);
    if (buddy < (kSmallestBytes << kHeaderOrder)) break;
    if (slab->order[buddy / kSmallestBytes] != (order | kFreeFlag)) break;
    RemoveFree(reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(slab) + buddy), order);
    slab->order[buddy / kSmallestBytes] = 0;
    if (buddy < offset) {
      slab->order[offset / kSmallestBytes] = 0;
      offset = buddy;
    }
    ++order;
  }
  PushFree(reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(slab) + offset), order);
  if (--slab->used_extents > 0) return;
  ++empty_slabs_;
  if (empty_slabs_ <= 1)
    return;  // keep one: what comes and goes shall not go to the system each time
  for (uint32_t free_order = kHeaderOrder; free_order < slab->end_order; ++free_order) {
    RemoveFree(reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(slab) +
                                             (kSmallestBytes << free_order)),
               free_order);
  }
  ReleaseSlab(slab);
}

}  // namespace tupelo
