// engine/heap_for_test.h: the heap of the test program counts, and fails when it is told to.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TUPELO_COUNTS_ALLOCATIONS 0  // the sanitizer has its own
#else
#define TUPELO_COUNTS_ALLOCATIONS 1
#endif

namespace tupelo {

// Of this thread, so that threads of other tests do not count.
extern thread_local size_t allocations;
// The allocation of this thread after so many fails: 1, the next one; 0, none.
extern thread_local size_t allocations_until_failure;

}  // namespace tupelo
