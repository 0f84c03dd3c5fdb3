// txn/transaction_waits.cpp: waiting, waking, and finding circles.
//
// An edge leads from a waiter to each transaction that it waits for. A circle can only be closed by
// a new waiter, so each looks for one through itself before it begins to wait, and nobody looks
// again. Of the transactions of a circle the one with the fewest changes is told to give up.
#include "txn/transaction_waits.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "base/interruption.h"
#include "base/shared_latch.h"
#include "base/wait.h"
#include "txn/transaction.h"

namespace tupelo {

namespace {
// Interruptions and the host's signals are looked for this often.
constexpr std::chrono::milliseconds kSlice{20};
}  // namespace

// In the list, and without the latch, for a scope.
class TransactionWaits::Enlisted {
 public:
  Enlisted(TransactionWaits* waits, Waiter* waiter, SharedLatch* latch)
      : waits_(waits), waiter_(waiter), latch_(latch) {
    waiter->next = waits->first_;
    waits->first_ = waiter;
    waits->BreakCircles(waiter);
    depth_ = latch->UnlockFully();
  }
  ~Enlisted() {
    latch_->LockAgain(depth_);
    Waiter** link = &waits_->first_;
    while (*link != waiter_) link = &(*link)->next;
    *link = waiter_->next;
  }
  Enlisted(const Enlisted&) = delete;
  Enlisted& operator=(const Enlisted&) = delete;

 private:
  TransactionWaits* waits_;
  Waiter* waiter_;
  SharedLatch* latch_;
  uint32_t depth_;
};

TransactionWaits::Outcome TransactionWaits::Wait(const Transaction* self,
                                                 std::span<const TransactionId> blockers,
                                                 Clock::time_point end, SharedLatch* latch,
                                                 const Interruption& interruption) {
  Waiter waiter{self, blockers};
  Enlisted enlisted(this, &waiter, latch);
  for (;;) {
    interruption.Check();
    WaitScope scope;
    std::unique_lock lock(mutex_);
    if (waiter.is_victim) return Outcome::kDeadlock;
    if (waiter.is_woken) return Outcome::kGoOn;
    Clock::time_point now = Clock::now();
    if (now >= end) return Outcome::kTimeout;
    waiter.wakes.wait_until(lock, std::min(end, now + kSlice));
  }
}

void TransactionWaits::Wake(TransactionId id) {
  std::lock_guard lock(mutex_);
  for (Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next) {
    if (std::ranges::find(waiter->blockers, id) == waiter->blockers.end()) continue;
    waiter->is_woken = true;
    waiter->wakes.notify_one();
  }
}

size_t TransactionWaits::count() {
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next) {
    count += !waiter->is_woken && !waiter->is_victim;
  }
  return count;
}

TransactionWaits::Waiter* TransactionWaits::Find(TransactionId id) const {
  for (Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next) {
    // Who was woken or told to give up waits no more.
    if (waiter->self != nullptr && waiter->self->id() == id && !waiter->is_woken &&
        !waiter->is_victim) {
      return waiter;
    }
  }
  return nullptr;
}

void TransactionWaits::BreakCircles(Waiter* waiter) {
  if (waiter->self == nullptr) return;
  std::lock_guard lock(mutex_);
  const TransactionId target = waiter->self->id();
  while (!waiter->is_victim) {
    // Depth first; `path` leads from the waiter to the one in hand.
    struct Step {
      Waiter* waiter;
      size_t next = 0;
    };
    std::vector<Step> path{{waiter}};
    std::vector<Waiter*> seen{waiter};
    bool is_circle = false;
    while (!path.empty() && !is_circle) {
      Step& step = path.back();
      if (step.next == step.waiter->blockers.size()) {
        path.pop_back();
        continue;
      }
      TransactionId blocker = step.waiter->blockers[step.next++];
      is_circle = blocker == target;
      if (is_circle) break;
      Waiter* further = Find(blocker);
      if (further == nullptr || std::ranges::find(seen, further) != seen.end()) continue;
      seen.push_back(further);
      path.push_back({further});
    }
    if (!is_circle) return;
    auto cost = [](const Step& step) {
      // Of equals the youngest.
      return std::tuple(step.waiter->self->change_count(), UINT64_MAX - step.waiter->self->id());
    };
    Waiter* victim = std::ranges::min(path, {}, cost).waiter;
    victim->is_victim = true;
    victim->wakes.notify_one();
  }
}

}  // namespace tupelo
