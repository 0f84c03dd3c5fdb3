// exec/read_ahead.h: a thread that makes things before somebody takes them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace tupelo {

// Things are made into places 0, 1, ... kPlaces - 1, 0, ... and taken in that order.
class ReadAhead {
 public:
  static constexpr uint32_t kPlaces = 4;

  // `make(place)` is called on the other thread alone; false: there is nothing any more. What it
  // throws is thrown where that thing would be taken. Throws std::system_error when the system has
  // no thread to give.
  explicit ReadAhead(std::function<bool(uint32_t place)> make);
  // Waits for the call of `make` that is running.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // The place of the next thing, which stays as it is until the next call; kNone: nothing any more.
  // `wait` is called every few milliseconds while there is none yet; what it throws goes through.
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t Take(const std::function<void()>& wait);

 private:
  void Work();

  std::function<bool(uint32_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t made_ = 0, taken_ = 0;  // things; the one taken last is still in use
  bool is_in_use_ = false;
  bool at_end_ = false, stops_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace tupelo
