// functions/types_of_arithmetic.h: the types of results of + - * / and of the numeric aggregates.
#pragma once

#include "types/type.h"

namespace tupelo {

enum class ArithmeticOperator : uint8_t { kAdd, kSubtract, kMultiply, kDivide };

// The table of docs/types_of_results.md. REQUIRES: both types are numeric.
Type ArithmeticResultType(ArithmeticOperator op, const Type& left, const Type& right);

// REQUIRES: a numeric type.
Type SumResultType(const Type& argument);
Type AverageResultType(const Type& argument);

}  // namespace tupelo
