// base/background_task.cpp: the thread, a mutex and a condition.
#include "base/background_task.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace tupelo {

struct BackgroundTask::Shared {
  explicit Shared(std::function<void()> its_work) : work(std::move(its_work)) {
    thread = StartThread([this] { Loop(); });
  }
  ~Shared() {
    {
      std::lock_guard lock(mutex);
      stops = true;
    }
    asked.notify_all();
    thread.join();
  }
  void Loop() {
    std::unique_lock lock(mutex);
    for (;;) {
      asked.wait(lock, [this] { return stops || is_asked; });
      if (stops) return;
      is_asked = false;
      lock.unlock();
      work();
      lock.lock();
    }
  }

  const std::function<void()> work;
  std::mutex mutex;
  std::condition_variable asked;
  bool is_asked = false, stops = false;  // guarded by the mutex
  std::thread thread;                    // last: it uses the others
};

BackgroundTask::BackgroundTask(std::function<void()> work) {
  shared_.Set(std::make_unique<Shared>(std::move(work)));
}

BackgroundTask::~BackgroundTask() = default;

void BackgroundTask::Ask() {
  Shared* shared = shared_.get();
  if (shared == nullptr) return;  // in a child made by fork
  {
    std::lock_guard lock(shared->mutex);
    shared->is_asked = true;
  }
  shared->asked.notify_all();
}

}  // namespace tupelo
