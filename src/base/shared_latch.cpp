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

// Most steps are shorter than what going to sleep takes.
constexpr int kSpins = 100;
// Who waits for another writer is worth more of them: where several write, each that went to sleep
// would be woken by the next one that leaves, and late.
constexpr int kWriterSpins = 1000;

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

template <typename IsDone>
void SharedLatch::Drain(IsDone is_done) {
  for (int i = 0; i < kSpins; ++i) {
    if (is_done()) return;
    Relax();
  }
  WaitScope wait;
  for (;;) {
    const uint32_t turn = drain_turn_.load();
    if (is_done()) return;
    drain_turn_.wait(turn);
  }
}

void SharedLatch::WakeDraining() {
  drain_turn_.fetch_add(1);
  drain_turn_.notify_all();
}

void SharedLatch::WakeWaiting() {
  if (waiting_readers_.load() != 0) {
    reader_turn_.fetch_add(1);
    reader_turn_.notify_all();
  }
  if (waiting_writers_.load() != 0) {
    writer_turn_.fetch_add(1);
    writer_turn_.notify_one();
  }
}

// They are not waited for if they do not come: the host's global lock may keep them.
void SharedLatch::GiveWaySlow() const {
  constexpr int kMostSleeps = 8;
  constexpr auto kSleep = std::chrono::microseconds(50);
  WaitScope wait;
  for (int i = 0; i < kMostSleeps && waiting_.load() != 0; ++i) {
    std::this_thread::sleep_for(kSleep);
  }
}

void SharedLatch::LockSlow(uintptr_t self, bool is_mine) {
  auto looks_free = [this] { return owner_.load() == 0; };
  auto take = [&] {
    uintptr_t nobody = 0;
    return looks_free() && owner_.compare_exchange_strong(nobody, self);
  };
  for (int i = 0; i < kWriterSpins && !is_mine; ++i) {
    is_mine = take();
    Relax();
  }
  while (!is_mine) {
    {
      WaitScope wait;
      waiting_writers_.fetch_add(1);
      waiting_.fetch_add(1);
      for (;;) {
        const uint32_t turn = writer_turn_.load();
        if (looks_free()) break;
        writer_turn_.wait(turn);
      }
      waiting_.fetch_sub(1);
      waiting_writers_.fetch_sub(1);
    }
    is_mine = take();
  }
  Drain([this] { return !HasReaders(); });
}

SharedLatch::Slot* SharedLatch::LockSharedSlow(Slot* slot) {
  auto is_open = [this] { return (owner_.load() | loading_.load()) == 0; };
  for (;;) {
    slot->readers.fetch_sub(1);
    if (IsMine()) {
      ++depth_;
      return nullptr;
    }
    WakeDraining();
    bool seen_open = false;
    for (int i = 0; i < kSpins && !seen_open; ++i) {
      seen_open = is_open();
      Relax();
    }
    if (!seen_open) {
      WaitScope wait;
      waiting_readers_.fetch_add(1);
      waiting_.fetch_add(1);
      for (;;) {
        const uint32_t turn = reader_turn_.load();
        if (is_open()) break;
        reader_turn_.wait(turn);
      }
      waiting_.fetch_sub(1);
      waiting_readers_.fetch_sub(1);
    }
    slot->readers.fetch_add(1);
    if (is_open()) return slot;
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
  if (loading_.load() != 0) WakeDraining();
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
  if (waiting_.load() != 0) WakeWaiting();
}

}  // namespace tupelo
