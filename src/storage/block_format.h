// storage/block_format.h: what the two sides of storage/block_codec.h agree on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tupelo {

inline constexpr size_t kBlockHeaderBytes = 8;
inline constexpr uint8_t kHasNulls = 1;
inline constexpr uint8_t kIsCompressed = 2;
inline constexpr uint8_t kHasLongValues = 4;
// Less is not worth the trouble.
inline constexpr size_t kLeastToCompress = 128;
inline constexpr int kCompressionLevel = 1;
// A body is never larger, whatever its bytes say.
inline constexpr size_t kLargestBody = size_t{64} << 20;

}  // namespace tupelo
