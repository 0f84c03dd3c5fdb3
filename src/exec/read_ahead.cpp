// exec/read_ahead.cpp: the thread, and who waits for whom.
#include "exec/read_ahead.h"

#include <chrono>
#include <utility>

namespace tupelo {

ReadAhead::ReadAhead(std::function<bool(uint32_t)> make) : make_(std::move(make)) {
  thread_ = std::thread([this] { Work(); });
}

ReadAhead::~ReadAhead() {
  {
    std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stops_ || made_ + is_in_use_ < taken_ + kPlaces; });
    if (stops_) return;
    const auto place = static_cast<uint32_t>(made_ % kPlaces);
    lock.unlock();
    bool is_made = false;
    std::exception_ptr error;
    try {
      is_made = make_(place);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    made_ += is_made;
    at_end_ = !is_made;
    error_ = error;
    changed_.notify_all();
    if (at_end_) return;
  }
}

uint32_t ReadAhead::Take(const std::function<void()>& wait) {
  std::unique_lock lock(mutex_);
  if (is_in_use_) {
    is_in_use_ = false;
    changed_.notify_all();
  }
  while (made_ == taken_ && !at_end_) {
    if (changed_.wait_for(lock, std::chrono::milliseconds(5)) == std::cv_status::timeout) {
      lock.unlock();
      wait();
      lock.lock();
    }
  }
  if (made_ == taken_) {
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
    return kNone;
  }
  is_in_use_ = true;
  return static_cast<uint32_t>(taken_++ % kPlaces);
}

}  // namespace tupelo
