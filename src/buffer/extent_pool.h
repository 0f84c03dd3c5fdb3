// buffer/extent_pool.h: memory for blocks, index nodes and old versions, in powers of two.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/huge_pages.h"

namespace tupelo {

class MappedPiece;
class WorkMemory;

// Buddy allocation within slabs taken from the system: an extent is a power of two of bytes,
// aligned to itself (up to a page), so that what one use gives back serves any other, and a slab
// that is free as a whole goes back. Thread-safe, but for SetFiles and SetMovable.
//
// A slab begins with its header; `order[unit]` tells of the extent that begins at that unit. The
// first slab is used in part only, and in small pages, so that a small database takes little; the
// others are huge pages, which cost a fifth to get.
//
// Where there is more than there may be in memory, slabs go to temporary files (PageOut), one after
// the other, and stay where they are: who has a pointer need not know. So changes of transactions,
// what they changed, and nodes of indexes may be as large as the disk.
class ExtentPool {
 public:
  static constexpr size_t kSmallestBytes = 512;
  static constexpr size_t kSlabBytes = kHugePageBytes;
  // A larger extent is taken from the system by itself.
  static constexpr size_t kLargestBytes = kSlabBytes / 4;

  ExtentPool();
  ~ExtentPool();  // REQUIRES: everything was given back
  ExtentPool(const ExtentPool&) = delete;
  ExtentPool& operator=(const ExtentPool&) = delete;

  // The size that an extent of at least `bytes` has.
  static size_t RoundUp(size_t bytes);
  // Throws kOutOfMemory. `bytes` is rounded up; Free takes either size.
  void* Allocate(size_t bytes);
  void Free(void* extent, size_t bytes);

  // Handed out, and taken from the system.
  size_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }
  size_t reserved_bytes() const { return reserved_bytes_.load(std::memory_order_relaxed); }
  // Handed out, and not in files.
  size_t used_bytes_in_memory() const {
    return used_bytes() - used_bytes_in_files_.load(std::memory_order_relaxed);
  }

  // From now on there may be as much in memory as the limit of `files` leaves. Then Allocate throws
  // kDiskFull too.
  void SetFiles(std::shared_ptr<WorkMemory> files) { files_ = std::move(files); }
  // Puts a slab into a file. False: there is none that may go. Throws kDiskFull or kIoError; then
  // nothing has happened. REQUIRES: no other thread writes to extents.
  bool PageOut();
  // By who has gone through so many extents that may be in files.
  void NoteUse(uint64_t extents) const {
    if (reserved_bytes_in_files_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      NoteUseOfFiles(extents);
  }
  // While one does, none goes.
  void SetMovable(bool movable) { is_movable_ = movable; }

 private:
  static constexpr uint32_t kUnits = kSlabBytes / kSmallestBytes;
  static constexpr uint32_t kOrders = 13;      // 512 bytes << order; the largest is the slab itself
  static constexpr uint32_t kHeaderOrder = 4;  // 8 KiB
  static constexpr uint32_t kSmallSlabOrder = 10;  // 512 KiB
  static constexpr uint8_t kFreeFlag = 0x80;

  struct Slab {
    Slab* previous;
    Slab* next;
    MappedPiece* piece;  // nullptr: it is in memory
    size_t used_bytes;
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
  bool IsFull() const;
  void NoteUseOfFiles(uint64_t extents) const;
  bool PageOutSlab();
  Slab* FindPageable();
  void AddSlab();
  void ReleaseSlab(Slab* slab);
  void* AllocateLarge(size_t bytes);
  void FreeLarge(void* extent, size_t bytes);
  FreeExtent* TakeFree(uint32_t order, bool in_file);
  void PushFree(FreeExtent* extent, uint32_t order);
  void RemoveFree(FreeExtent* extent, uint32_t order);

  std::mutex mutex_;                   // of all below
  FreeExtent* free_[2][kOrders] = {};  // of slabs in memory, and in files
  Slab* slabs_ = nullptr;              // the newest first
  Slab* hand_ = nullptr;               // the next to go to a file, or one newer than that
  uint32_t empty_slabs_ = 0;           // in memory
  std::atomic<size_t> used_bytes_ = 0, used_bytes_in_files_ = 0;
  std::atomic<size_t> reserved_bytes_ = 0, reserved_bytes_in_files_ = 0;
  std::shared_ptr<WorkMemory> files_;  // nullptr: all stays in memory
  bool is_movable_ = true;
  std::map<void*, std::unique_ptr<MappedPiece>> large_;  // extents that have a file of their own
};

}  // namespace tupelo
