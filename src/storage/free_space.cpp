// storage/free_space.cpp: choosing a region, and going behind the end.
#include "storage/free_space.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace tupelo {

namespace {
size_t RegionOf(uint64_t page) { return static_cast<size_t>(page / kRegionPages); }
uint64_t FirstPage(size_t region) { return uint64_t{region} * kRegionPages; }
}  // namespace

void FreeSpace::Reset(uint64_t end_page) {
  regions_.clear();
  regions_.resize((end_page + kRegionPages - 1) / kRegionPages);
  end_page_ = end_page;
  std::fill(std::begin(first_candidate_), std::end(first_candidate_), 0);
}

uint64_t FreeSpace::free_pages() const {
  uint64_t pages = 0;
  for (const Region& region : regions_) pages += region.free_pages;
  return pages;
}

FreeRegion& FreeSpace::Runs(size_t number) {
  Region& region = regions_[number];
  if (region.runs == nullptr) {
    auto runs = std::make_unique<FreeRegion>();
    if (region.stored) {
      uint64_t end = std::min<uint64_t>(kRegionPages, end_page_ - FirstPage(number));
      reader_(region.stored, [&](std::span<const uint8_t> payload) {
        runs->Load(static_cast<uint32_t>(number), payload);
        bool in_file = runs->run_count() == 0 ||
                       runs->runs().rbegin()->first + runs->runs().rbegin()->second <= end;
        if (runs->free_pages() != region.free_pages || runs->largest_run() != region.largest_run ||
            !in_file) {
          ThrowDamaged("the free pages of a region are not what their summary says");
        }
      });
    }
    region.runs = std::move(runs);
  }
  return *region.runs;
}

void FreeSpace::MarkDirty(size_t number) {
  Runs(number);
  regions_[number].dirty = true;
}

void FreeSpace::Changed(size_t number) {
  Region& region = regions_[number];
  region.dirty = true;
  region.free_pages = region.runs->free_pages();
  region.largest_run = region.runs->largest_run();
}

ExtentAddress FreeSpace::TakeFrom(size_t region, uint32_t pages) {
  uint32_t first;
  if (!Runs(region).Take(pages, &first)) return {};
  Changed(region);
  return {FirstPage(region) + first, pages};
}

ExtentAddress FreeSpace::Extend(uint32_t pages, std::vector<ExtentAddress>* skipped) {
  uint64_t room = kRegionPages - end_page_ % kRegionPages;
  if (pages > room) {
    ExtentAddress rest{end_page_, static_cast<uint32_t>(room)};
    end_page_ += room;
    if (skipped != nullptr) {
      skipped->push_back(rest);
    } else {
      Add(rest);
    }
  }
  ExtentAddress extent{end_page_, pages};
  end_page_ += pages;
  if (RegionOf(extent.first_page) == regions_.size()) regions_.emplace_back();
  return extent;
}

ExtentAddress FreeSpace::Allocate(uint32_t pages) {
  assert(pages > 0 && pages <= kMaxExtentPages);
  auto size_class = static_cast<unsigned>(std::bit_width(pages) - 1);
  bool none_before = true;
  for (size_t r = first_candidate_[size_class]; r < regions_.size(); ++r) {
    if (regions_[r].largest_run >= pages) return TakeFrom(r, pages);
    if (none_before && regions_[r].largest_run < (1u << size_class)) {
      first_candidate_[size_class] = r + 1;
    } else {
      none_before = false;
    }
  }
  return Extend(pages, nullptr);
}

ExtentAddress FreeSpace::AllocateBelow(uint32_t pages, uint64_t end_page) {
  for (size_t r = 0; r < regions_.size() && FirstPage(r) < end_page; ++r) {
    if (regions_[r].largest_run < pages) continue;
    if (FirstPage(r) + kRegionPages <= end_page) return TakeFrom(r, pages);
    // The best fit may lie too high.
    return TakeLowest(r, pages, end_page);
  }
  return {};
}

ExtentAddress FreeSpace::TakeLowest(size_t region, uint32_t pages, uint64_t end_page) {
  for (auto [first, size] : Runs(region).runs()) {
    if (FirstPage(region) + first + pages > end_page) return {};
    if (size < pages) continue;
    uint32_t begin = first;
    regions_[region].runs->TakeAt(begin, pages);
    Changed(region);
    return {FirstPage(region) + begin, pages};
  }
  return {};
}

ExtentAddress FreeSpace::AllocateInDirty(uint32_t pages, bool lowest,
                                         std::vector<ExtentAddress>* skipped) {
  for (size_t r = 0; r < regions_.size(); ++r) {
    if (!regions_[r].dirty || regions_[r].largest_run < pages) continue;
    return lowest ? TakeLowest(r, pages, UINT64_MAX) : TakeFrom(r, pages);
  }
  return Extend(pages, skipped);
}

void FreeSpace::PrepareAdd(const ExtentAddress& extent) {
  if (extent.first_page < kFirstPage || extent.end_page() > end_page_) {
    ThrowDamaged("pages that are not in the file became free");
  }
  Runs(RegionOf(extent.first_page));
}

void FreeSpace::Add(const ExtentAddress& extent) {
  PrepareAdd(extent);
  size_t region = RegionOf(extent.first_page);
  auto first = static_cast<uint32_t>(extent.first_page - FirstPage(region));
  regions_[region].runs->Add(first, extent.pages);
  Changed(region);
  for (uint32_t c = 0; c < kSizeClasses && (1u << c) <= regions_[region].largest_run; ++c) {
    first_candidate_[c] = std::min(first_candidate_[c], region);
  }
}

void FreeSpace::CutTail(std::vector<ExtentAddress>* freed) {
  while (!regions_.empty() && regions_.back().free_pages > 0) {
    size_t last = regions_.size() - 1;
    auto end = static_cast<uint32_t>(end_page_ - FirstPage(last));
    uint32_t begin = Runs(last).CutBefore(end);
    if (begin == end) return;
    end_page_ -= end - begin;
    Changed(last);
    if (begin > 0) return;
    if (regions_[last].stored) freed->push_back(regions_[last].stored);
    regions_.pop_back();
  }
}

}  // namespace tupelo
