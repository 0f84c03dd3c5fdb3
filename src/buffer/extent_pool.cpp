// buffer/extent_pool.cpp: buddy allocation: an extent of order n at offset o has its buddy at o ^
// (512 << n).
#include "buffer/extent_pool.h"

#include <bit>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/work_memory.h"

namespace tupelo {

ExtentPool::ExtentPool() = default;

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
  FreeExtent*& first = free_[slab->piece != nullptr][order];
  extent->previous = nullptr;
  extent->next = first;
  if (first != nullptr) first->previous = extent;
  first = extent;
}

void ExtentPool::RemoveFree(FreeExtent* extent, uint32_t order) {
  if (extent->previous != nullptr) {
    extent->previous->next = extent->next;
  } else {
    free_[SlabOf(extent)->piece != nullptr][order] = extent->next;
  }
  if (extent->next != nullptr) extent->next->previous = extent->previous;
}

// Slabs ------------------------------------------------------------

// What is handed out counts: of blocks that were read only, some leave before the limit is reached.
// The more of the rest is free in small pieces, the sooner slabs go nevertheless.
bool ExtentPool::IsFull() const {
  if (files_ == nullptr || !is_movable_) return false;
  const size_t in_memory = reserved_bytes_ - reserved_bytes_in_files_;
  const size_t other = files_->held(), limit = files_->limit();
  return used_bytes_in_memory() + other > limit || in_memory / 8 * 7 + other > limit;
}

void ExtentPool::NoteUseOfFiles(uint64_t extents) const { files_->NoteUse(extents); }

void ExtentPool::AddSlab() {
  while (IsFull() && PageOutSlab()) {
  }
  auto* slab = static_cast<Slab*>(std::aligned_alloc(kSlabBytes, kSlabBytes));
  if (slab == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
  if (slabs_ != nullptr) PreferHugePages(slab, kSlabBytes);
  slab->end_order = slabs_ != nullptr ? kOrders - 1 : kSmallSlabOrder;
  std::memset(slab->order, 0, sizeof(slab->order));
  slab->piece = nullptr;
  slab->used_bytes = 0;
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

// REQUIRES: all of it is free, and nothing of it in a list.
void ExtentPool::ReleaseSlab(Slab* slab) {
  if (hand_ == slab) hand_ = slab->previous;
  if (slab->previous != nullptr) {
    slab->previous->next = slab->next;
  } else {
    slabs_ = slab->next;
  }
  if (slab->next != nullptr) slab->next->previous = slab->previous;
  reserved_bytes_ -= kSmallestBytes << slab->end_order;
  if (MappedPiece* piece = slab->piece) {
    reserved_bytes_in_files_ -= kSlabBytes;
    delete piece;
  } else {
    --empty_slabs_;
  }
  std::free(slab);
}

// From the hand on towards newer slabs, once round. The newest stays, and the first one, which is
// small.
ExtentPool::Slab* ExtentPool::FindPageable() {
  auto may_go = [&](const Slab* slab) {
    return slab->piece == nullptr && slab->end_order == kOrders - 1 && slab != slabs_;
  };
  for (Slab* slab = hand_; slab != nullptr; slab = slab->previous) {
    if (may_go(slab)) return slab;
  }
  Slab* oldest = hand_ != nullptr ? hand_ : slabs_;
  while (oldest != nullptr && oldest->next != nullptr) oldest = oldest->next;
  for (Slab* slab = oldest; slab != nullptr; slab = slab->previous) {
    if (may_go(slab)) return slab;
  }
  return nullptr;
}

bool ExtentPool::PageOut() {
  std::lock_guard lock(mutex_);
  return PageOutSlab();
}

bool ExtentPool::PageOutSlab() {
  if (files_ == nullptr || !is_movable_) return false;
  Slab* slab = FindPageable();
  if (slab == nullptr) return false;
  auto piece = std::make_unique<MappedPiece>(files_, reinterpret_cast<char*>(slab), kSlabBytes);
  hand_ = slab->previous;
  // What is free of it goes to the other lists.
  auto for_each_free = [slab](auto&& each) {
    for (size_t offset = kSmallestBytes << kHeaderOrder; offset < kSlabBytes;) {
      const uint8_t order = slab->order[offset / kSmallestBytes];
      auto* extent = reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(slab) + offset);
      if ((order & kFreeFlag) != 0) each(extent, order & ~kFreeFlag);
      offset += kSmallestBytes << (order & ~kFreeFlag);
    }
  };
  for_each_free([this](FreeExtent* extent, uint32_t order) { RemoveFree(extent, order); });
  if (slab->used_extents == 0) --empty_slabs_;
  slab->piece = piece.release();
  for_each_free([this](FreeExtent* extent, uint32_t order) { PushFree(extent, order); });
  used_bytes_in_files_ += slab->used_bytes;
  reserved_bytes_in_files_ += kSlabBytes;
  return true;
}

// Extents ------------------------------------------------------------

// nullptr: there is none of at least that order.
ExtentPool::FreeExtent* ExtentPool::TakeFree(uint32_t order, bool in_file) {
  uint32_t from = order;
  while (from < kOrders && free_[in_file][from] == nullptr) ++from;
  if (from == kOrders) return nullptr;
  FreeExtent* extent = free_[in_file][from];
  RemoveFree(extent, from);
  while (from > order) {
    --from;
    PushFree(
        reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(extent) + (kSmallestBytes << from)),
        from);
  }
  return extent;
}

