// functions/arithmetic_decimal.cpp: + - * / on DECIMAL.
//
// Result types have room for every result up to 38 digits, so what is stored in 64 bits cannot
// overflow; it wraps only on garbage of null rows. Operands in 128 bits go value by value through
// types/decimal.h.
#include <fmt/format.h>

#include "functions/arithmetic.h"
#include "functions/kernel.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

[[noreturn]] void RaiseOutOfRange(std::string_view symbol) {
  throw Error(
      ErrorCode::kNumericOutOfRange,
      fmt::format("the result of {} has more than 38 digits before the point and in its scale",
                  symbol));
}

[[noreturn]] void RaiseDivisionByZero() {
  throw Error(ErrorCode::kDivisionByZero, "division by zero");
}

struct AddNarrow {
  int64_t operator()(int64_t left, int64_t right) {
    return static_cast<int64_t>(static_cast<uint64_t>(left) + static_cast<uint64_t>(right));
  }
};
struct SubtractNarrow {
  int64_t operator()(int64_t left, int64_t right) {
    return static_cast<int64_t>(static_cast<uint64_t>(left) - static_cast<uint64_t>(right));
  }
};
struct MultiplyNarrow {
  static constexpr LevelForms kLevels = LevelForms::kAll;
  int64_t operator()(int64_t left, int64_t right) {
    return static_cast<int64_t>(static_cast<uint64_t>(left) * static_cast<uint64_t>(right));
  }
};

// The dividend's digits and the shift together are at most 18: see ArithmeticResultType.
struct DivideNarrow {
  explicit DivideNarrow(const KernelCall& call) : power(kPowersOfTen64[call.data->a]) {}
  int64_t power;
  bool zero = false;
  int64_t operator()(int64_t left, int64_t right) {
    zero |= right == 0;
    if (right == 0 || right == -1) {
      return static_cast<int64_t>(static_cast<uint64_t>(left) * static_cast<uint64_t>(power) *
                                  static_cast<uint64_t>(right));
    }
    auto dividend =
        static_cast<int64_t>(static_cast<uint64_t>(left) * static_cast<uint64_t>(power));
    int64_t quotient = dividend / right;
    auto rest = static_cast<uint64_t>(dividend % right);
    if (dividend < 0) rest = -rest;
    uint64_t divisor = right < 0 ? -static_cast<uint64_t>(right) : static_cast<uint64_t>(right);
    if (rest >= divisor - rest) quotient += (dividend < 0) == (right < 0) ? 1 : -1;
    return quotient;
  }
  bool failed() const { return zero; }
  [[noreturn]] void Raise(int64_t, int64_t) { RaiseDivisionByZero(); }
};

struct AddNarrowToWide {
  int128_t operator()(int64_t left, int64_t right) { return int128_t{left} + right; }
};
struct SubtractNarrowToWide {
  int128_t operator()(int64_t left, int64_t right) { return int128_t{left} - right; }
};
struct MultiplyNarrowToWide {
  int128_t operator()(int64_t left, int64_t right) { return int128_t{left} * right; }
};

struct AddWide {
  static constexpr bool kEachRow = true;
  int128_t operator()(int128_t left, int128_t right) {
    int128_t sum;
    if (!AddDecimals(left, right, &sum)) RaiseOutOfRange("+");
    return sum;
  }
};
struct SubtractWide {
  static constexpr bool kEachRow = true;
  int128_t operator()(int128_t left, int128_t right) {
    int128_t difference;
    if (!SubtractDecimals(left, right, &difference)) RaiseOutOfRange("-");
    return difference;
  }
};
struct MultiplyWide {
  static constexpr bool kEachRow = true;
  explicit MultiplyWide(const KernelCall& call) : drop_digits(static_cast<int>(call.data->a)) {}
  int drop_digits;
  int128_t operator()(int128_t left, int128_t right) {
    int128_t product;
    if (!MultiplyDecimals(left, right, drop_digits, &product)) RaiseOutOfRange("*");
    return product;
  }
};
template <typename Operand>
struct DivideWide {
  static constexpr bool kEachRow = true;
  explicit DivideWide(const KernelCall& call) : shift(static_cast<int>(call.data->a)) {}
  int shift;
  int128_t operator()(Operand left, Operand right) {
    if (right == 0) RaiseDivisionByZero();
    int128_t quotient;
    if (!DivideDecimals(left, right, shift, &quotient)) RaiseOutOfRange("/");
    return quotient;
  }
};

template <typename In, typename Out, typename Add, typename Subtract, typename Multiply,
          typename Divide>
Kernel Choose(ArithmeticOperator op) {
  switch (op) {
    case ArithmeticOperator::kAdd: return BinaryKernel<In, In, Out, Add>;
    case ArithmeticOperator::kSubtract: return BinaryKernel<In, In, Out, Subtract>;
    case ArithmeticOperator::kMultiply: return BinaryKernel<In, In, Out, Multiply>;
    case ArithmeticOperator::kDivide: return BinaryKernel<In, In, Out, Divide>;
  }
  return nullptr;
}

}  // namespace

Kernel DecimalArithmeticKernel(ArithmeticOperator op, PhysicalType operands, PhysicalType result) {
  if (operands == PhysicalType::kInt128) {
    assert(result == PhysicalType::kInt128);
    return Choose<int128_t, int128_t, AddWide, SubtractWide, MultiplyWide, DivideWide<int128_t>>(
        op);
  }
  if (result == PhysicalType::kInt128) {
    return Choose<int64_t, int128_t, AddNarrowToWide, SubtractNarrowToWide, MultiplyNarrowToWide,
                  DivideWide<int64_t>>(op);
  }
  return Choose<int64_t, int64_t, AddNarrow, SubtractNarrow, MultiplyNarrow, DivideNarrow>(op);
}

FunctionData DecimalArithmeticData(ArithmeticOperator op, const Type& left, const Type& right,
                                   const Type& result) {
  FunctionData data;
  if (op == ArithmeticOperator::kMultiply) data.a = left.scale + right.scale - result.scale;
  if (op == ArithmeticOperator::kDivide) data.a = result.scale - left.scale + right.scale;
  return data;
}

}  // namespace tupelo
