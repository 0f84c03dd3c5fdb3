// base/worker_pool.h: threads that help with one piece of work at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/own_threads.h"

namespace tupelo {

// Makes its threads when they are first needed, and keeps them until it is destroyed. They help one
// caller of Run at a time. In a child process made by fork, which has none of the threads, it makes
// new ones.
class WorkerPool {
 public:
  WorkerPool();
  ~WorkerPool();  // waits for the threads to end
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls work(0) on this thread, and work(1) to work(count - 1) on others; returns when all have
  // ended. `work` must not throw. Once work(0) has ended, `wait` is called every few milliseconds
  // for as long as others go on. Where the system has no thread to give, or they help somebody
  // else, this thread does their work.
  void Run(uint32_t count, const std::function<void(uint32_t)>& work,
           const std::function<void()>& wait);

 private:
  struct Threads;
  Threads* Provide(uint32_t count);

  std::atomic<bool> is_busy_ = false;
  OfThisProcess<Threads> threads_;
};

// Processors that this process may use, at least 1.
uint32_t ProcessorCount();

}  // namespace tupelo
