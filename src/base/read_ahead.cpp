// base/read_ahead.cpp: the thread, and who waits for whom.
#include "base/read_ahead.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace tupelo {

struct ReadAhead::Shared {
  explicit Shared(std::function<bool(uint32_t)> its_make) : make(std::move(its_make)) {
    thread = StartThread([this] { Work(); });
  }
  ~Shared() {
    {
      std::lock_guard lock(mutex);
      stops = true;
    }
    changed.notify_all();
    thread.join();
  }
  void Work();

  const std::function<bool(uint32_t)> make;
  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by the mutex.
  uint64_t made = 0, taken = 0;  // things; the one taken last is still in use
  bool is_in_use = false;
  bool at_end = false, stops = false;
  std::exception_ptr error;

  std::thread thread;  // last: it uses the others
};

void ReadAhead::Shared::Work() {
  std::unique_lock lock(mutex);
  while (!at_end) {
    changed.wait(lock, [this] { return stops || made + is_in_use < taken + kPlaces; });
    if (stops) return;
    const auto place = static_cast<uint32_t>(made % kPlaces);
    lock.unlock();
    bool is_made = false;
    std::exception_ptr thrown;
    try {
      is_made = make(place);
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    made += is_made;
    at_end = !is_made;
    error = thrown;
    changed.notify_all();
  }
}

ReadAhead::ReadAhead(std::function<bool(uint32_t)> make) {
  shared_.Set(std::make_unique<Shared>(std::move(make)));
}

ReadAhead::~ReadAhead() = default;

uint32_t ReadAhead::Take(const std::function<void()>& wait) {
  Shared& shared = *shared_.get();
  std::unique_lock lock(shared.mutex);
  if (shared.is_in_use) {
    shared.is_in_use = false;
    shared.changed.notify_all();
  }
  while (shared.made == shared.taken && !shared.at_end) {
    if (shared.changed.wait_for(lock, std::chrono::milliseconds(5)) == std::cv_status::timeout) {
      lock.unlock();
      wait();
      lock.lock();
    }
  }
  if (shared.made == shared.taken) {
    if (shared.error != nullptr) std::rethrow_exception(std::exchange(shared.error, nullptr));
    return kNone;
  }
  shared.is_in_use = true;
  return static_cast<uint32_t>(shared.taken++ % kPlaces);
}

}  // namespace tupelo
