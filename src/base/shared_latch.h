// base/shared_latch.h: a latch that many hold for reading, or one for all else.
#pragma once

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <mutex>
#include <utility>

namespace tupelo {

// Readers count themselves in slots, each on a cache line of its own, so those of different slots
// write nothing that the others read: a big-reader lock. To enter and to leave takes one atomic
// addition each; to take it exclusively, a compare-and-swap and a look at each slot in use.
//
// Held for steps of microseconds. Who has it exclusively may take it again, also as a reader; who
// reads must not take it a second time. Who has to wait goes through WaitScope (base/wait.h), so a
// host's global lock is not held meanwhile; and has it again before it enters, so that the latch is
// not held while waiting for that. Readers that come while a writer waits let it go first; once it
// has gone, those that it kept waiting have some time for themselves.
//
// A reader that has to change what it reads, without changing what the others see (something is
// loaded from a file), does so as the only one: the others have left, or are waiting to do the same
// (LoadGuard). So it must not hold anything over that which a load by another could change.
class SharedLatch {
 public:
  struct alignas(64) Slot {
    std::atomic<uint32_t> readers{0};
  };
  // Of reader `number`; readers of one slot are as safe as those of two, but slower.
  Slot* SlotOf(uint64_t number);

  void Lock() {
    if (!IsMine()) {
      AssertNotReading();
      uintptr_t nobody = 0;
      const bool is_mine = owner_.compare_exchange_strong(nobody, Self());
      if (!is_mine || HasReaders()) [[unlikely]]
        LockSlow(is_mine);
      is_exclusive_.store(true, std::memory_order_relaxed);
    }
    ++depth_;
  }
  void Unlock() {
    if (--depth_ != 0) return;
    is_exclusive_.store(false, std::memory_order_relaxed);
    const uintptr_t waiting = owner_.exchange(0) & kWaiting;
    if (waiting != 0) [[unlikely]]
      LetIn(waiting);
  }
  // By its holder, before it waits for something else: gives up all that it has taken, and takes it
  // again.
  uint32_t UnlockFully() {
    const uint32_t depth = std::exchange(depth_, 1);
    Unlock();
    return depth;
  }
  void LockAgain(uint32_t depth) {
    Lock();
    depth_ = depth;
  }
  // By who has given it back and is about to take it again: those that wait, who take longer to
  // wake up than that, get a moment to enter.
  void GiveWay() {
    if (AreSomeAsleep()) [[unlikely]]
      GiveWaySlow();
  }
  // By its holder, between two steps of long work: those that wait get in.
  void LetOthersIn() {
    if ((owner_.load(std::memory_order_relaxed) & kWaiting) == 0) [[likely]]
      return;
    const uint32_t depth = UnlockFully();
    GiveWay();
    LockAgain(depth);
  }
  // Whether this thread has it exclusively; has taken it so more than once.
  bool IsMine() const { return (owner_.load(std::memory_order_relaxed) & ~kWaiting) == Self(); }
  bool IsTakenAgain() const { return IsMine() && depth_ > 1; }
  // By its holder: whether a reader has come meanwhile, which will get some time to itself.
  bool HasReaderCome() const {
    return (owner_.load(std::memory_order_relaxed) & kReadersSpin) != 0;
  }

  // nullptr: the thread has it exclusively, and now once more. What it returns goes to
  // UnlockShared.
  Slot* LockShared(Slot* slot) {
    slot->readers.fetch_add(1);
    if ((owner_.load() | loading_.load()) != 0) [[unlikely]]
      slot = LockSharedSlow(slot);
    if (slot != nullptr) NoteReading(true);
    return slot;
  }
  void UnlockShared(Slot* slot) {
    if (slot == nullptr) return Unlock();
    NoteReading(false);
    slot->readers.fetch_sub(1);
    if (drainers_.are_some.load()) [[unlikely]]
      WakeDraining();
  }

 private:
  friend class LoadGuard;
  static constexpr uint32_t kSlots = 16;
  // Added to the owner by who waits for it to go: who is about to be there and looks again and
  // again; who has gone to sleep.
  static constexpr uintptr_t kReadersSpin = 1, kSomeSleep = 2, kWaiting = kReadersSpin | kSomeSleep;
  // Threads asleep until something has come true.
  struct Sleepers {
    std::atomic<bool> are_some{false};  // somebody has gone to sleep since others were last woken
    std::atomic<uint32_t> count{0}, turn{0};

