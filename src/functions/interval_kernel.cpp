// functions/interval_kernel.cpp: intervals plus and minus intervals, times and divided by numbers.
#include <limits>
#include <type_traits>

#include "functions/datetime_kernel.h"
#include "functions/kernel.h"
#include "types/decimal.h"
#include "types/string_ref.h"

namespace tupelo {
namespace {

[[noreturn]] void RaiseIntervalOverflow() {
  throw Error(ErrorCode::kIntervalOverflow, "the result is outside the range of an interval");
}

template <typename T>
struct AddIntervals {
  bool overflow = false;
  T operator()(T left, T right) {
    T sum;
    overflow |= __builtin_add_overflow(left, right, &sum);
    return sum;
  }
  bool failed() const { return overflow; }
  [[noreturn]] void Raise(T, T) { RaiseIntervalOverflow(); }
};

template <typename T>
struct SubtractIntervals {
  bool overflow = false;
  T operator()(T left, T right) {
    T difference;
    overflow |= __builtin_sub_overflow(left, right, &difference);
    return difference;
  }
  bool failed() const { return overflow; }
  [[noreturn]] void Raise(T, T) { RaiseIntervalOverflow(); }
};

template <typename Interval, typename Number, ScalingForm kForm>
struct ScaleInterval {
  static constexpr bool kEachRow = true;
  explicit ScaleInterval(const KernelCall& call)
      : scale(static_cast<int>(call.data->a)), unit(call.data->b) {}
  int scale;
  int64_t unit;

  template <typename Left, typename Right>
  Interval operator()(Left left, Right right) {
    if constexpr (kForm == ScalingForm::kSwappedMultiply)
      return Apply(right, left);
    else
      return Apply(left, right);
  }

  Interval Apply(Interval interval, Number number) {
    constexpr bool kDivide = kForm == ScalingForm::kDivide;
    if (kDivide && number == 0)
      throw Error(ErrorCode::kDivisionByZero, "an interval divided by zero");
    int128_t exact = 0;
    if constexpr (std::is_same_v<Number, double>) {
      int64_t whole = 0;
      double amount = static_cast<double>(interval);
      if (!DoubleToInt64(kDivide ? amount / number : amount * number, &whole))
        RaiseIntervalOverflow();
      exact = whole;
    } else if constexpr (std::is_same_v<Number, int64_t>) {
      exact = kDivide ? int128_t{interval} / number : int128_t{interval} * number;
    } else if constexpr (kDivide) {
      if (!DivideDecimals(interval, number, scale, &exact)) RaiseIntervalOverflow();
    } else {
      if (!MultiplyDecimals(interval, number, scale, &exact)) RaiseIntervalOverflow();
    }
    exact -= exact % unit;
    if (exact > std::numeric_limits<Interval>::max() ||
        exact < std::numeric_limits<Interval>::min()) {
      RaiseIntervalOverflow();
    }
    return static_cast<Interval>(exact);
  }
};

template <typename Interval, typename Number>
Kernel ScalingOf(ScalingForm form) {
  switch (form) {
    case ScalingForm::kMultiply:
      return BinaryKernel<Interval, Number, Interval,
                          ScaleInterval<Interval, Number, ScalingForm::kMultiply>>;
    case ScalingForm::kSwappedMultiply:
      return BinaryKernel<Number, Interval, Interval,
                          ScaleInterval<Interval, Number, ScalingForm::kSwappedMultiply>>;
    case ScalingForm::kDivide:
      return BinaryKernel<Interval, Number, Interval,
                          ScaleInterval<Interval, Number, ScalingForm::kDivide>>;
  }
  return nullptr;
}

template <typename Interval>
Kernel ScalingOf(const Type& factor, ScalingForm form) {
  if (factor.id == TypeId::kBigInt) return ScalingOf<Interval, int64_t>(form);
  if (factor.id == TypeId::kDouble) return ScalingOf<Interval, double>(form);
  return ScalingOf<Interval, int128_t>(form);
}

}  // namespace

Kernel IntervalSumKernel(const Type& interval, bool subtract) {
  if (interval.id == TypeId::kYearMonth) {
    return subtract ? BinaryKernel<int32_t, int32_t, int32_t, SubtractIntervals<int32_t>>
                    : BinaryKernel<int32_t, int32_t, int32_t, AddIntervals<int32_t>>;
  }
  return subtract ? BinaryKernel<int64_t, int64_t, int64_t, SubtractIntervals<int64_t>>
                  : BinaryKernel<int64_t, int64_t, int64_t, AddIntervals<int64_t>>;
}

Kernel IntervalScalingKernel(const Type& interval, const Type& factor, ScalingForm form) {
  return interval.id == TypeId::kYearMonth ? ScalingOf<int32_t>(factor, form)
                                           : ScalingOf<int64_t>(factor, form);
}

}  // namespace tupelo
