// functions/arithmetic.h: the kernels behind + - * / and unary minus, by stored type.
#pragma once

#include "functions/function.h"
#include "functions/types_of_arithmetic.h"

namespace tupelo {

// Both operands and the result are of the physical type kInt16, kInt32 or kInt64; overflow is
// 22003.
Kernel IntegerArithmeticKernel(ArithmeticOperator op, PhysicalType type);
// kFloat or kDouble; a finite pair that overflows is 22003.
Kernel ApproximateArithmeticKernel(ArithmeticOperator op, PhysicalType type);
// DECIMAL. `operands`: of both; `result` is at least as wide. + - : equal scales.
// * and /: FunctionData as DecimalArithmeticData gives it.
Kernel DecimalArithmeticKernel(ArithmeticOperator op, PhysicalType operands, PhysicalType result);

// What the DECIMAL kernels need to know of the scales.
FunctionData DecimalArithmeticData(ArithmeticOperator op, const Type& left, const Type& right,
                                   const Type& result);

// Unary minus of any numeric or interval type.
Kernel NegationKernel(const Type& type);

}  // namespace tupelo
