// buffer/extent_pool_test.cpp: extents do not overlap, merge again, and go back to the system.
#include "buffer/extent_pool.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace tupelo {
namespace {

TEST(ExtentPool, RoundsUpToPowersOfTwoAndLargeOnesToPages) {
  EXPECT_EQ(ExtentPool::RoundUp(1), 512u);
  EXPECT_EQ(ExtentPool::RoundUp(512), 512u);
  EXPECT_EQ(ExtentPool::RoundUp(513), 1024u);
  EXPECT_EQ(ExtentPool::RoundUp(5000), 8192u);
  EXPECT_EQ(ExtentPool::RoundUp((512 << 10) + 1), (512u << 10) + 4096u);
}

TEST(ExtentPool, RandomExtentsKeepTheirBytesAndEverythingComesBack) {
  struct Held {
    uint8_t* data;
    size_t bytes;
    uint8_t mark;
  };
  ExtentPool pool;
  std::mt19937 random(7);
  std::vector<Held> held;
  auto release = [&](size_t i) {
    for (size_t b = 0; b < held[i].bytes; b += 97) ASSERT_EQ(held[i].data[b], held[i].mark);
    pool.Free(held[i].data, held[i].bytes);
    held[i] = held.back();
    held.pop_back();
  };
  for (int step = 0; step < 20000; ++step) {
    if (held.empty() || random() % 100 < (step < 10000 ? 55u : 45u)) {
      size_t bytes = 1 + random() % (size_t{1} << (random() % 20));
      auto mark = static_cast<uint8_t>(random());
      auto* data = static_cast<uint8_t*>(pool.Allocate(bytes));
      std::memset(data, mark, bytes);
      held.push_back({data, bytes, mark});
    } else {
      release(random() % held.size());
    }
  }
  while (!held.empty()) release(held.size() - 1);
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
