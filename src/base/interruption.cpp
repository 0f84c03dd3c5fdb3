// base/interruption.cpp: limits of time, and the errors.
#include "base/interruption.h"

#include <string>

#include "base/coarse_clock.h"
#include "base/error.h"
#include "base/work_memory.h"

namespace tupelo {

void Interruption::BeginLimit() {
  // Some hundred years hence at most: what is added to the time must not overflow.
  constexpr uint64_t kMostMs = uint64_t{1} << 43;
  left_ = std::chrono::milliseconds(limit_ms_ < kMostMs ? limit_ms_ : kMostMs);
  ResumeLimit();
}

void Interruption::PauseLimit() { left_ = end_ - Clock::now(); }

void Interruption::ResumeLimit() { end_ = Clock::now() + left_; }

// The callback and the clock cost more than many a step between two checks, so most of these end
// with a look at a clock that is cheap and moves every few milliseconds.
void Interruption::CheckWatched() const {
  int64_t tick = CoarseTime();
  const bool is_same_tick = tick == last_tick_;
  last_tick_ = tick;
  if (takes_long_ != nullptr && checks_ < kShortChecks) {
    // What happened before the first check is not known to have been of this statement.
    const bool has_taken_long = checks_ != 0 && !is_same_tick;
    if (++checks_ == kShortChecks || has_taken_long) TellLong();
  }
  if (is_same_tick) return;
  if (progress_ != nullptr && progress_(progress_argument_)) ThrowInterrupted();
  if (limit_ms_ != 0 && Clock::now() >= end_) {
    throw Error(ErrorCode::kQueryCanceled,
                "the statement was ended: it took longer than statement_timeout allows, " +
                    std::to_string(limit_ms_) + " ms");
  }
}

void Interruption::TellLong() const {
  checks_ = kShortChecks;
  takes_long_(progress_argument_);
}

void Interruption::ThrowInterrupted() {
  throw Error(ErrorCode::kQueryCanceled, "the statement was interrupted");
}

// Such loops go through what a statement has in temporary files, too.
void InterruptionCounter::Look() const {
  if (WorkMemory* memory = WorkMemoryScope::Current()) memory->NoteUse(kSteps);
  if (interruption_ != nullptr) interruption_->Check();
}

}  // namespace tupelo
