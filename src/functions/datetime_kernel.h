// functions/datetime_kernel.h: the kernels of arithmetic on datetimes and intervals.
#pragma once

#include "functions/function.h"

namespace tupelo {

enum class DatetimeForm : uint8_t { kPlus, kMinus, kSwappedPlus };
enum class ScalingForm : uint8_t { kMultiply, kSwappedMultiply, kDivide };

// Each gives nullptr where the operation is not defined for the types.

// datetime +- interval; kSwappedPlus: interval + datetime. 22008 beyond the years 1 to 9999.
Kernel DatetimeIntervalKernel(const Type& datetime, const Type& interval, DatetimeForm form);
// datetime - datetime of the same type, in microseconds.
Kernel DatetimeDifferenceKernel(const Type& datetime);
// Calendar months between two dates or timestamps of the same type.
Kernel MonthDifferenceKernel(const Type& datetime);
// interval +- interval of one class; 22015 beyond 32 (months) or 64 bits.
Kernel IntervalSumKernel(const Type& interval, bool subtract);
// interval * number, number * interval, interval / number. `factor`: BIGINT, DOUBLE PRECISION or a
// DECIMAL in 128 bits of scale data.a. The result is cut to a multiple of data.b, the unit of the
// interval's last field.
Kernel IntervalScalingKernel(const Type& interval, const Type& factor, ScalingForm form);

}  // namespace tupelo
