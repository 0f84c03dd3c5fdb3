// base/background_task.h: a thread that does one thing whenever it is asked to.
#pragma once

#include <functional>

#include "base/own_threads.h"

namespace tupelo {

class BackgroundTask {
 public:
  // `work` must not throw. Throws std::system_error when the system has no thread to give.
  explicit BackgroundTask(std::function<void()> work);
  // Waits for the work that is being done; not in a child made by fork, which has no such thread.
  ~BackgroundTask();
  BackgroundTask(const BackgroundTask&) = delete;
  BackgroundTask& operator=(const BackgroundTask&) = delete;

  // Has it done once more, soon; asking again before it has begun is asking once.
  void Ask();

 private:
  struct Shared;
  OfThisProcess<Shared> shared_;
};

}  // namespace tupelo
