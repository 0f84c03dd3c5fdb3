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

#if defined(__unix__) || defined(__APPLE__)
#include <csignal>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace tupelo {

namespace {

constexpr auto kWaitInterval = std::chrono::milliseconds(5);

int64_t ProcessNumber() {
#if defined(__unix__) || defined(__APPLE__)
  return getpid();
#else
  return 0;
#endif
}

#if defined(__unix__) || defined(__APPLE__)
// Signals are for the threads of the host: the threads made within the scope get none.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};
#else
struct SignalsBlocked {
  SignalsBlocked() {}
};
#endif

}  // namespace

struct WorkerPool::Threads {
  const int64_t process = ProcessNumber();
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

WorkerPool::~WorkerPool() {
  // What a fork has left of threads can't be joined, nor their mutex be trusted.
  if (threads_ != nullptr && threads_->process != ProcessNumber()) {
    static_cast<void>(threads_.release());
  }
}

WorkerPool::Threads* WorkerPool::Provide(uint32_t count) {
  if (threads_ != nullptr && threads_->process != ProcessNumber()) {
    static_cast<void>(threads_.release());
  }
  if (threads_ == nullptr) threads_ = std::make_unique<Threads>();
  SignalsBlocked no_signals;
  while (threads_->threads.size() + 1 < count) {
    auto part = static_cast<uint32_t>(threads_->threads.size() + 1);
    try {
      threads_->threads.emplace_back([pool = threads_.get(), part] { pool->Loop(part); });
    } catch (const std::system_error&) {
      break;
    }
  }
  return threads_.get();
}

void WorkerPool::Run(uint32_t count, const std::function<void(uint32_t)>& work,
                     const std::function<void()>& wait) {
  Threads* threads = count > 1 ? Provide(count) : nullptr;
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
