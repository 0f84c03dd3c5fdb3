// base/coarse_clock.cpp: the time of the system's last tick.
#include "base/coarse_clock.h"

#include <chrono>
#include <ctime>

namespace tupelo {

int64_t CoarseTime() {
#if defined(CLOCK_MONOTONIC_COARSE)
  timespec now;
  if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0) {
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }
#endif
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t CoarseWallTime() {
#if defined(CLOCK_REALTIME_COARSE)
  timespec now;
  if (clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0) {
    return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  }
#endif
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace tupelo
