// storage/block_cache.cpp: the hand that goes round.
#include "storage/block_cache.h"

#include <algorithm>

#include "base/machine_memory.h"
#include "base/work_memory.h"
#include "buffer/extent_pool.h"
#include "storage/row_store.h"

namespace tupelo {

namespace {

// Segments that one call looks at: where little may leave, reading goes on over the limit.
constexpr int kMostSteps = 64;

}  // namespace

BlockCache::BlockCache(ExtentPool* pool, WorkMemory* work) : pool_(pool), work_(work) {
  SetLimit(DefaultLimit());
}

void BlockCache::SetLimit(uint64_t bytes) {
  limit_.store(bytes, std::memory_order_relaxed);
  work_->SetLimit(bytes);
}

uint64_t BlockCache::DefaultLimit() {
  static const uint64_t limit = MachineMemory() / 4 * 3;
  return limit;
}

uint64_t BlockCache::used_bytes() const { return pool_->used_bytes_in_memory() + work_->held(); }

bool BlockCache::is_full() const { return used_bytes() > limit(); }

void BlockCache::Add(RowStore* store) { stores_.push_back(store); }

void BlockCache::Remove(RowStore* store) {
  stores_.erase(std::ranges::find(stores_, store));
  store_ = 0;
  segment_ = 0;
}

void BlockCache::Share(bool is_shared) {
  is_shared_ = is_shared;
  pool_->SetMovable(!is_shared);
}

void BlockCache::MakeRoom(const Segment* kept) {
  if (is_shared_ || !is_full()) return;
  LetGo(kept);
  if (is_full()) pool_->PageOut();
}

void BlockCache::LetGo(const Segment* kept) {
  if (is_shared_) return;
  // A little more than would be needed, so that not every block that is read moves the hand.
  uint64_t wanted = limit() - limit() / 64;
  for (int step = 0; step < kMostSteps && used_bytes() > wanted && !stores_.empty(); ++step) {
    if (store_ >= stores_.size()) store_ = 0;
    if (!stores_[store_]->SetAside(&segment_, kept)) {
      ++store_;
      segment_ = 0;
    }
  }
}

}  // namespace tupelo
