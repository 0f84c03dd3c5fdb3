// functions/date_difference.h: functions that count or find ends of months, years and the like.
#pragma once

#include <span>

#include "functions/function.h"

namespace tupelo {

// DATEDIFF(field, a, b), LAST_DAY(a): of dates and timestamps.
bool ResolveDateDifference(std::span<const Type> types, BoundFunction* function);
bool ResolveLastDay(std::span<const Type> types, BoundFunction* function);

}  // namespace tupelo
