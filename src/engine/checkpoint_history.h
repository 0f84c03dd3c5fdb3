// engine/checkpoint_history.h: what is remembered of checkpoints, for who asks how they went.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace tupelo {

class DatabaseFile;

// Thread-safe.
class CheckpointHistory {
 public:
  // Times are microseconds since 1970.
  struct State {
    uint64_t completed = 0;
    // Of the last one that was completed; 0: none was.
    int64_t finished_us = 0;
    double duration_ms = 0;
    uint64_t bytes_written = 0;
    uint64_t failed = 0;
    int64_t failed_us = 0;  // 0: none has failed
    std::string error;      // of the last one, if it failed
  };
  struct Begun {
    std::chrono::steady_clock::time_point at;
    uint64_t written_bytes = 0;  // to the file
  };

  State state() const;

  static Begun Begin(const DatabaseFile& file);
  void NoteFinished(const Begun& begun, const DatabaseFile& file);
  // One that nobody was there to be told of.
  void NoteFailed(const char* error) noexcept;

 private:
  mutable std::mutex mutex_;  // guards state_
  State state_;
};

}  // namespace tupelo
