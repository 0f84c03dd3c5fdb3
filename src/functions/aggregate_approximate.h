// functions/aggregate_approximate.h: SUM and AVG of REAL and DOUBLE PRECISION.
#pragma once

#include "functions/aggregate.h"

namespace tupelo {

// REQUIRES: an approximate type.
bool ResolveApproximateSum(const Type& type, BoundAggregate* aggregate);
bool ResolveApproximateAverage(const Type& type, BoundAggregate* aggregate);

}  // namespace tupelo
