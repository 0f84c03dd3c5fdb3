// storage/free_region.cpp: runs by place and by size.
#include "storage/free_region.h"

#include <cassert>
#include <iterator>

namespace tupelo {

void FreeRegion::Insert(uint32_t first, uint32_t pages) {
  by_start_.emplace(first, pages);
  by_size_.emplace(pages, first);
  free_pages_ += pages;
}

void FreeRegion::Remove(std::map<uint32_t, uint32_t>::iterator run) {
  by_size_.erase({run->second, run->first});
  free_pages_ -= run->second;
  by_start_.erase(run);
}

bool FreeRegion::Take(uint32_t pages, uint32_t* first) {
  auto found = by_size_.lower_bound({pages, 0});
  if (found == by_size_.end()) return false;
  *first = found->second;
  TakeAt(*first, pages);
  return true;
}

void FreeRegion::TakeAt(uint32_t first, uint32_t pages) {
  auto run = by_start_.find(first);
  assert(run != by_start_.end() && run->second >= pages);
  uint32_t size = run->second;
  Remove(run);
  if (size > pages) Insert(first + pages, size - pages);
}

void FreeRegion::Add(uint32_t first, uint32_t pages) {
  auto next = by_start_.upper_bound(first);
  auto previous = next == by_start_.begin() ? by_start_.end() : std::prev(next);
  uint32_t end = first + pages;
  bool overlaps = (next != by_start_.end() && next->first < end) ||
                  (previous != by_start_.end() && previous->first + previous->second > first);
  if (overlaps || pages == 0 || end > kRegionPages) ThrowDamaged("pages are free twice");
  if (next != by_start_.end() && next->first == end) {
    end += next->second;
    Remove(next);
  }
  if (previous != by_start_.end() && previous->first + previous->second == first) {
    first = previous->first;
    Remove(previous);
  }
  Insert(first, end - first);
}

uint32_t FreeRegion::CutBefore(uint32_t end) {
  if (by_start_.empty()) return end;
  auto last = std::prev(by_start_.end());
  if (last->first + last->second != end) return end;
  uint32_t begin = last->first;
  Remove(last);
  return begin;
}

void FreeRegion::Store(uint32_t number, ByteVector* out) const {
  AppendNumber<uint32_t>(number, out);
  AppendNumber<uint32_t>(run_count(), out);
  for (auto [first, pages] : by_start_) {
    AppendNumber(static_cast<uint16_t>(first), out);
    AppendNumber(static_cast<uint16_t>(pages), out);
  }
}

void FreeRegion::Load(uint32_t number, std::span<const uint8_t> payload) {
  ByteReader reader(payload);
  if (reader.Take<uint32_t>() != number) ThrowDamaged("free pages of another region");
  auto count = reader.Take<uint32_t>();
  uint32_t end = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t first = reader.Take<uint16_t>();
    uint32_t pages = reader.Take<uint16_t>();
    if (pages == 0 || (i > 0 && first <= end) || first + pages > kRegionPages) {
      ThrowDamaged("the runs of free pages are not in order");
    }
    end = first + pages;
    Insert(first, pages);
  }
  reader.ExpectEnd();
}

}  // namespace tupelo
