// storage/free_space.h: which pages of the file are free, region by region.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "storage/extent_address.h"
#include "storage/free_region.h"

namespace tupelo {

// Pages that may be handed out at once. Of each region a summary is in memory; its runs are read
// when an allocation or a free one concerns it. Not thread-safe.
//
// Low regions are preferred, so that the end of the file gets free and can be cut off; within a
// region the best fit is taken.
class FreeSpace {
 public:
  struct Region {
    ExtentAddress stored;  // its runs in the file, as of the last root; none: nothing is free
    uint32_t free_pages = 0;
    uint32_t largest_run = 0;
    bool dirty = false;                // differs from what is stored
    std::unique_ptr<FreeRegion> runs;  // nullptr: not read yet
  };
  // `reader`: of kFreeRegion extents.
  explicit FreeSpace(ExtentReader reader) : reader_(std::move(reader)) {}

  // Nothing is free before `end_page`, and all behind it.
  void Reset(uint64_t end_page);
  uint64_t end_page() const { return end_page_; }
  uint64_t free_pages() const;

  // From the free pages, else behind the end. REQUIRES: 0 < pages <= kMaxExtentPages.
  ExtentAddress Allocate(uint32_t pages);
  // None where there is no room that ends at `end_page` or before.
  ExtentAddress AllocateBelow(uint32_t pages, uint64_t end_page);
  // From regions that are dirty already, else behind the end; what is left over there, at the end
  // of a region, goes to `skipped` and is not free. So no other region becomes dirty.
  // `lowest`: from the first run that is large enough, not the one that fits best.
  ExtentAddress AllocateInDirty(uint32_t pages, bool lowest, std::vector<ExtentAddress>* skipped);
  // Reads the runs that Add will change.
  void PrepareAdd(const ExtentAddress& extent);
  // Throws kDataCorrupted where some of it is free already.
  void Add(const ExtentAddress& extent);
  // Moves the end down over free pages. What regions that are gone had stored goes to `freed`.
  void CutTail(std::vector<ExtentAddress>* freed);

  std::vector<Region>& regions() { return regions_; }
  const std::vector<Region>& regions() const { return regions_; }
  // Its runs, read if need be.
  FreeRegion& Runs(size_t region);
  // It will be written anew with the next root.
  void MarkDirty(size_t region);

 private:
  static constexpr uint32_t kSizeClasses = 13;  // of 1, 2, 4 ... kMaxExtentPages pages
  ExtentAddress TakeFrom(size_t region, uint32_t pages);
  // The first run that is large enough and ends at `end_page` or before; or none.
  ExtentAddress TakeLowest(size_t region, uint32_t pages, uint64_t end_page);
  ExtentAddress Extend(uint32_t pages, std::vector<ExtentAddress>* skipped);
  void Changed(size_t region);

  ExtentReader reader_;
  std::vector<Region> regions_;
  uint64_t end_page_ = kFirstPage;
  // No region before it has a run of 2^class pages.
  size_t first_candidate_[kSizeClasses] = {};

  static constexpr uint64_t kFirstPage = 3;
};

}  // namespace tupelo
