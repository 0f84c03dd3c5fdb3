// base/huge_pages.h: asking the system for large pages.
#pragma once

#include <cstddef>

namespace tupelo {

inline constexpr size_t kHugePageBytes = size_t{2} << 20;

// Memory that is looked up at random costs fewer page walks in huge pages. `address` and `bytes`
// are multiples of kHugePageBytes. Only a wish: does nothing where the system has no such pages.
void PreferHugePages(void* address, size_t bytes);

}  // namespace tupelo
