// base/coarse_clock.h: a clock that is cheaper to read than exact.
#pragma once

#include <cstdint>

namespace tupelo {

// Moves forward every few milliseconds at the latest; its unit means nothing.
int64_t CoarseTime();
// Microseconds since 1970, by the same clock.
int64_t CoarseWallTime();

}  // namespace tupelo
