// storage/free_region.h: the free pages of one region of the file.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "storage/extent_address.h"
#include "storage/stored_bytes.h"

namespace tupelo {

// A file is cut into regions of so many pages; no extent crosses from one into the next.
inline constexpr uint32_t kRegionPages = 16384;
static_assert(kMaxExtentPages <= kRegionPages);

// Runs of free pages, numbered from the region's first page; neighbouring runs are one. Not
// thread-safe. Stored, as the payload of a kFreeRegion extent:
//
//   offset  size
//        0     4   number of the region
//        4     4   number of runs
//        8    4n   runs, ascending: first page, 2 bytes; pages, 2 bytes
class FreeRegion {
 public:
  uint32_t free_pages() const { return free_pages_; }
  uint32_t largest_run() const { return by_size_.empty() ? 0 : by_size_.rbegin()->first; }
  uint32_t run_count() const { return static_cast<uint32_t>(by_start_.size()); }
  const std::map<uint32_t, uint32_t>& runs() const { return by_start_; }

  // The smallest run that is large enough, of those the first one. False: there is none.
  bool Take(uint32_t pages, uint32_t* first);
  // REQUIRES: a run of at least `pages` begins there.
  void TakeAt(uint32_t first, uint32_t pages);
  // Throws kDataCorrupted where some of them are free already.
  void Add(uint32_t first, uint32_t pages);
  // Removes the run that ends at `end`; returns where it began, or `end` when there is none.
  uint32_t CutBefore(uint32_t end);

  static size_t StoredBytes(uint32_t runs) { return 8 + size_t{runs} * 4; }
  void Store(uint32_t number, ByteVector* out) const;
  void Load(uint32_t number, std::span<const uint8_t> payload);

 private:
  void Insert(uint32_t first, uint32_t pages);
  void Remove(std::map<uint32_t, uint32_t>::iterator run);

  std::map<uint32_t, uint32_t> by_start_;            // first page, pages
  std::set<std::pair<uint32_t, uint32_t>> by_size_;  // pages, first page
  uint32_t free_pages_ = 0;
};

}  // namespace tupelo
