// engine/memory_limit.h: sizes of memory as users write them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tupelo {

inline constexpr uint64_t kLeastMemoryLimit = uint64_t{1} << 20;

// Bytes, or a number and kB, MB, GB or TB (of 1024 each, in any case, perhaps behind a blank).
// kInvalidParameterValue for anything else, and for less than kLeastMemoryLimit.
uint64_t MemoryLimitOf(std::string_view text, Position position = {});
// The same, of at least one byte; 0 stands for no limit.
uint64_t VersionLimitOf(std::string_view text, Position position = {});

}  // namespace tupelo
