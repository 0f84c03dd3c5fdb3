// functions/types_of_arithmetic.cpp: docs/types_of_results.md as code.
#include "functions/types_of_arithmetic.h"

#include <algorithm>
#include <cassert>

namespace tupelo {
namespace {

constexpr int kLeastDivisionScale = 6;

Type DecimalUpTo38(int integral_digits, int scale) {
  int precision = std::min<int>(kMaxDecimalPrecision, integral_digits + scale);
  return Type::Decimal(std::max(precision, 1), std::min(scale, precision));
}

// `scale`, reduced so that the integral digits fit beside it, but not so far that a quotient of
// sums, which have 38 digits, loses its fraction.
int ReduceScale(int scale, int integral_digits) {
  return std::max(kLeastDivisionScale, std::min(scale, kMaxDecimalPrecision - integral_digits));
}

}  // namespace

Type ArithmeticResultType(ArithmeticOperator op, const Type& left, const Type& right) {
  assert(left.is_numeric() && right.is_numeric());
  if (left.is_approximate() || right.is_approximate()) {
    bool both_real = left.id == TypeId::kReal && right.id == TypeId::kReal;
    return both_real ? Type::Real() : Type::Double();
  }
  if (left.is_integer() && right.is_integer()) return left.id < right.id ? right : left;
  int p1 = left.decimal_precision(), s1 = left.decimal_scale();
  int p2 = right.decimal_precision(), s2 = right.decimal_scale();
  switch (op) {
    case ArithmeticOperator::kAdd:
    case ArithmeticOperator::kSubtract:
      return DecimalUpTo38(std::max(p1 - s1, p2 - s2) + 1, std::max(s1, s2));
    case ArithmeticOperator::kMultiply: {
      int scale = std::min<int>(s1 + s2, kMaxDecimalPrecision);
      return Type::Decimal(std::min<int>(kMaxDecimalPrecision, p1 + p2), scale);
    }
    case ArithmeticOperator::kDivide: {
      int integral_digits = std::max(0, p1 - s1 + s2);
      return DecimalUpTo38(integral_digits,
                           ReduceScale(std::max({kLeastDivisionScale, s1, s2}), integral_digits));
    }
  }
  return left;
}

Type SumResultType(const Type& argument) {
  if (argument.is_approximate()) return Type::Double();
  if (argument.is_integer()) return Type::BigInt();
  return Type::Decimal(kMaxDecimalPrecision, argument.scale);
}

Type AverageResultType(const Type& argument) {
  if (argument.is_approximate()) return Type::Double();
  int integral_digits = argument.decimal_precision() - argument.decimal_scale();
  int scale = std::max(kLeastDivisionScale, argument.decimal_scale());
  return DecimalUpTo38(integral_digits, ReduceScale(scale, integral_digits));
}

}  // namespace tupelo
