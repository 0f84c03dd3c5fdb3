// storage/database_file_commit.cpp: making the next root.
//
// What is free is part of a root, and lies itself in extents that had to be allocated. That comes
// to an end because those extents are taken only from regions that have to be stored anew anyway,
// or from behind the end of the file: storing one region never makes another one dirty.
//
// 1. Under the mutex: lists of freed extents that nobody reaches any more become free; free pages
//    at the end are cut off; places are found for the regions that changed, the lists and the root
//    of the tree; all of it is written.
// 2. Only then does the state in memory say so: what failed before, for want of room, is undone.
// 3. Without the mutex: sync, the root in the page that does not hold the last one, sync.
// 4. Which roots readers have pinned is asked for; what none of them and neither root in the file
//    reaches becomes free. The file is cut off behind what is left.
//
// When step 3 fails nobody knows which root a crash would find. So what the new one reaches counts
// as reached, and what the old one reaches stays as long as it is one of the two; the next attempt
// makes a newer generation in the same page.
#include <algorithm>
#include <utility>

#include "storage/database_file.h"

namespace tupelo {

struct DatabaseFile::Commit {
  DatabaseRoot root;
  std::vector<ExtentAddress> unreached;
  std::vector<ExtentAddress> freed;    // by this root
  std::vector<ExtentAddress> placed;   // extents of the free-space tree
  std::vector<ExtentAddress> skipped;  // left over at the ends of regions
  std::vector<std::pair<size_t, ExtentAddress>> regions;
  std::vector<std::pair<uint64_t, ExtentAddress>> old_lists;  // which stay
  std::vector<ExtentAddress> unreached_lists;
  std::vector<ExtentAddress> freed_lists;
};

void DatabaseFile::LoadFreeSpace() {
  if (free_space_loaded_) return;
  space_.Reset(root_.file_pages);
  freed_lists_.Clear();
  if (root_.free_space) {
    ExtentBuffer buffer;
    ByteReader reader(Read(root_.free_space, ExtentKind::kFreeSpace, &buffer));
    Decoding(root_.free_space, [&] {
      auto region_count = reader.Take<uint32_t>();
      auto list_count = reader.Take<uint32_t>();
      if (region_count != space_.regions().size()) {
        tupelo::ThrowDamaged("the free-space tree is of a file of another size");
      }
      for (FreeSpace::Region& region : space_.regions()) {
        region.stored = ExtentAddress::Unpack(reader.Take<uint64_t>());
        region.free_pages = reader.Take<uint32_t>();
        region.largest_run = reader.Take<uint32_t>();
        if (region.largest_run > region.free_pages || region.free_pages > kRegionPages ||
            (!region.stored && region.free_pages > 0)) {
          tupelo::ThrowDamaged("the free pages of a region are wrong");
        }
      }
      uint64_t last_generation = 0;
      for (uint32_t i = 0; i < list_count; ++i) {
        auto generation = reader.Take<uint64_t>();
        ExtentAddress stored = ExtentAddress::Unpack(reader.Take<uint64_t>());
        if (generation < last_generation || generation > root_.generation) {
          tupelo::ThrowDamaged("the lists of freed extents are not in order");
        }
        last_generation = generation;
        freed_lists_.AddStored(generation, stored);
      }
      reader.ExpectEnd();
    });
  }
  stored_free_space_ = root_.free_space;
  free_space_loaded_ = true;
  FindPins();
  Release();
}

void DatabaseFile::Release() {
  uint64_t oldest = std::min({older_generation_, root_.generation, pinned_});
  if (!held_.empty()) oldest = std::min(oldest, *held_.begin());
  while (const FreedExtents::List* list = freed_lists_.Releasable(oldest)) {
    Decoding(list->stored, [&] {
      // All that may fail comes first, so that none of them is lost.
      for (const ExtentAddress& extent : list->extents) space_.PrepareAdd(extent);
      freed_.push_back(list->stored);
      for (const ExtentAddress& extent : list->extents) space_.Add(extent);
    });
    freed_lists_.RemoveFirst();
  }
}

void DatabaseFile::Prepare(Commit* commit) {
  LoadFreeSpace();
  Release();
  space_.CutTail(&freed_);
  commit->root.generation = making_;
  commit->freed.insert(commit->freed.end(), freed_.begin(), freed_.end());
  if (stored_free_space_) commit->freed.push_back(stored_free_space_);
  for (const FreedExtents::List& list : freed_lists_.lists()) {
    commit->old_lists.emplace_back(list.generation, list.stored);
  }
}

void DatabaseFile::PlaceFreeSpace(Commit* commit) {
  auto place = [&](size_t payload_bytes) {
    ExtentAddress extent =
        space_.AllocateInDirty(PagesFor(std::min(payload_bytes, kMaxExtentPayload)),
                               preferred_end_ != 0, &commit->skipped);
    commit->placed.push_back(extent);
    return extent;
  };
  // A region that has its place may still have its runs taken from; they don't get more by that.
  for (size_t r = 0; r < space_.regions().size(); ++r) {
    FreeSpace::Region& region = space_.regions()[r];
    if (!region.dirty) continue;
    if (region.stored) commit->freed.push_back(region.stored);
    uint32_t runs = region.runs->run_count();
    commit->regions.emplace_back(r, place(FreeRegion::StoredBytes(runs)));
  }
  for (size_t i = 0; i < commit->unreached.size(); i += FreedExtents::kMostInOneList) {
    commit->unreached_lists.push_back(place((commit->unreached.size() - i) * 8));
  }
  // What follows may skip the end of a region each time, and begin another one.
  size_t lists = commit->freed.size() / FreedExtents::kMostInOneList + 2;
  size_t entries = space_.regions().size() + commit->old_lists.size() +
                   commit->unreached_lists.size() + 2 * lists + 2;
  commit->root.free_space = place(8 + 16 * entries);
  for (size_t placed = 0; placed < commit->freed.size() + commit->skipped.size();
       placed += FreedExtents::kMostInOneList) {
    // Room for one more: this very allocation may skip something.
    size_t rest = commit->freed.size() + commit->skipped.size() - placed;
    commit->freed_lists.push_back(place((rest + 1) * 8));
  }
  commit->freed.insert(commit->freed.end(), commit->skipped.begin(), commit->skipped.end());
  commit->root.file_pages = space_.end_page();
}

void DatabaseFile::StoreFreeSpace(Commit* commit) {
  auto write = [&](const ExtentAddress& address, ExtentKind kind, const ByteVector& payload) {
    WriteExtent(address, kind, {}, payload, commit->root.generation);
  };
  ByteVector payload;
  for (auto& [number, address] : commit->regions) {
    payload.clear();
    space_.regions()[number].runs->Store(static_cast<uint32_t>(number), &payload);
    write(address, ExtentKind::kFreeRegion, payload);
  }
  auto write_lists = [&](std::span<const ExtentAddress> extents,
                         const std::vector<ExtentAddress>& places) {
    for (const ExtentAddress& address : places) {
      size_t count = std::min(extents.size(), FreedExtents::kMostInOneList);
      payload.clear();
      FreedExtents::Store(extents.first(count), &payload);
      write(address, ExtentKind::kFreedList, payload);
      extents = extents.subspan(count);
    }
  };
  write_lists(commit->unreached, commit->unreached_lists);
  write_lists(commit->freed, commit->freed_lists);

  payload.clear();
  AppendNumber(static_cast<uint32_t>(space_.regions().size()), &payload);
  AppendNumber(static_cast<uint32_t>(commit->unreached_lists.size() + commit->old_lists.size() +
                                     commit->freed_lists.size()),
               &payload);
  size_t next = 0;
  for (size_t r = 0; r < space_.regions().size(); ++r) {
    const FreeSpace::Region& region = space_.regions()[r];
    bool is_new = next < commit->regions.size() && commit->regions[next].first == r;
    AppendNumber((is_new ? commit->regions[next++].second : region.stored).Pack(), &payload);
    AppendNumber(region.free_pages, &payload);
    AppendNumber(region.largest_run, &payload);
  }
  auto append_list = [&](uint64_t generation, const ExtentAddress& address) {
    AppendNumber(generation, &payload);
    AppendNumber(address.Pack(), &payload);
  };
  for (const ExtentAddress& address : commit->unreached_lists) append_list(0, address);
  for (auto& [generation, address] : commit->old_lists) append_list(generation, address);
  for (const ExtentAddress& address : commit->freed_lists) {
    append_list(commit->root.generation, address);
  }
  write(commit->root.free_space, ExtentKind::kFreeSpace, payload);
}

// Nothing here may fail but for want of memory, before anything is changed.
void DatabaseFile::Adopt(Commit* commit) {
  std::vector<FreedExtents::List> lists;
  for (const ExtentAddress& address : commit->unreached_lists) {
    lists.push_back({0, address, true, {}});
  }
  std::span<const ExtentAddress> freed = commit->freed;
  for (const ExtentAddress& address : commit->freed_lists) {
    size_t count = std::min(freed.size(), FreedExtents::kMostInOneList);
    lists.push_back({commit->root.generation,
                     address,
                     true,
                     {freed.begin(), freed.begin() + static_cast<ptrdiff_t>(count)}});
    freed = freed.subspan(count);
  }
  std::unordered_map<uint64_t, uint32_t> new_extents;
  for (const ExtentAddress& extent : commit->unreached) {
    new_extents.emplace(extent.first_page, extent.pages);
  }
  freed_lists_.Add(std::move(lists));
  for (auto& [number, address] : commit->regions) {
    space_.regions()[number].stored = address;
    space_.regions()[number].dirty = false;
  }
  new_extents_ = std::move(new_extents);
  freed_.clear();
  stored_free_space_ = commit->root.free_space;
  ++making_;
}

void DatabaseFile::CommitRoot(const DatabaseRoot& next, std::span<const ExtentAddress> unreached,
                              std::span<const ExtentAddress> freed) {
  Commit commit;
  commit.freed.assign(freed.begin(), freed.end());
  commit.root = next;
  commit.unreached.assign(unreached.begin(), unreached.end());
  uint64_t page_number;
  {
    std::lock_guard lock(mutex_);
    Prepare(&commit);
    try {
      PlaceFreeSpace(&commit);
      StoreFreeSpace(&commit);
      if (file_->Size() < commit.root.file_pages * kPageBytes) {
        file_->Resize(commit.root.file_pages * kPageBytes);
      }
      Adopt(&commit);
    } catch (...) {
      for (const ExtentAddress& extent : commit.placed) space_.Add(extent);
      for (const ExtentAddress& extent : commit.skipped) space_.Add(extent);
      throw;
    }
    page_number = 3 - root_page_;
  }

  Page page;
  StoreRoot(commit.root, id_, page_number, &page);
  file_->Sync();
  file_->WriteAt(page_number * kPageBytes, page);
  file_->Sync();

  std::lock_guard lock(mutex_);
  older_generation_ = root_.generation;
  older_file_pages_ = root_.file_pages;
  root_ = commit.root;
  root_page_ = page_number;
  other_root_is_broken_ = false;
  FindPins();
  Release();
  uint64_t needed = std::max({root_.file_pages, older_file_pages_, space_.end_page()});
  if (file_->Size() > needed * kPageBytes) file_->Resize(needed * kPageBytes);
}

uint64_t DatabaseFile::free_pages() {
  std::lock_guard lock(mutex_);
  LoadFreeSpace();
  return space_.free_pages();
}

}  // namespace tupelo
