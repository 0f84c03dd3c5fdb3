// functions/interval_unit.h: the granularity of interval types, and types of interval arithmetic.
#pragma once

#include <cstdint>

#include "types/type.h"

namespace tupelo {

// Months or microseconds that every value of an interval type is a multiple of: one of its end
// field, or one of the last fractional digit of its seconds.
int64_t LeastIntervalUnit(const Type& type);
// `type` with as many leading digits as there can be: holds sums and products.
Type WithWidestLeadingField(const Type& type);

}  // namespace tupelo
