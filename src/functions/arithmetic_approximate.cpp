// functions/arithmetic_approximate.cpp: + - * / on REAL and DOUBLE PRECISION.
//
// An infinity or NaN has all exponent bits set; adding one exponent unit to the masked bits then
// carries into the sign bit. Or-ing that over all rows finds a non-finite result without a branch.
// Raise decides whether the row made it out of finite operands (22003), or merely passed on an
// infinity that was stored.
#include <bit>
#include <cmath>
#include <fmt/format.h>

#include "functions/arithmetic.h"
#include "functions/kernel.h"

namespace tupelo {
namespace {

template <typename T>
struct FiniteCheck {
  static constexpr LevelForms kLevels = sizeof(T) == 8 ? LevelForms::kAll : LevelForms::kNone;
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  static constexpr int kMantissaBits = sizeof(T) == 4 ? 23 : 52;
  static constexpr Bits kSign = Bits{1} << (sizeof(T) * 8 - 1);
  static constexpr Bits kUnit = Bits{1} << kMantissaBits;
  static constexpr Bits kExponent = kSign - kUnit;

  Bits carries = 0;
  T Note(T result) {
    carries |= (std::bit_cast<Bits>(result) & kExponent) + kUnit;
    return result;
  }
  bool failed() const { return (carries & kSign) != 0; }
  static void RaiseIfFinite(T left, std::string_view symbol, T right) {
    if (!std::isfinite(left) || !std::isfinite(right)) return;
    throw Error(ErrorCode::kNumericOutOfRange,
                fmt::format("the result is outside the range of {}: {} {} {}",
                            sizeof(T) == 4 ? "REAL" : "DOUBLE PRECISION", left, symbol, right));
  }
};

template <typename T>
struct AddApproximate : FiniteCheck<T> {
  T operator()(T left, T right) { return this->Note(left + right); }
  void Raise(T left, T right) { this->RaiseIfFinite(left, "+", right); }
};
template <typename T>
struct SubtractApproximate : FiniteCheck<T> {
  T operator()(T left, T right) { return this->Note(left - right); }
  void Raise(T left, T right) { this->RaiseIfFinite(left, "-", right); }
};
template <typename T>
struct MultiplyApproximate : FiniteCheck<T> {
  T operator()(T left, T right) { return this->Note(left * right); }
  void Raise(T left, T right) { this->RaiseIfFinite(left, "*", right); }
};
template <typename T>
struct DivideApproximate : FiniteCheck<T> {
  T operator()(T left, T right) { return this->Note(left / right); }
  void Raise(T left, T right) {
    if (right == 0) {
      throw Error(ErrorCode::kDivisionByZero,
                  fmt::format("division by zero: {} / {}", left, right));
    }
    this->RaiseIfFinite(left, "/", right);
  }
};

template <typename T>
Kernel KernelOf(ArithmeticOperator op) {
  switch (op) {
    case ArithmeticOperator::kAdd: return BinaryKernel<T, T, T, AddApproximate<T>>;
    case ArithmeticOperator::kSubtract: return BinaryKernel<T, T, T, SubtractApproximate<T>>;
    case ArithmeticOperator::kMultiply: return BinaryKernel<T, T, T, MultiplyApproximate<T>>;
    case ArithmeticOperator::kDivide: return BinaryKernel<T, T, T, DivideApproximate<T>>;
  }
  return nullptr;
}

}  // namespace

Kernel ApproximateArithmeticKernel(ArithmeticOperator op, PhysicalType type) {
  assert(type == PhysicalType::kFloat || type == PhysicalType::kDouble);
  return type == PhysicalType::kFloat ? KernelOf<float>(op) : KernelOf<double>(op);
}

}  // namespace tupelo
