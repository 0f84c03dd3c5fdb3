// storage/database_file.h: one file of extents that are never overwritten while a root reaches
// them.
//
// The file is pages of 4 KiB: three that storage/file_header.h draws, then extents. A root leads to
// all that belongs to the database at one moment; what follows it is written to free extents until
// the next root takes its place, so that a crash finds one of the two. An extent that became free
// is used again once neither of the two roots on disk reaches it, nor one that a reader in another
// process has pinned.
//
// An extent is 1 to kMaxExtentPages pages and begins with a header:
//
//   offset  size
//        0     8   XXH3-64 of all that follows in the extent, seeded by ExtentSeed
//        8     4   bytes of the payload
//       12     1   ExtentKind
//       13     1   zero
//       14     2   pages
//       16     8   generation of the root that was being made when it was written
//       24    16   ExtentOwner
//       40     n   payload
//     40+n         zeroes
//
// The free-space tree: the payload of its root, a kFreeSpace extent, which root pages name.
//
//   offset  size
//        0     4   number of regions: the file's pages, cut into kRegionPages
//        4     4   number of lists
//        8   16r   regions: address of its kFreeRegion extent or 0, 8 bytes; free pages, 4 bytes;
//                  pages of the largest free run, 4 bytes
//   8+16r    16l   lists, ascending by generation: generation, 8 bytes; address, 8 bytes
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file_system.h"
#include "base/scratch_array.h"
#include "storage/extent_address.h"
#include "storage/file_header.h"
#include "storage/free_space.h"
#include "storage/freed_extents.h"

namespace tupelo {

// Memory that an extent is read into; grows, and is used again.
class ExtentBuffer {
 public:
  uint8_t* Reserve(size_t bytes) {
    if (bytes > capacity_) {
      bytes_ = MakeScratchArray<uint8_t>(bytes);
      capacity_ = bytes;
    }
    return bytes_.get();
  }

 private:
  ScratchArray<uint8_t> bytes_;
  size_t capacity_ = 0;
};

// Thread-safe, but that CommitRoot and PinRoot are called by one thread at a time. What is damaged
// is kDataCorrupted with the file and the place in it. After kDiskFull all goes on, nothing is
// lost; what fails otherwise leaves the file as the last root says, and no more may be written.
class DatabaseFile {
 public:
  // REQUIRES: the file is empty. Synced when it returns; a power cut before that leaves what is no
  // database, so it is done under another name first.
  static std::unique_ptr<DatabaseFile> Create(std::unique_ptr<File> file, const DatabaseId& id);
  // Reads the header and the roots. Writes nothing.
  static std::unique_ptr<DatabaseFile> Open(std::unique_ptr<File> file);

  const std::string& path() const { return file_->path(); }
  const DatabaseId& id() const { return id_; }
  File& file() { return *file_; }

  // The newest root that is on disk for certain.
  DatabaseRoot root() const;
  // When it was opened, the other root did not check out: it was torn while it was written; or it
  // was the newer one and is damaged, which a log tells that continues a newer root than this.
  bool other_root_is_broken() const { return other_root_is_broken_; }
  // For readers: takes the newest root, and keeps who writes from using anew what that reaches, as
  // long as this object is there.
  void PinRoot();
  // Of the roots that are in the file now.
  uint64_t NewestGeneration() const;

  // An extent for so many bytes of payload, at most kMaxExtentPayload.
  ExtentAddress Allocate(size_t payload_bytes);
  // From now on Allocate looks first for one that ends at `end_page` or before; 0: anywhere.
  void PreferBelow(uint64_t end_page);
  // REQUIRES: allocated, and not reached by a root yet.
  void Write(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner,
             std::span<const uint8_t> payload);
  // The payload, in `buffer`.
  std::span<const uint8_t> Read(const ExtentAddress& address, ExtentKind kind,
                                ExtentBuffer* buffer) const;
  // REQUIRES: not free. The next root will not reach it. One that no root has reached is free at
  // once.
  void Free(const ExtentAddress& address);

