// base/turn_lock.h: a lock that its holder may take again, cheap when nobody else wants it.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tupelo {

// One compare-and-swap to take, one store to give back. Who has to wait goes through WaitScope
// (base/wait.h), so a host's global lock is not held meanwhile. Not fair.
class TurnLock {
 public:
  void Lock() {
    uintptr_t self = Self();
    if (owner_.load(std::memory_order_relaxed) != self) {
      uintptr_t nobody = 0;
      if (!owner_.compare_exchange_strong(nobody, self, std::memory_order_acquire)) LockSlow(self);
    }
    ++depth_;
  }
  void Unlock() {
    if (--depth_ != 0) return;
    owner_.store(0, std::memory_order_seq_cst);
    if (waiting_.load(std::memory_order_seq_cst) != 0) owner_.notify_one();
  }
  // By its holder, before it waits for something else: gives up all that it has taken, and takes it
  // again.
  uint32_t UnlockFully() {
    uint32_t depth = std::exchange(depth_, 1);
    Unlock();
    return depth;
  }
  void LockAgain(uint32_t depth) {
    Lock();
    depth_ = depth;
  }
  // Whether Lock would not wait; a hint, unless it is held by this thread.
  bool IsFree() const {
    uintptr_t owner = owner_.load(std::memory_order_relaxed);
    return owner == 0 || owner == Self();
  }

 private:
  // A number that no other running thread has, never 0: where the thread keeps its own variables.
  static uintptr_t Self() { return reinterpret_cast<uintptr_t>(__builtin_thread_pointer()); }
  void LockSlow(uintptr_t self);

  std::atomic<uintptr_t> owner_{0};
  std::atomic<uint32_t> waiting_{0};
  uint32_t depth_ = 0;  // guarded by the lock
};

// Holds it for a scope.
class TurnGuard {
 public:
  explicit TurnGuard(TurnLock& lock) : lock_(lock) { lock_.Lock(); }
  ~TurnGuard() { lock_.Unlock(); }
  TurnGuard(const TurnGuard&) = delete;
  TurnGuard& operator=(const TurnGuard&) = delete;

 private:
  TurnLock& lock_;
};

}  // namespace tupelo
