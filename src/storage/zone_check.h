// storage/zone_check.h: whether what is said of a block is true.
#pragma once

#include <cstdint>

#include "storage/column_block.h"

namespace tupelo {

// Whether `zone` may be that of a block with the value in this slot, which is not null.
bool ZoneHolds(const Zone& zone, const ColumnBlock& block, uint32_t slot);

}  // namespace tupelo
