// functions/comparison.h: the kernels of = <> < <= > >= and IS [NOT] DISTINCT FROM for one pair of
// stored types.
#pragma once

#include "functions/function.h"

namespace tupelo {

enum class ComparisonOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kDistinct,
  kNotDistinct
};
inline constexpr int kComparisonOperators = 8;

// Of one pair of types, indexed by ComparisonOperator.
struct ComparisonKernels {
  Kernel kernels[kComparisonOperators];
  Kernel operator[](ComparisonOperator op) const { return kernels[static_cast<int>(op)]; }
};

// Values of one numeric, Boolean, datetime or interval type (scales equal).
const ComparisonKernels& NumberComparisons(PhysicalType type);
// Strings; `padded`: PAD SPACE.
const ComparisonKernels& StringComparisons(bool padded);
// BIGINT (left) with DOUBLE PRECISION and the mirror image.
const ComparisonKernels& BigIntDoubleComparisons();
const ComparisonKernels& DoubleBigIntComparisons();
// DECIMAL in 128 bits of scale data.a with DOUBLE PRECISION and the mirror image.
const ComparisonKernels& DecimalDoubleComparisons();
const ComparisonKernels& DoubleDecimalComparisons();
// DECIMAL in 128 bits of scales data.a and data.b.
const ComparisonKernels& ScaledDecimalComparisons();

}  // namespace tupelo
