// engine/checkpoint_history.cpp: how many there were, and how the last ones went.
#include "engine/checkpoint_history.h"

#include <new>

#include "storage/database_file.h"

namespace tupelo {

namespace {

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

CheckpointHistory::State CheckpointHistory::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

CheckpointHistory::Begun CheckpointHistory::Begin(const DatabaseFile& file) {
  return {std::chrono::steady_clock::now(), file.written_bytes()};
}

void CheckpointHistory::NoteFinished(const Begun& begun, const DatabaseFile& file) {
  std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begun.at;
  std::lock_guard lock(mutex_);
  ++state_.completed;
  state_.finished_us = Now();
  state_.duration_ms = taken.count();
  state_.bytes_written = file.written_bytes() - begun.written_bytes;
  state_.error.clear();
}

void CheckpointHistory::NoteFailed(const char* error) noexcept {
  std::lock_guard lock(mutex_);
  ++state_.failed;
  state_.failed_us = Now();
  try {
    state_.error = error;
  } catch (const std::bad_alloc&) {
    state_.error = "out of memory";  // short enough to need none
  }
}

}  // namespace tupelo
