// base/shared_latch.cpp: waiting: for the owner to go, for readers to leave, for one's turn to
// load.
//
// Who waits announces itself first and looks again then; who ends what is waited for does that
// first and looks for those who wait then. All of it is in one order (sequential consistency), so
// one of both sees the other.
#include "base/shared_latch.h"

#include <chrono>
#include <thread>

#include "base/wait.h"

namespace tupelo {

namespace {

using Clock = std::chrono::steady_clock;

// Most steps are shorter than what going to sleep takes. Who waits to enter is worth more of them:
// each that went to sleep would be woken late, and by a call of the system.
constexpr int kSpins = 100;
constexpr int kEnterSpins = 1000;
// How long readers that had to wait have the latch to themselves, a few times what a short
// statement takes.
constexpr auto kReadersTurn = std::chrono::microseconds(2);

inline void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

#ifndef NDEBUG
namespace {
thread_local const SharedLatch* read_last = nullptr;
}
void SharedLatch::NoteReading(bool reads) const {
  if (reads) AssertNotReading();
  read_last = reads ? this : nullptr;
}
void SharedLatch::AssertNotReading() const { assert(read_last != this); }
#endif

SharedLatch::Slot* SharedLatch::SlotOf(uint64_t number) {
  const auto index = static_cast<uint32_t>(number % kSlots);
  uint32_t used = used_slots_.load();
  while (used <= index && !used_slots_.compare_exchange_weak(used, index + 1)) {
  }
  return &slots_[index];
}

// Between going to sleep and being woken nothing is lost: it looks after it has said that it
// sleeps, and a turn that has passed since is not waited for. Who was woken alone looks once more,
// so the next one will be woken as well.
template <typename IsDone>
void SharedLatch::Sleepers::SleepUntil(IsDone is_done) {
  WaitScope wait;
  count.fetch_add(1);
  for (;;) {
    const uint32_t last = turn.load();
    are_some.store(true);
    if (is_done()) break;
    turn.wait(last);
  }
  count.fetch_sub(1);
}

void SharedLatch::Sleepers::WakeOne() {
  if (!are_some.load() || !are_some.exchange(false)) return;
  turn.fetch_add(1);
  turn.notify_one();
}

void SharedLatch::Sleepers::WakeAll() {
  if (!are_some.load() || !are_some.exchange(false)) return;
  turn.fetch_add(1);
  turn.notify_all();
}

template <typename IsDone>
void SharedLatch::Drain(IsDone is_done) {
  for (int i = 0; i < kSpins; ++i) {
    if (is_done()) return;
    Relax();
  }
  drainers_.SleepUntil(is_done);
}

// Who waits for the owner says so in the owner's word, where that finds it as it goes without
// looking anywhere else. True: there is none now.
bool SharedLatch::HasNoOwner(uintptr_t waiting) {
  uintptr_t owner = owner_.load();
  while (owner != 0 && (owner & waiting) == 0 &&
         !owner_.compare_exchange_weak(owner, owner | waiting)) {
  }
  return owner == 0;
}

// Who writes again and again would have it again before those that spin have seen that it is free,
// and would have it most of the time even where they took turns: so readers get some time of their
// own.
void SharedLatch::LetIn(uintptr_t waiting) {
  if ((waiting & kSomeSleep) != 0) {
    readers_.WakeAll();
    writers_.WakeOne();
  }
  if ((waiting & kReadersSpin) == 0) return;
  const Clock::time_point end = Clock::now() + kReadersTurn;
  while (Clock::now() < end) Relax();
}

// They are not waited for if they do not come: the host's global lock may keep them.
void SharedLatch::GiveWaySlow() const {
  constexpr int kMostSleeps = 8;
  constexpr auto kSleep = std::chrono::microseconds(50);
  WaitScope wait;
  for (int i = 0; i < kMostSleeps && AreSomeAsleep(); ++i) {
    std::this_thread::sleep_for(kSleep);
  }
}

void SharedLatch::LockSlow(bool is_mine) {
  // Others may be asleep that the last owner has not woken.
  auto take = [this] {
    uintptr_t nobody = 0;
    const uintptr_t others = writers_.count.load(std::memory_order_relaxed) == 0 ? 0 : kSomeSleep;
    return owner_.load() == 0 && owner_.compare_exchange_strong(nobody, Self() | others);
  };
  for (int i = 0; i < kEnterSpins && !is_mine; ++i) {
    is_mine = take();
    if (!is_mine) Relax();
  }
  while (!is_mine) {
    writers_.SleepUntil([this] { return HasNoOwner(kSomeSleep); });
    is_mine = take();
  }
  Drain([this] { return !HasReaders(); });
}

SharedLatch::Slot* SharedLatch::LockSharedSlow(Slot* slot) {
  auto is_open = [this](uintptr_t waiting) { return HasNoOwner(waiting) && loading_.load() == 0; };
  for (;;) {
    slot->readers.fetch_sub(1);
    if (IsMine()) {
      ++depth_;
      return nullptr;
    }
    if (drainers_.are_some.load()) WakeDraining();
    bool seen_open = false;
    for (int i = 0; i < kEnterSpins && !seen_open; ++i) {
      seen_open = is_open(kReadersSpin);
      if (!seen_open) Relax();
    }
    if (!seen_open) readers_.SleepUntil([&] { return is_open(kSomeSleep); });
    slot->readers.fetch_add(1);
    if ((owner_.load() | loading_.load()) == 0) return slot;
  }
}

// Loaders ------------------------------------------------------------

// Those that wait to load count as readers as well as here; none of them goes on before it is its
// turn, and no other enters: so once both numbers are equal they stay so. Who opens a database,
// which nobody else uses yet, loads without being a reader.
bool SharedLatch::OnlyLoadersAreLeft() const {
  const uint32_t parked = parked_.load();
  uint32_t readers = 0;
  const uint32_t used = used_slots_.load();
  for (uint32_t i = 0; i < used; ++i) readers += slots_[i].readers.load();
  return readers <= parked;
}

void SharedLatch::BeginLoading() {
  parked_.fetch_add(1);
  if (drainers_.are_some.load()) WakeDraining();
  if (!load_mutex_.try_lock()) {
    WaitScope wait;
    load_mutex_.lock();
  }
  loading_.store(1);
  Drain([this] { return OnlyLoadersAreLeft(); });
}

void SharedLatch::EndLoading() {
  parked_.fetch_sub(1);
  loading_.store(0);
  load_mutex_.unlock();
  readers_.WakeAll();
}

}  // namespace tupelo
