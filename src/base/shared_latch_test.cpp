// base/shared_latch_test.cpp: readers beside each other, writers alone, loaders among readers.
#include "base/shared_latch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace tupelo {
namespace {

void RunThreads(uint32_t count, const std::function<void(uint32_t)>& work) {
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST(SharedLatchTest, ReadersAreTogetherWritersAlone) {
  SharedLatch latch;
  constexpr int kSteps = 3000;
  int64_t written = 0, copy = 0;
  std::atomic<int> inside{0};
  std::atomic<int64_t> broken{0};
  RunThreads(8, [&](uint32_t number) {
    for (int step = 0; step < kSteps; ++step) {
      if (step % 8 == static_cast<int>(number)) {
        ExclusiveGuard guard(latch);
        ExclusiveGuard again(latch);
        if (inside.load() != 0) ++broken;
        ++written;
        std::this_thread::yield();
        ++copy;
      } else {
        SharedGuard guard(&latch, latch.SlotOf(number));
        inside.fetch_add(1);
        if (written != copy) ++broken;
        inside.fetch_sub(1);
      }
    }
  });
  EXPECT_EQ(broken.load(), 0);
  EXPECT_EQ(written, copy);
  EXPECT_EQ(written, 8 * kSteps / 8);
}

TEST(SharedLatchTest, ASecondReaderDoesNotWaitForTheFirst) {
  SharedLatch latch;
  SharedGuard first(&latch, latch.SlotOf(0));
  std::thread([&] { SharedGuard second(&latch, latch.SlotOf(1)); }).join();
  std::thread([&] { SharedGuard same_slot(&latch, latch.SlotOf(0)); }).join();
}

TEST(SharedLatchTest, AWriterWaitsForReadersAndLetsNoMoreIn) {
  SharedLatch latch;
  std::atomic<bool> has_written{false}, has_read{false};
  SharedLatch::Slot* held = latch.LockShared(latch.SlotOf(0));
  std::thread writer([&] {
    ExclusiveGuard guard(latch);
    EXPECT_FALSE(has_read.load());
    has_written.store(true);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::thread reader([&] {
    SharedGuard guard(&latch, latch.SlotOf(1));
    EXPECT_TRUE(has_written.load());
    has_read.store(true);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(has_written.load());
  latch.UnlockShared(held);
  writer.join();
  reader.join();
  EXPECT_TRUE(has_read.load());
}

TEST(SharedLatchTest, ItsOwnerReadsToo) {
  SharedLatch latch;
  {
    ExclusiveGuard guard(latch);
    EXPECT_TRUE(latch.IsMine());
    EXPECT_FALSE(latch.IsTakenAgain());
    SharedGuard reading(&latch, latch.SlotOf(3));
    EXPECT_TRUE(latch.IsTakenAgain());
    LoadGuard loading(&latch);
  }
  EXPECT_FALSE(latch.IsMine());
  std::thread([&] { ExclusiveGuard other(latch); }).join();
}

TEST(SharedLatchTest, UnlockFullyLetsOthersIn) {
  SharedLatch latch;
  ExclusiveGuard guard(latch);
  ExclusiveGuard again(latch);
  const uint32_t depth = latch.UnlockFully();
  EXPECT_EQ(depth, 2u);
  std::thread([&] { ExclusiveGuard other(latch); }).join();
  latch.LockAgain(depth);
  EXPECT_TRUE(latch.IsTakenAgain());
}

// The first one holds it for longer than anybody spins, so that several sleep at a time, of both
// kinds, and none comes again: whoever is woken alone has to see to the next one.
TEST(SharedLatchTest, NobodySleepsOn) {
  SharedLatch latch;
  constexpr int kRounds = 100;
  int64_t written = 0;
  for (int round = 0; round < kRounds; ++round) {
    RunThreads(8, [&](uint32_t number) {
      if (number % 4 == 3) {
        SharedGuard guard(&latch, latch.SlotOf(number));
        return;
      }
      ExclusiveGuard guard(latch);
      if (number == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ++written;
    });
  }
  EXPECT_EQ(written, 6 * kRounds);
}

// Whoever has kept a reader waiting gives it time to enter: else who writes without a pause would
// have the latch again before the reader has seen that it is free.
TEST(SharedLatchTest, WhoWritesWithoutPauseLetsReadersIn) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 20;
  SharedLatch latch;
  Clock::duration shortest = Clock::duration::max();
  for (int round = 0; round < kRounds; ++round) {
    latch.Lock();
    std::thread reader([&] { SharedGuard guard(&latch, latch.SlotOf(0)); });
    while (!latch.HasReaderCome()) std::this_thread::yield();
    const Clock::time_point start = Clock::now();
    latch.Unlock();
    shortest = std::min(shortest, Clock::now() - start);
    reader.join();
  }
  EXPECT_GE(shortest, std::chrono::microseconds(2));
}

// Readers look at a structure that has two halves; what is loaded changes both, one after the
// other, and nothing that was loaded before changes.
TEST(SharedLatchTest, WhoLoadsIsAlone) {
  SharedLatch latch;
  constexpr uint32_t kItems = 400;
  std::vector<uint64_t> first(kItems), second(kItems);
  std::atomic<uint64_t> broken{0}, loads{0};
  RunThreads(6, [&](uint32_t number) {
    for (uint32_t i = 0; i < kItems; ++i) {
      if (number == 5 && i % 50 == 0) {
        ExclusiveGuard guard(latch);  // and writers come between
        std::fill(first.begin(), first.end(), 0);
        std::fill(second.begin(), second.end(), 0);
        continue;
      }
      SharedGuard guard(&latch, latch.SlotOf(number % 3));
      if (first[i] != second[i]) ++broken;
      if (first[i] != 0) continue;
      LoadGuard loading(&latch);
      if (first[i] != 0) continue;  // by another
      first[i] = i + 1;
      std::this_thread::yield();
      second[i] = i + 1;
      ++loads;
    }
  });
  EXPECT_EQ(broken.load(), 0u);
  EXPECT_GE(loads.load(), kItems);
  for (uint32_t i = 0; i < kItems; ++i) EXPECT_EQ(first[i], second[i]);
}

TEST(SharedLatchTest, WhoIsTheOnlyOneLoadsWithoutHoldingIt) {
  SharedLatch latch;
  bool has_entered = false;
  {
    LoadGuard loading(&latch);
    has_entered = true;
  }
  EXPECT_TRUE(has_entered);
  SharedGuard reading(&latch, latch.SlotOf(0));  // and others may, then
}

}  // namespace
}  // namespace tupelo
