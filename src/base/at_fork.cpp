// base/at_fork.cpp: handlers of fork().
#include "base/at_fork.h"

#include <new>
#include <pthread.h>

#include "base/open_descriptors.h"

namespace tupelo {

// Those that are registered later are called earlier, and so lock first.
void CallAtFork(void (*prepare)(), void (*parent)(), void (*child)()) {
  OpenDescriptor::Register();
  if (pthread_atfork(prepare, parent, child) != 0) throw std::bad_alloc();
}

}  // namespace tupelo
