// functions/comparison_kernel.h: the templates from which the tables of comparison.h are made.
#pragma once

#include "functions/comparison.h"
#include "functions/kernel.h"

namespace tupelo {

// IS [NOT] DISTINCT FROM out of the kernel of =: never null; two nulls are not distinct.
void FixDistinct(const KernelCall& call, bool negated);

template <Kernel kEqual, bool kNegated>
void DistinctKernel(const KernelCall& call) {
  kEqual(call);
  FixDistinct(call, kNegated);
}

// The operations of Compare, a struct with Equal(left, right) and Order(left, right) (negative,
// zero, positive), made for each call as an operation is. L and R are the stored types.
template <typename Compare, ComparisonOperator kOperator, typename L, typename R>
struct CompareOperation : Compare {
  using Compare::Compare;
  uint8_t operator()(const L& left, const R& right) {
    if constexpr (kOperator == ComparisonOperator::kEqual) return this->Equal(left, right);
    if constexpr (kOperator == ComparisonOperator::kNotEqual) return !this->Equal(left, right);
    if constexpr (kOperator == ComparisonOperator::kLess) return this->Less(left, right);
    if constexpr (kOperator == ComparisonOperator::kLessOrEqual) return !this->Less(right, left);
    if constexpr (kOperator == ComparisonOperator::kGreater) return this->Less(right, left);
    return !this->Less(left, right);
  }
};

// For Compare of two different types: Order(left, right) decides everything.
template <typename Compare, ComparisonOperator kOperator, typename L, typename R>
struct OrderOperation : Compare {
  using Compare::Compare;
  uint8_t operator()(const L& left, const R& right) {
    int order = this->Order(left, right);
    if constexpr (kOperator == ComparisonOperator::kEqual) return order == 0;
    if constexpr (kOperator == ComparisonOperator::kNotEqual) return order != 0;
    if constexpr (kOperator == ComparisonOperator::kLess) return order < 0;
    if constexpr (kOperator == ComparisonOperator::kLessOrEqual) return order <= 0;
    if constexpr (kOperator == ComparisonOperator::kGreater) return order > 0;
    return order >= 0;
  }
};

template <template <typename, ComparisonOperator, typename, typename> typename Operation,
          typename Compare, typename L, typename R>
constexpr ComparisonKernels MakeComparisons() {
  using enum ComparisonOperator;
  constexpr Kernel equal = BinaryKernel<L, R, uint8_t, Operation<Compare, kEqual, L, R>>;
  return {{equal, BinaryKernel<L, R, uint8_t, Operation<Compare, kNotEqual, L, R>>,
           BinaryKernel<L, R, uint8_t, Operation<Compare, kLess, L, R>>,
           BinaryKernel<L, R, uint8_t, Operation<Compare, kLessOrEqual, L, R>>,
           BinaryKernel<L, R, uint8_t, Operation<Compare, kGreater, L, R>>,
           BinaryKernel<L, R, uint8_t, Operation<Compare, kGreaterOrEqual, L, R>>,
           DistinctKernel<equal, false>, DistinctKernel<equal, true>}};
}

}  // namespace tupelo
