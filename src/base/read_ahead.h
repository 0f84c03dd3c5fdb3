// base/read_ahead.h: a thread that makes things before somebody takes them.
#pragma once

#include <cstdint>
#include <functional>

#include "base/own_threads.h"

namespace tupelo {

// Things are made into places 0, 1, ... kPlaces - 1, 0, ... and taken in that order.
class ReadAhead {
 public:
  static constexpr uint32_t kPlaces = 4;

  // `make(place)` is called on the other thread alone; false: there is nothing any more. What it
  // throws is thrown where that thing would be taken. Throws std::system_error when the system has
  // no thread to give.
  explicit ReadAhead(std::function<bool(uint32_t place)> make);
  // Waits for the call of `make` that is running; not in a child made by fork, which has no such
  // thread.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // The place of the next thing, which stays as it is until the next call; kNone: nothing any more.
  // `wait` is called every few milliseconds while there is none yet; what it throws goes through.
  // REQUIRES: the process that made it.
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t Take(const std::function<void()>& wait);

 private:
  struct Shared;
  OfThisProcess<Shared> shared_;
};

}  // namespace tupelo
