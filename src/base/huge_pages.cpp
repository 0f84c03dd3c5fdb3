// base/huge_pages.cpp: Linux has them by advice.
#include "base/huge_pages.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tupelo {

void PreferHugePages(void* address, size_t bytes) {
#if defined(__linux__)
  static_cast<void>(madvise(address, bytes, MADV_HUGEPAGE));
#else
  static_cast<void>(address);
  static_cast<void>(bytes);
#endif
}

}  // namespace tupelo
