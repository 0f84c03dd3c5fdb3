// txn/transaction_waits.h: who waits for whom, until when; and circles of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>

#include "txn/view.h"

namespace tupelo {

class Interruption;
class Transaction;
class SharedLatch;

// One per database. Guarded by the database's latch, which a thread that waits gives up meanwhile.
class TransactionWaits {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Outcome : uint8_t {
    kGoOn,      // one of them has ended, or undone something: look again
    kTimeout,   // `end` has come
    kDeadlock,  // it closed a circle, or another did later, and of all in it it has changed least
  };

  // Waits for one of `blockers`, active transactions. `self` waits: nullptr for a statement that
  // holds nothing others could wait for. Throws kQueryCanceled. Nobody may end `self` meanwhile.
  Outcome Wait(const Transaction* self, std::span<const TransactionId> blockers,
               Clock::time_point end, SharedLatch* latch, const Interruption& interruption);

  // Transaction `id` has ended, or undone changes or locks that others may have met.
  void NoteEnd(TransactionId id) {
    if (first_ != nullptr) Wake(id);
  }
  // Those that wait, and have not been told to go on.
  size_t count();

 private:
  struct Waiter {
    const Transaction* self;
    std::span<const TransactionId> blockers;
    Waiter* next = nullptr;
    std::condition_variable wakes{};
    bool is_woken = false, is_victim = false;  // mutex_
  };
  class Enlisted;
  void Wake(TransactionId id);
  Waiter* Find(TransactionId id) const;
  // Tells one of each circle that `waiter` closes to give up.
  void BreakCircles(Waiter* waiter);

  Waiter* first_ = nullptr;
  std::mutex mutex_;
};

}  // namespace tupelo