    template <typename IsDone>
    void SleepUntil(IsDone is_done);
    void WakeOne();
    void WakeAll();
  };
  // A number that no other running thread has, above kWaiting: where it keeps its own variables.
  static uintptr_t Self() { return reinterpret_cast<uintptr_t>(__builtin_thread_pointer()); }
  bool HasReaders() const {
    const uint32_t used = used_slots_.load();
    for (uint32_t i = 0; i < used; ++i) {
      if (slots_[i].readers.load() != 0) return true;
    }
    return false;
  }
#ifdef NDEBUG
  void NoteReading(bool) const {}
  void AssertNotReading() const {}
#else
  void NoteReading(bool reads) const;
  void AssertNotReading() const;
#endif
  bool AreSomeAsleep() const { return (readers_.count.load() | writers_.count.load()) != 0; }
  bool HasNoOwner(uintptr_t waiting);
  void LockSlow(bool is_mine);
  void LetIn(uintptr_t waiting);
  void GiveWaySlow() const;
  Slot* LockSharedSlow(Slot* slot);
  void WakeDraining() { drainers_.WakeAll(); }
  template <typename IsDone>
  void Drain(IsDone is_done);
  void BeginLoading();
  void EndLoading();
  bool OnlyLoadersAreLeft() const;

  // Those that spin look at this line, so nothing is in it that changes without need. Its owner has
  // it, or waits for readers to leave.
  alignas(64) std::atomic<uintptr_t> owner_{0};
  std::atomic<uintptr_t> loading_{0};  // 1: a reader waits for the others, or loads
  std::atomic<uint32_t> used_slots_{0};
  Sleepers drainers_;                                  // until readers have left
  alignas(64) std::atomic<bool> is_exclusive_{false};  // the owner has it
  uint32_t depth_ = 0;                                 // of the owner
  alignas(64) Sleepers readers_, writers_;             // until they may enter
  std::atomic<uint32_t> parked_{0};                    // readers that load, or wait to
  std::mutex load_mutex_;
  Slot slots_[kSlots];
};

// Holds it exclusively for a scope.
class ExclusiveGuard {
 public:
  explicit ExclusiveGuard(SharedLatch& latch) : latch_(latch) { latch_.Lock(); }
  ~ExclusiveGuard() { latch_.Unlock(); }
  ExclusiveGuard(const ExclusiveGuard&) = delete;
  ExclusiveGuard& operator=(const ExclusiveGuard&) = delete;

 private:
  SharedLatch& latch_;
};

// Of its holder: gives up all that it has taken for a scope. nullptr: there is nobody else.
class LatchBreak {
 public:
  explicit LatchBreak(SharedLatch* latch)
      : latch_(latch), depth_(latch == nullptr ? 0 : latch->UnlockFully()) {}
  ~LatchBreak() {
    if (latch_ != nullptr) latch_->LockAgain(depth_);
  }
  LatchBreak(const LatchBreak&) = delete;
  LatchBreak& operator=(const LatchBreak&) = delete;

 private:
  SharedLatch* latch_;
  uint32_t depth_;
};

// Holds it as a reader for a scope.
class SharedGuard {
 public:
  SharedGuard(SharedLatch* latch, SharedLatch::Slot* slot)
      : latch_(latch), slot_(latch->LockShared(slot)) {}
  ~SharedGuard() { latch_->UnlockShared(slot_); }
  SharedGuard(const SharedGuard&) = delete;
  SharedGuard& operator=(const SharedGuard&) = delete;

 private:
  SharedLatch* latch_;
  SharedLatch::Slot* slot_;
};

// While it lives, its thread, which holds the latch one way or the other, is the only one that
// reads. Where there is but one thread, nobody needs to hold it, and it may be nullptr.
class LoadGuard {
 public:
  explicit LoadGuard(SharedLatch* latch)
      : latch_(latch != nullptr && !latch->is_exclusive_.load(std::memory_order_relaxed)
                   ? latch
                   : nullptr) {
    if (latch_ != nullptr) latch_->BeginLoading();
  }
  ~LoadGuard() {
    if (latch_ != nullptr) latch_->EndLoading();
  }
  LoadGuard(const LoadGuard&) = delete;
  LoadGuard& operator=(const LoadGuard&) = delete;

 private:
  SharedLatch* latch_;
};

}  // namespace tupelo