  // Makes a root that holds `next`'s catalog, log position and numbers; the rest of it is ours. All
  // that was allocated belongs to it, but for `unreached`: what was written for a later root. What
  // it no longer reaches was freed before. Writes what is free; syncs; writes the root; syncs.
  // Others may allocate, write and free meanwhile: that concerns the root after this. `freed`: what
  // it no longer reaches besides; where it is not made for want of room, nothing has become free.
  void CommitRoot(const DatabaseRoot& next, std::span<const ExtentAddress> unreached = {},
                  std::span<const ExtentAddress> freed = {});
  // Of the root to come. It grows as soon as all of a root is written but for its page: when
  // CommitRoot throws later than that, nobody knows whether a crash would find that root.
  uint64_t next_generation() const;
  // Asked, once a root, which generation before the given one is the oldest that a reader in
  // another process has pinned, or UINT64_MAX.
  void SetOldestPinned(std::function<uint64_t(uint64_t before)> oldest_pinned);
  // For readers of this process: what the newest root reaches stays as it is until it is let go.
  // Returns its generation.
  uint64_t HoldRoot();
  void LetRootGo(uint64_t generation);

  // For making the file shorter: extents that lie behind `from_page`, with their owners. Written
  // anew below (PreferBelow), they make room that the root after the next gives back.
  struct TailExtent {
    ExtentAddress address;
    ExtentKind kind;
    ExtentOwner owner;
  };
  std::vector<TailExtent> TailExtents(uint64_t from_page);

  // In pages: of the file, including what is free.
  uint64_t file_pages() const;
  uint64_t free_pages();
  // Of extents, by this process, since it opened the file.
  uint64_t written_bytes() const { return written_bytes_.load(std::memory_order_relaxed); }
  // All pages that the current state does not use: free, or free once nobody reaches them. With
  // what a root reaches, and what was allocated since, that is every page but the first three.
  std::vector<ExtentAddress> UnusedExtents();
  // What the free-space tree itself lies in, and does not count as unused.
  std::vector<ExtentAddress> FreeSpaceExtents();

  [[noreturn]] void ThrowDamaged(const ExtentAddress& address, const std::string& what) const;
  // Runs `decode` and says which extent an error of it is about.
  template <typename Decode>
  auto Decoding(const ExtentAddress& address, Decode decode) const {
    try {
      return decode();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataCorrupted) throw;
      ThrowDamaged(address, error.message());
    }
  }

 private:
  struct Commit;
  DatabaseFile(std::unique_ptr<File> file, const DatabaseId& id);
  ExtentReader ReaderOf(ExtentKind kind);
  static uint32_t PagesFor(size_t payload_bytes);
  void WriteExtent(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner,
                   std::span<const uint8_t> payload, uint64_t generation);
  void LoadRoots();
  void LoadFreeSpace();
  void FindPins();
  void Release();
  void Forget(const ExtentAddress& address);
  void Prepare(Commit* commit);
  void PlaceFreeSpace(Commit* commit);
  void StoreFreeSpace(Commit* commit);
  void Adopt(Commit* commit);
  std::vector<ExtentAddress> UnusedLocked();
  void MoveRegion(const ExtentAddress& stored);
  TailExtent ReadHeader(uint64_t page, uint64_t end_page) const;

  std::unique_ptr<File> file_;
  DatabaseId id_;
  bool other_root_is_broken_ = false;
  std::atomic<uint64_t> written_bytes_ = 0;

  mutable std::mutex mutex_;       // guards all that follows
  DatabaseRoot root_;              // the newest on disk
  uint64_t root_page_ = 1;         // where it lies; the next one goes to the other page
  uint64_t older_generation_ = 0;  // of the root in the other page
  uint64_t older_file_pages_ = 0;
  uint64_t making_ = 0;  // generation of the root to come
  uint64_t preferred_end_ = 0;
  bool free_space_loaded_ = false;
  ExtentAddress stored_free_space_;  // as prepared last
  FreeSpace space_;
  FreedExtents freed_lists_;
  std::vector<ExtentAddress> freed_;  // since the last root was prepared
  // First page and pages of what was allocated and belongs to no root.
  std::unordered_map<uint64_t, uint32_t> new_extents_;
  std::function<uint64_t(uint64_t)> oldest_pinned_;
  uint64_t pinned_ = UINT64_MAX;  // the oldest one, when it was asked for last
  std::multiset<uint64_t> held_;  // by this process
};

}  // namespace tupelo
