// storage/block_cache.h: which blocks of tables in a file stay in memory.
//
// A block that is as it is in the file may leave: when one is read and there is too much in memory,
// a hand goes round the segments of all tables. What it passes for the first time is set aside: the
// stripe does not lead to its values any more, so that who wants it next takes it back
// (RowStore::LoadColumn); what is set aside still when it comes again leaves. So readers of what is
// there pay for nothing. Where that is not enough, parts of the pool go to temporary files.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace tupelo {

class ExtentPool;
class RowStore;
class SharedLatch;
class WorkMemory;
struct Segment;

// One per database. Guarded by its latch: of readers, that of LoadGuard; but several threads of one
// statement, with the latch taken for all of them, may read blocks.
class BlockCache {
 public:
  BlockCache(ExtentPool* pool, WorkMemory* work);
  ExtentPool* pool() const { return pool_; }
  // That of the database; nullptr: there is but one thread.
  SharedLatch* latch() const { return latch_; }
  void SetLatch(SharedLatch* latch) { latch_ = latch; }

  // In bytes: of what is in the pool and in memory, and that statements hold, whose limit follows
  // this one. At first three quarters of the machine's.
  uint64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  void SetLimit(uint64_t bytes);
  static uint64_t DefaultLimit();
  bool is_full() const;
  // The same, and there are blocks that might leave.
  bool HoldsTooMuch() const { return !stores_.empty() && is_full(); }

  // Held by who reads a block.
  std::mutex& loading() { return loading_; }
  // While it lives, threads of the statement that has the latch exclusively read what the others
  // may want: no hand goes round.
  class Sharing {
   public:
    explicit Sharing(BlockCache* cache) : cache_(cache), before_(cache->is_shared_) {
      cache->Share(true);
    }
    ~Sharing() { cache_->Share(before_); }
    Sharing(const Sharing&) = delete;
    Sharing& operator=(const Sharing&) = delete;

   private:
    BlockCache* cache_;
    bool before_;
  };

  // Tables that have something in the file.
  void Add(RowStore* store);
  void Remove(RowStore* store);
  // Before a block is read for `kept`, which stays as it is. Throws kDiskFull or kIoError where
  // blocks that may leave are not enough and temporary files take nothing.
  void MakeRoom(const Segment* kept);
  // Between two steps of statements, when nobody goes by a block without having pinned it: as far
  // as that takes no files.
  void LetGoIfFull() {
    if (is_full()) [[unlikely]]
      LetGo(nullptr);
  }

 private:
  uint64_t used_bytes() const;
  void Share(bool is_shared);
  void LetGo(const Segment* kept);

  ExtentPool* pool_;
  WorkMemory* work_;
  SharedLatch* latch_ = nullptr;
  std::atomic<uint64_t> limit_;
  std::mutex loading_;
  bool is_shared_ = false;
  std::vector<RowStore*> stores_;
  // The hand.
  size_t store_ = 0;
  uint32_t segment_ = 0;
};

}  // namespace tupelo
