// base/worker_pool_test.cpp: every part of the work is done once, in whatever process.
#include "base/worker_pool.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace tupelo {
namespace {

int SumOfParts(WorkerPool* pool, uint32_t count) {
  std::vector<int> done(count, 0);
  pool->Run(
      count, [&](uint32_t part) { done[part] += static_cast<int>(part) + 1; }, [] {});
  int sum = 0;
  for (int value : done) sum += value;
  return sum;
}

TEST(WorkerPool, DoesEachPartOnce) {
  WorkerPool pool;
  for (int round = 0; round < 200; ++round) {
    EXPECT_EQ(SumOfParts(&pool, 1), 1);
    EXPECT_EQ(SumOfParts(&pool, 4), 10);
    EXPECT_EQ(SumOfParts(&pool, 2), 3);
    EXPECT_EQ(SumOfParts(&pool, 6), 21);
  }
}

TEST(WorkerPool, DoesThePartsOnDifferentThreads) {
  WorkerPool pool;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  pool.Run(
      3,
      [&](uint32_t) {
        std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      },
      [] {});
  EXPECT_EQ(threads.size(), 3u);
  EXPECT_TRUE(threads.contains(std::this_thread::get_id()));
}

TEST(WorkerPool, WhoComesWhileItsThreadsAreBusyDoesItsPartsAlone) {
  WorkerPool pool;
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        if (SumOfParts(&pool, 3) != 6) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
  // Also from within a part, whose caller waits for it.
  std::atomic<int> sum{0};
  pool.Run(
      2, [&](uint32_t) { sum += SumOfParts(&pool, 4); }, [] {});
  EXPECT_EQ(sum, 20);
}

TEST(WorkerPool, CallsTheWaiterWhileOthersGoOn) {
  WorkerPool pool;
  std::atomic<bool> stop{false};
  int calls = 0;
  pool.Run(
      2,
      [&](uint32_t part) {
        while (part == 1 && !stop.load()) std::this_thread::yield();
      },
      [&] {
        if (++calls == 3) stop.store(true);
      });
  EXPECT_GE(calls, 3);
}

#if defined(__unix__) && !defined(__SANITIZE_THREAD__)
TEST(WorkerPool, WorksInAForkedChildAndEndsThere) {
  auto pool = std::make_unique<WorkerPool>();
  EXPECT_EQ(SumOfParts(pool.get(), 3), 6);
  pid_t child = fork();
  if (child == 0) {
    bool is_right = SumOfParts(pool.get(), 3) == 6;
    pool.reset();
    _exit(is_right ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  pid_t idle = fork();
  if (idle == 0) {
    pool.reset();
    _exit(0);
  }
  waitpid(idle, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(SumOfParts(pool.get(), 3), 6);
}
#endif

}  // namespace
}  // namespace tupelo
