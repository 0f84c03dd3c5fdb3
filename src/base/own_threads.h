// base/own_threads.h: threads besides those of the host, and what they share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace tupelo {

// Signals are for the host's threads: this one gets none. Throws std::system_error where the system
// has no thread to give.
std::thread StartThread(std::function<void()> body);

// Of this process; a child made by fork has another one. 0 where processes have none.
int64_t ProcessNumber();

// Holds what threads share, the threads among it. A child made by fork has none of the threads, and
// mutexes may be locked there for good: in it the object is neither to be used nor destroyed.
template <typename State>
class OfThisProcess {
 public:
  // nullptr when there is none of this process.
  State* get() const {
    return state_ != nullptr && process_ == ProcessNumber() ? state_.get() : nullptr;
  }
  void Set(std::unique_ptr<State> state) {
    Clear();
    state_ = std::move(state);
    process_ = ProcessNumber();
  }
  void Clear() {
    if (get() == nullptr) static_cast<void>(state_.release());
    state_ = nullptr;
  }

  OfThisProcess() = default;
  ~OfThisProcess() { Clear(); }
  OfThisProcess(const OfThisProcess&) = delete;
  OfThisProcess& operator=(const OfThisProcess&) = delete;

 private:
  std::unique_ptr<State> state_;
  int64_t process_ = 0;
};

}  // namespace tupelo
