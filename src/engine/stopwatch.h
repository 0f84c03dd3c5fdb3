// engine/stopwatch.h: where the time of a statement goes, for its profile.
#pragma once

#include <chrono>
#include <cstdint>

namespace tupelo {

// Adds the time of a scope to a counter of the profile, when there is one.
class Stopwatch {
 public:
  explicit Stopwatch(int64_t* total_ns) : total_ns_(total_ns) {
    if (total_ns_ != nullptr) begin_ = std::chrono::steady_clock::now();
  }
  ~Stopwatch() {
    if (total_ns_ == nullptr) return;
    *total_ns_ += std::chrono::duration_cast<std::chrono::nanoseconds>(
                      std::chrono::steady_clock::now() - begin_)
                      .count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  int64_t* total_ns_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace tupelo
