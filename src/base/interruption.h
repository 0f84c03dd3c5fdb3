// base/interruption.h: what may end a statement before it is done.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tupelo {

// Whatever may take long calls Check every few thousand simple steps: it throws
// kQueryCanceled when another thread asked for the end, when the host's callback says so, or when
// the statement has worked for longer than it may. One thread at a time, but for *requested.
class Interruption {
 public:
  // `requested` (may be nullptr) is set by any thread; `progress` (may be nullptr) is called from
  // time to time, true ends the statement. `limit_ms`: of the time between Begin or Resume and
  // Pause, in all; 0: none. `takes_long` (may be nullptr) is called once for each Begin and Resume,
  // with the same argument, if it turns out that there is more to do than a moment's work.
  void Begin(const std::atomic<bool>* requested, bool (*progress)(void*), void* progress_argument,
             uint64_t limit_ms, void (*takes_long)(void*) = nullptr) {
    requested_ = requested;
    progress_ = progress;
    progress_argument_ = progress_argument;
    takes_long_ = takes_long;
    checks_ = 0;
    limit_ms_ = limit_ms;
    is_watched_ = progress != nullptr || limit_ms != 0 || takes_long != nullptr;
    if (limit_ms != 0) BeginLimit();
  }

  void Check() const {
    if (requested_ != nullptr && requested_->load(std::memory_order_relaxed)) ThrowInterrupted();
    if (is_watched_) CheckWatched();
  }

  // What comes now will take long: nobody needs to wait until that is seen.
  void NoteLong() const {
    if (takes_long_ != nullptr && checks_ < kShortChecks) TellLong();
  }

  // Between the steps of a statement, while its reader is busy with what it was given.
  void Pause() {
    if (limit_ms_ != 0) PauseLimit();
  }
  void Resume() {
    checks_ = 0;
    if (limit_ms_ != 0) ResumeLimit();
  }

 private:
  using Clock = std::chrono::steady_clock;
  void BeginLimit();
  void PauseLimit();
  void ResumeLimit();
  void CheckWatched() const;
  void TellLong() const;
  [[noreturn]] static void ThrowInterrupted();

  const std::atomic<bool>* requested_ = nullptr;
  bool (*progress_)(void*) = nullptr;
  void* progress_argument_ = nullptr;
  void (*takes_long_)(void*) = nullptr;
  // So many checks are a moment's work: of a scan, a few ten thousand rows.
  static constexpr uint32_t kShortChecks = 32;
  mutable uint32_t checks_ = 0;  // kShortChecks: it was told
  bool is_watched_ = false;
  mutable int64_t last_tick_ = 0;  // of the coarse clock: when it last looked
  uint64_t limit_ms_ = 0;
  Clock::time_point end_{};  // while the statement works
  Clock::duration left_{};   // while it pauses
};

// For loops without a vector set to count by: checks once every kSteps calls of Step.
class InterruptionCounter {
 public:
  // `interruption` may be nullptr: nothing ends the loop.
  explicit InterruptionCounter(const Interruption* interruption) : interruption_(interruption) {}
  void Step() {
    if (++steps_ < kSteps) return;
    steps_ = 0;
    Look();
  }

 private:
  static constexpr uint32_t kSteps = 1u << 14;
  void Look() const;
  const Interruption* interruption_;
  uint32_t steps_ = 0;
};

}  // namespace tupelo
