// base/worker_pool.cpp: a mutex, two conditions, and a number for each piece of work.
//
// Each thread waits until the number of the piece changes. It takes part where its own number is
// below the piece's count; the last of them to end wakes the caller.
#include "base/worker_pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace tupelo {

namespace {

constexpr auto kWaitInterval = std::chrono::milliseconds(5);

}  // namespace

struct WorkerPool::Threads {
  std::mutex mutex;
  std::condition_variable begin, end;
  // Guarded by the mutex.
  const std::function<void(uint32_t)>* work = nullptr;
  uint64_t piece = 0;
  uint32_t count = 0;    // of the piece's parts
  uint32_t running = 0;  // parts on threads, that have not ended
  bool is_over = false;

  std::vector<std::thread> threads;  // number i does part i + 1

  void Loop(uint32_t part) {
    uint64_t seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      begin.wait(lock, [&] { return is_over || (piece != seen && part < count); });
      if (is_over) return;
      seen = piece;
      const auto* mine = work;
      lock.unlock();
      (*mine)(part);
      lock.lock();
      if (--running == 0) end.notify_one();
    }
  }

  ~Threads() {
    {
      std::lock_guard lock(mutex);
      is_over = true;
    }
    begin.notify_all();
    for (std::thread& thread : threads) thread.join();
  }
};

WorkerPool::WorkerPool() = default;

WorkerPool::~WorkerPool() = default;

WorkerPool::Threads* WorkerPool::Provide(uint32_t count) {
  if (threads_.get() == nullptr) threads_.Set(std::make_unique<Threads>());
  Threads* pool = threads_.get();
  while (pool->threads.size() + 1 < count) {
    auto part = static_cast<uint32_t>(pool->threads.size() + 1);
    try {
      pool->threads.push_back(StartThread([pool, part] { pool->Loop(part); }));
    } catch (const std::system_error&) {
      break;
    }
  }
  return pool;
}

void WorkerPool::Run(uint32_t count, const std::function<void(uint32_t)>& work,
                     const std::function<void()>& wait) {
  struct Busy {
    std::atomic<bool>* is_busy;
    bool is_mine;
    ~Busy() {
      if (is_mine) is_busy->store(false, std::memory_order_release);
    }
  } busy{&is_busy_, !is_busy_.exchange(true, std::memory_order_acquire)};
  Threads* threads = count > 1 && busy.is_mine ? Provide(count) : nullptr;
  uint32_t helped = 1;  // parts that have a thread, this one's included
  if (threads != nullptr) {
    helped = std::min(count, static_cast<uint32_t>(threads->threads.size() + 1));
  }
  if (helped > 1) {
    {
      std::lock_guard lock(threads->mutex);
      threads->work = &work;
      threads->count = helped;
      threads->running = helped - 1;
      ++threads->piece;
    }
    threads->begin.notify_all();
  }
  work(0);
  for (uint32_t part = helped; part < count; ++part) work(part);
  if (helped == 1) return;
  std::unique_lock lock(threads->mutex);
  while (!threads->end.wait_for(lock, kWaitInterval, [&] { return threads->running == 0; })) {
    lock.unlock();
    wait();
    lock.lock();
  }
}

uint32_t ProcessorCount() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return static_cast<uint32_t>(std::max(1, CPU_COUNT(&allowed)));
  }
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace tupelo