void* ExtentPool::AllocateLarge(size_t bytes) {
  void* extent;
  if (IsFull()) {
    auto piece = std::make_unique<MappedPiece>(files_, bytes);
    extent = piece->data();
    large_.emplace(extent, std::move(piece));
    used_bytes_in_files_ += bytes;
    reserved_bytes_in_files_ += bytes;
  } else {
    extent = std::malloc(bytes);
    if (extent == nullptr) throw Error(ErrorCode::kOutOfMemory, "out of memory");
  }
  used_bytes_ += bytes;
  reserved_bytes_ += bytes;
  return extent;
}

void ExtentPool::FreeLarge(void* extent, size_t bytes) {
  used_bytes_ -= bytes;
  reserved_bytes_ -= bytes;
  auto found = large_.find(extent);
  if (found == large_.end()) return std::free(extent);
  used_bytes_in_files_ -= bytes;
  reserved_bytes_in_files_ -= bytes;
  large_.erase(found);
}

void* ExtentPool::Allocate(size_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes > kLargestBytes) return AllocateLarge(RoundUp(bytes));
  uint32_t order = OrderOf(bytes);
  FreeExtent* extent = TakeFree(order, false);
  if (extent == nullptr && reserved_bytes_in_files_ > 0 && IsFull()) {
    extent = TakeFree(order, true);
    files_->NoteUse(1);
  }
  while (extent == nullptr) {  // the first slab may be too small
    AddSlab();
    extent = TakeFree(order, false);
  }
  Slab* slab = SlabOf(extent);
  slab->order[(reinterpret_cast<char*>(extent) - reinterpret_cast<char*>(slab)) / kSmallestBytes] =
      static_cast<uint8_t>(order);
  const size_t taken = kSmallestBytes << order;
  if (slab->used_extents++ == 0 && slab->piece == nullptr) --empty_slabs_;
  slab->used_bytes += taken;
  if (slab->piece != nullptr) used_bytes_in_files_ += taken;
  used_bytes_ += taken;
  return extent;
}

void ExtentPool::Free(void* extent, size_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes > kLargestBytes) return FreeLarge(extent, RoundUp(bytes));
  Slab* slab = SlabOf(extent);
  uint32_t order = OrderOf(bytes);
  size_t offset = static_cast<size_t>(static_cast<char*>(extent) - reinterpret_cast<char*>(slab));
  assert(slab->order[offset / kSmallestBytes] == order);
  used_bytes_ -= kSmallestBytes << order;
  slab->used_bytes -= kSmallestBytes << order;
  if (slab->piece != nullptr) {
    used_bytes_in_files_ -= kSmallestBytes << order;
    files_->NoteUse(1);
  }
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
  // Keep one: what comes and goes shall not go to the system each time.
  if (slab->piece == nullptr && ++empty_slabs_ <= 1) return;
  for (uint32_t free_order = kHeaderOrder; free_order < slab->end_order; ++free_order) {
    RemoveFree(reinterpret_cast<FreeExtent*>(reinterpret_cast<char*>(slab) +
                                             (kSmallestBytes << free_order)),
               free_order);
  }
  ReleaseSlab(slab);
}

}  // namespace tupelo
