// base/turn_lock.cpp: waiting for one's turn.
#include "base/turn_lock.h"

#include "base/wait.h"

namespace tupelo {

void TurnLock::LockSlow(uintptr_t self) {
  WaitScope wait;
  waiting_.fetch_add(1, std::memory_order_seq_cst);
  for (;;) {
    uintptr_t owner = 0;
    if (owner_.compare_exchange_strong(owner, self, std::memory_order_seq_cst)) break;
    owner_.wait(owner, std::memory_order_relaxed);
  }
  waiting_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace tupelo
