// buffer/extent_pool_test.cpp: extents do not overlap, merge again, and go back to the system.
#include "buffer/extent_pool.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <vector>

#include "base/work_memory.h"

namespace tupelo {
namespace {

TEST(ExtentPool, RoundsUpToPowersOfTwoAndLargeOnesToPages) {
  EXPECT_EQ(ExtentPool::RoundUp(1), 512u);
  EXPECT_EQ(ExtentPool::RoundUp(512), 512u);
  EXPECT_EQ(ExtentPool::RoundUp(513), 1024u);
  EXPECT_EQ(ExtentPool::RoundUp(5000), 8192u);
  EXPECT_EQ(ExtentPool::RoundUp((512 << 10) + 1), (512u << 10) + 4096u);
}

// Extents of a pool, each with bytes that are looked at when it is given back.
class MarkedExtents {
 public:
  explicit MarkedExtents(ExtentPool* pool) : pool_(pool) {}
  void Take(size_t bytes) {
    auto mark = static_cast<uint8_t>(random_());
    auto* data = static_cast<uint8_t*>(pool_->Allocate(bytes));
    std::memset(data, mark, bytes);
    held_.push_back({data, bytes, mark});
  }
  void Release(size_t i) {
    Look(held_[i]);
    pool_->Free(held_[i].data, held_[i].bytes);
    held_[i] = held_.back();
    held_.pop_back();
  }
  // Takes with a probability of so many in 100, else gives back.
  void Step(uint32_t taken) {
    if (held_.empty() || random_() % 100 < taken) {
      Take(1 + random_() % (size_t{1} << (random_() % 20)));
    } else {
      Release(random_() % held_.size());
    }
  }
  void LookAtAll() const {
    for (const Held& held : held_) Look(held);
  }
  void ReleaseAll() {
    while (!held_.empty()) Release(held_.size() - 1);
  }

 private:
  struct Held {
    uint8_t* data;
    size_t bytes;
    uint8_t mark;
  };
  static void Look(const Held& held) {
    for (size_t b = 0; b < held.bytes; b += 97) ASSERT_EQ(held.data[b], held.mark);
  }
  ExtentPool* pool_;
  std::mt19937 random_{7};
  std::vector<Held> held_;
};

TEST(ExtentPool, RandomExtentsKeepTheirBytesAndEverythingComesBack) {
  ExtentPool pool;
  MarkedExtents extents(&pool);
  for (int step = 0; step < 20000; ++step) extents.Step(step < 10000 ? 55 : 45);
  extents.ReleaseAll();
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_LE(pool.reserved_bytes(), ExtentPool::kSlabBytes);
  // Everything merged: the largest extents fit without another slab.
  void* first = pool.Allocate(ExtentPool::kLargestBytes);
  size_t reserved = pool.reserved_bytes();
  void* second = pool.Allocate(ExtentPool::kLargestBytes);
  EXPECT_EQ(pool.reserved_bytes(), reserved);
  pool.Free(first, ExtentPool::kLargestBytes);
  pool.Free(second, ExtentPool::kLargestBytes);
}

// Whatever goes to files: extents keep their bytes and places, and so do free ones.
TEST(ExtentPool, WhatIsBeyondTheLimitGoesToFiles) {
  constexpr size_t kLimit = 5 * ExtentPool::kSlabBytes;
  auto files = std::make_shared<WorkMemory>();
  files->SetLimit(kLimit);
  files->SetDirectory(std::filesystem::temp_directory_path());
  ExtentPool pool;
  pool.SetFiles(files);
  MarkedExtents extents(&pool);
  size_t most_mapped = 0;
  for (int round = 0; round < 4; ++round) {
    for (int step = 0; step < 6000; ++step) {
      extents.Step(step < 3000 ? 62 : 45);
      ASSERT_LE(pool.used_bytes_in_memory(), kLimit / 7 * 8 + 2 * ExtentPool::kSlabBytes);
      most_mapped = std::max<size_t>(most_mapped, files->mapped());
    }
    extents.LookAtAll();
  }
  EXPECT_GT(most_mapped, 4 * kLimit);
  // Large ones have a file each.
  while (pool.used_bytes_in_memory() <= kLimit) extents.Take(20'000);
  for (int i = 0; i < 3; ++i) {
    const size_t mapped = files->mapped();
    extents.Take(2 * ExtentPool::kLargestBytes);
    EXPECT_EQ(files->mapped(), mapped + 2 * ExtentPool::kLargestBytes);
  }
  extents.ReleaseAll();
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_EQ(pool.used_bytes_in_memory(), 0u);
  EXPECT_EQ(files->mapped(), 0u);
  EXPECT_LE(pool.reserved_bytes(), ExtentPool::kSlabBytes);
}

TEST(ExtentPool, NothingGoesWhileOthersWrite) {
  auto files = std::make_shared<WorkMemory>();
  files->SetLimit(1);
  ExtentPool pool;
  pool.SetFiles(files);
  pool.SetMovable(false);
  MarkedExtents extents(&pool);
  for (int i = 0; i < 100; ++i) extents.Take(100'000);
  EXPECT_FALSE(pool.PageOut());
  EXPECT_EQ(files->mapped(), 0u);
  pool.SetMovable(true);
  while (pool.PageOut()) {
  }
  EXPECT_LE(pool.used_bytes_in_memory(), 2 * ExtentPool::kSlabBytes);
  extents.ReleaseAll();
}

TEST(ExtentPool, ASmallDatabaseTakesLessThanASlab) {
  ExtentPool pool;
  void* small = pool.Allocate(4096);
  EXPECT_LT(pool.reserved_bytes(), ExtentPool::kSlabBytes);
  void* large = pool.Allocate(ExtentPool::kLargestBytes);
  EXPECT_GT(pool.reserved_bytes(), ExtentPool::kSlabBytes);
  pool.Free(small, 4096);
  pool.Free(large, ExtentPool::kLargestBytes);
  EXPECT_EQ(pool.used_bytes(), 0u);
}

}  // namespace
}  // namespace tupelo
