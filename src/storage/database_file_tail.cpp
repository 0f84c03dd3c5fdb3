// storage/database_file_tail.cpp: what lies at the end of a file, and what is not used.
#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/database_file.h"

namespace tupelo {

std::vector<ExtentAddress> DatabaseFile::UnusedExtents() {
  std::lock_guard lock(mutex_);
  return UnusedLocked();
}

std::vector<ExtentAddress> DatabaseFile::UnusedLocked() {
  LoadFreeSpace();
  std::vector<ExtentAddress> unused;
  for (size_t r = 0; r < space_.regions().size(); ++r) {
    for (auto [first, pages] : space_.Runs(r).runs()) {
      unused.push_back({r * kRegionPages + first, pages});
    }
  }
  auto append = [&](const std::vector<ExtentAddress>& extents) {
    unused.insert(unused.end(), extents.begin(), extents.end());
  };
  for (size_t i = 0; i < freed_lists_.lists().size(); ++i) append(freed_lists_.ExtentsOf(i));
  append(freed_);
  return unused;
}

std::vector<ExtentAddress> DatabaseFile::FreeSpaceExtents() {
  std::lock_guard lock(mutex_);
  LoadFreeSpace();
  std::vector<ExtentAddress> extents;
  if (stored_free_space_) extents.push_back(stored_free_space_);
  for (const FreeSpace::Region& region : space_.regions()) {
    if (region.stored) extents.push_back(region.stored);
  }
  for (const FreedExtents::List& list : freed_lists_.lists()) extents.push_back(list.stored);
  return extents;
}

DatabaseFile::TailExtent DatabaseFile::ReadHeader(uint64_t page, uint64_t end_page) const {
  ExtentHeader header;
  ExtentAddress address{page, 1};
  if (file_->ReadAt(address.offset(), {reinterpret_cast<uint8_t*>(&header), sizeof(header)}) <
      sizeof(header)) {
    ThrowDamaged(address, "the file ends here");
  }
  address.pages = header.pages;
  if (header.pages == 0 || address.end_page() > end_page) {
    ThrowDamaged(address, "its length is wrong");
  }
  return {address, static_cast<ExtentKind>(header.kind), {header.object, header.place}};
}

// From the beginning of a region on, where an extent or free pages begin, from one to the next.
std::vector<DatabaseFile::TailExtent> DatabaseFile::TailExtents(uint64_t from_page) {
  std::lock_guard lock(mutex_);
  std::vector<ExtentAddress> unused = UnusedLocked();
  for (auto& [first, pages] : new_extents_) unused.push_back({first, pages});
  auto by_page = [](const ExtentAddress& a, const ExtentAddress& b) {
    return a.first_page < b.first_page;
  };
  std::sort(unused.begin(), unused.end(), by_page);
  uint64_t page = std::max(from_page / kRegionPages * kRegionPages, kFirstFreePage);
  auto next = std::lower_bound(unused.begin(), unused.end(), ExtentAddress{page, 1}, by_page);
  std::vector<TailExtent> extents;
  while (page < space_.end_page()) {
    if (next != unused.end() && next->first_page <= page) {
      page = std::max(page, next->end_page());
      ++next;
      continue;
    }
    TailExtent extent =
        ReadHeader(page, next == unused.end() ? space_.end_page() : next->first_page);
    page = extent.address.end_page();
    if (extent.address.first_page < from_page) continue;
    if (extent.kind == ExtentKind::kFreeRegion) {
      MoveRegion(extent.address);
    } else if (extent.kind != ExtentKind::kFreeSpace && extent.kind != ExtentKind::kFreedList) {
      extents.push_back(extent);
    }
  }
  // What the free-space tree itself has there moves with the next root, into the lowest region that
  // has room.
  for (size_t r = 0; r < space_.regions().size(); ++r) {
    if (space_.regions()[r].free_pages == 0) continue;
    space_.MarkDirty(r);
    break;
  }
  return extents;
}

void DatabaseFile::MoveRegion(const ExtentAddress& stored) {
  for (size_t r = 0; r < space_.regions().size(); ++r) {
    if (space_.regions()[r].stored == stored) space_.MarkDirty(r);
  }
}

}  // namespace tupelo
