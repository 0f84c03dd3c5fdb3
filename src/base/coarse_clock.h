// base/coarse_clock.h: a clock that is cheaper to read than exact.
#pragma once

#include <cstdint>

namespace tupelo {

// Moves forward every few milliseconds at the latest; its unit means nothing.
int64_t CoarseTime();

}  // namespace tupelo
