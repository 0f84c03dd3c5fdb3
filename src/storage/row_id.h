// storage/row_id.h: the number of a row within its table, and how tables are cut into pieces.
#pragma once

#include <cstdint>

namespace tupelo {

// segment * kSegmentRows + slot. A slot may be used again for another row once nothing refers to
// the old one.
using RowId = int64_t;

inline constexpr RowId kNoRow = -1;
// Of what a B+tree has room for.
inline constexpr RowId kMaxRowId = (RowId{1} << 48) - 1;
inline constexpr uint32_t kBlockRows = 2048;  // rows of one block of a column: one vector set
inline constexpr uint32_t kBlocksPerSegment = 8;
inline constexpr uint32_t kSegmentRows = kBlockRows * kBlocksPerSegment;

}  // namespace tupelo
