// ext/gil.h: the one place where the GIL is released, and the locks that stand in for it.
#pragma once

#include <Python.h>

#include <atomic>

namespace tupelo {

// Gives the GIL up for its scope. No Python object may be touched meanwhile. To have it again takes
// up to some milliseconds (sys.setswitchinterval) where other threads want it: so what may be over
// in a moment keeps it until the engine says that it is not (kIfLong, ReleaseIfLong).
class GilRelease {
 public:
  enum class When : uint8_t { kNever, kNow, kIfLong };

  explicit GilRelease(When when) : when_(when) {
    if (when_ != When::kNever) Begin();
  }
  explicit GilRelease(bool release) : GilRelease(release ? When::kNow : When::kNever) {}
  // A daemon thread may be ended here when the interpreter goes.
  ~GilRelease() noexcept(false) {
    if (when_ != When::kNever) End();
  }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  void Begin();
  void End();
  When when_;
  bool outer_may_release_ = false;
};

// Has the GIL again for its scope, for callbacks of the engine; within a GilRelease or not.
class GilScope {
 public:
  GilScope();
  ~GilScope();
  GilScope(const GilScope&) = delete;
  GilScope& operator=(const GilScope&) = delete;

 private:
  PyThreadState* released_;
  bool may_release_;
};

// Tells the engine what to do with the GIL before a thread of ours waits for another one.
void InstallWaitHooks();

// The progress callback of connections: lets signal handlers run from time to time. True when one
// raised; then the Python exception is set. Called by the thread that runs the statement.
bool CheckSignals(void*);
// Called by the same thread when what it runs takes long: within GilRelease(kIfLong) it gives up
// the GIL.
void ReleaseIfLong(void*);

// A count that threads share.
#ifdef Py_GIL_DISABLED
using SharedCount = std::atomic<int>;
#else
using SharedCount = int;  // the GIL protects it
#endif

// With a GIL nothing: it protects every object. Without one (CPython built with --disable-gil) the
// lock of `object`, for its scope. Like the GIL it is given up wherever the thread waits.
class ObjectLock {
 public:
#ifdef Py_GIL_DISABLED
  explicit ObjectLock(void* object) {
    PyCriticalSection_Begin(&section_, static_cast<PyObject*>(object));
  }
  ~ObjectLock() { PyCriticalSection_End(&section_); }

 private:
  PyCriticalSection section_;
#else
  explicit ObjectLock(void*) {}
  ~ObjectLock() {}
#endif
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;
};

}  // namespace tupelo
