// ext/gil.cpp: releasing the GIL, waiting without it, and looking at signals.
#include "ext/gil.h"

#include <chrono>
#include <utility>

#include "tupelo/tupelo.h"

namespace tupelo {
namespace {

using Clock = std::chrono::steady_clock;

// How long a signal may wait for its handler. Taking the GIL can cost milliseconds when others want
// it.
constexpr auto kSignalInterval = std::chrono::milliseconds(20);

// The state of this thread while a GilRelease of it is in force.
thread_local PyThreadState* released_state = nullptr;
// In a GilRelease(kIfLong), not in a callback within it.
thread_local bool may_release = false;
thread_local Clock::time_point last_signal_check;

// Whether the calling thread holds the GIL of some interpreter.
bool HoldsGil() {
#if PY_VERSION_HEX >= 0x030D0000
  return PyThreadState_GetUnchecked() != nullptr;
#elif PY_VERSION_HEX >= 0x030C0000
  return _PyThreadState_UncheckedGet() != nullptr;
#else
  return PyGILState_Check() != 0;
#endif
}

void* BeforeWait() {
  if (released_state != nullptr || !HoldsGil()) return nullptr;
  return PyEval_SaveThread();
}

void AfterWait(void* token) { PyEval_RestoreThread(static_cast<PyThreadState*>(token)); }

}  // namespace

void GilRelease::Begin() {
  outer_may_release_ = std::exchange(may_release, when_ == When::kIfLong);
  if (when_ == When::kNow) released_state = PyEval_SaveThread();
}

void GilRelease::End() {
  may_release = outer_may_release_;
  PyThreadState* state = std::exchange(released_state, nullptr);
  if (state != nullptr) PyEval_RestoreThread(state);
}

GilScope::GilScope()
    : released_(std::exchange(released_state, nullptr)),
      may_release_(std::exchange(may_release, false)) {
  if (released_ != nullptr) PyEval_RestoreThread(released_);
}

GilScope::~GilScope() {
  if (released_ != nullptr) released_state = PyEval_SaveThread();
  may_release = may_release_;
}

// A thread that waits (WaitHooks) has given it up already.
void ReleaseIfLong(void*) {
  if (!may_release || released_state != nullptr || !HoldsGil()) return;
  released_state = PyEval_SaveThread();
}

void InstallWaitHooks() {
  GlobalWaitHooks().before = BeforeWait;
  GlobalWaitHooks().after = AfterWait;
}

bool CheckSignals(void*) {
  if (released_state == nullptr) return false;  // a short statement: Python will look soon
  Clock::time_point now = Clock::now();
  if (now - last_signal_check < kSignalInterval) return false;
  last_signal_check = now;
  PyThreadState* state = released_state;
  released_state = nullptr;
  PyEval_RestoreThread(state);
  bool raised = PyErr_CheckSignals() != 0;
  released_state = PyEval_SaveThread();
  return raised;
}

}  // namespace tupelo
