// functions/arithmetic_integer.cpp: + - * / and unary minus on integers, checked for overflow.
//
// Addition and subtraction wrap and collect the sign of the overflow expression of every row in one
// variable; the loop has no branch, so the compiler vectorizes it. Which row it was is looked for
// only when that sign is set.
#include <fmt/format.h>
#include <limits>

#include "functions/arithmetic.h"
#include "functions/kernel.h"

namespace tupelo {
namespace {

template <typename T>
std::string_view NameOf() {
  if constexpr (sizeof(T) == 2) return "SMALLINT";
  if constexpr (sizeof(T) == 4) return "INTEGER";
  return "BIGINT";
}

template <typename T>
[[noreturn]] void RaiseOutOfRange(T left, std::string_view symbol, T right) {
  throw Error(ErrorCode::kNumericOutOfRange,
              fmt::format("the result is outside the range of {}: {} {} {}", NameOf<T>(), left,
                          symbol, right));
}

template <typename T>
using Unsigned = std::make_unsigned_t<T>;
template <typename T>
constexpr LevelForms kIntegerLevels = sizeof(T) >= 4 ? LevelForms::kAll : LevelForms::kNone;

template <typename T>
struct AddIntegers {
  static constexpr LevelForms kLevels = kIntegerLevels<T>;
  T overflow = 0;
  T operator()(T left, T right) {
    T sum = static_cast<T>(static_cast<Unsigned<T>>(left) + static_cast<Unsigned<T>>(right));
    overflow = static_cast<T>(overflow | ((left ^ sum) & (right ^ sum)));
    return sum;
  }
  bool failed() const { return overflow < 0; }
  [[noreturn]] void Raise(T left, T right) { RaiseOutOfRange(left, "+", right); }
};

template <typename T>
struct SubtractIntegers {
  static constexpr LevelForms kLevels = kIntegerLevels<T>;
  T overflow = 0;
  T operator()(T left, T right) {
    T difference = static_cast<T>(static_cast<Unsigned<T>>(left) - static_cast<Unsigned<T>>(right));
    overflow = static_cast<T>(overflow | ((left ^ right) & (left ^ difference)));
    return difference;
  }
  bool failed() const { return overflow < 0; }
  [[noreturn]] void Raise(T left, T right) { RaiseOutOfRange(left, "-", right); }
};

template <typename T>
struct MultiplyIntegers {
  static constexpr LevelForms kLevels = sizeof(T) == 4 ? LevelForms::kAll : LevelForms::kNone;
  using Wide = std::conditional_t<sizeof(T) == 2, int32_t, int64_t>;
  Wide lost = 0;
  T operator()(T left, T right) {
    if constexpr (sizeof(T) == 8) {
      T product;
      lost |= __builtin_mul_overflow(left, right, &product);
      return product;
    } else {
      Wide product = static_cast<Wide>(left) * right;
      lost |= product ^ static_cast<T>(product);
      return static_cast<T>(product);
    }
  }
  bool failed() const { return lost != 0; }
  [[noreturn]] void Raise(T left, T right) { RaiseOutOfRange(left, "*", right); }
};

template <typename T>
struct DivideIntegers {
  bool bad = false;
  T operator()(T left, T right) {
    bool trap = right == 0 || (right == -1 && left == std::numeric_limits<T>::min());
    bad |= trap;
    return static_cast<T>(left / (trap ? T{1} : right));
  }
  bool failed() const { return bad; }
  [[noreturn]] void Raise(T left, T right) {
    if (right != 0) RaiseOutOfRange(left, "/", right);
    throw Error(ErrorCode::kDivisionByZero, fmt::format("division by zero: {} / 0", left));
  }
};

template <typename T>
struct NegateInteger {
  bool bad = false;
  T operator()(T value) {
    bad |= value == std::numeric_limits<T>::min();
    return static_cast<T>(Unsigned<T>{0} - static_cast<Unsigned<T>>(value));
  }
  bool failed() const { return bad; }
  [[noreturn]] void Raise(T value) {
    throw Error(ErrorCode::kNumericOutOfRange,
                fmt::format("the result is outside the range of {}: -({})", NameOf<T>(), value));
  }
};

template <typename T>
struct NegateInterval : NegateInteger<T> {
  [[noreturn]] void Raise(T) {
    throw Error(ErrorCode::kIntervalOverflow,
                "the negated interval is outside the range of its type");
  }
};

template <typename T>
struct NegateApproximate {
  T operator()(T value) { return -value; }
};

// Of DECIMAL: |value| < 10^38 has a negative; garbage of null rows wraps.
template <typename T, typename U>
struct NegateDecimal {
  T operator()(T value) { return static_cast<T>(U{0} - static_cast<U>(value)); }
};

template <typename T>
Kernel KernelOf(ArithmeticOperator op) {
  switch (op) {
    case ArithmeticOperator::kAdd: return BinaryKernel<T, T, T, AddIntegers<T>>;
    case ArithmeticOperator::kSubtract: return BinaryKernel<T, T, T, SubtractIntegers<T>>;
    case ArithmeticOperator::kMultiply: return BinaryKernel<T, T, T, MultiplyIntegers<T>>;
    case ArithmeticOperator::kDivide: return BinaryKernel<T, T, T, DivideIntegers<T>>;
  }
  return nullptr;
}

}  // namespace

Kernel IntegerArithmeticKernel(ArithmeticOperator op, PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt16: return KernelOf<int16_t>(op);
    case PhysicalType::kInt32: return KernelOf<int32_t>(op);
    default: assert(type == PhysicalType::kInt64); return KernelOf<int64_t>(op);
  }
}

Kernel NegationKernel(const Type& type) {
  switch (type.id) {
    case TypeId::kSmallInt: return UnaryKernel<int16_t, int16_t, NegateInteger<int16_t>>;
    case TypeId::kInteger: return UnaryKernel<int32_t, int32_t, NegateInteger<int32_t>>;
    case TypeId::kBigInt: return UnaryKernel<int64_t, int64_t, NegateInteger<int64_t>>;
    case TypeId::kReal: return UnaryKernel<float, float, NegateApproximate<float>>;
    case TypeId::kDouble: return UnaryKernel<double, double, NegateApproximate<double>>;
    case TypeId::kYearMonth: return UnaryKernel<int32_t, int32_t, NegateInterval<int32_t>>;
    case TypeId::kDayTime: return UnaryKernel<int64_t, int64_t, NegateInterval<int64_t>>;
    default: break;
  }
  assert(type.id == TypeId::kDecimal);
  if (type.physical() == PhysicalType::kInt64) {
    return UnaryKernel<int64_t, int64_t, NegateDecimal<int64_t, uint64_t>>;
  }
  return UnaryKernel<int128_t, int128_t, NegateDecimal<int128_t, uint128_t>>;
}

}  // namespace tupelo
