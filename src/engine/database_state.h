// engine/database_state.h: what all connections of a database share.
#pragma once

#include <atomic>
#include <mutex>

#include "base/wait.h"
#include "catalog/catalog.h"
#include "txn/transaction.h"

namespace tupelo {

class DatabaseState {
 public:
  Catalog catalog;
  TransactionManager transactions;
  // Held around every step that reads or writes tables, views or transactions; never while waiting for anything else.
  std::mutex latch;
  std::atomic<int> open_sessions{0};
};

// Holds the latch for a scope.
class LatchGuard {
 public:
  explicit LatchGuard(DatabaseState& state) : latch_(state.latch) {
    if (latch_.try_lock()) return;
    WaitScope wait;
    latch_.lock();
  }
  ~LatchGuard() { latch_.unlock(); }
  LatchGuard(const LatchGuard&) = delete;
  LatchGuard& operator=(const LatchGuard&) = delete;

 private:
  std::mutex& latch_;
};

}  // namespace tupelo
