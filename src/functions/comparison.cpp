// functions/comparison.cpp: which comparison kernel for which pair of types.
//
// Types of one physical form are compared as they are. Exact numbers of different types are cast to
// a common DECIMAL or integer type where there is one that loses nothing; else, and against
// approximate numbers, kernels compare both exactly.
#include "functions/comparison.h"

#include <algorithm>

#include "functions/comparison_kernel.h"
#include "functions/registry.h"

namespace tupelo {

void FixDistinct(const KernelCall& call, bool negated) {
  const Vector& left = *call.arguments[0];
  const Vector& right = *call.arguments[1];
  uint8_t* out = call.result->MutableData<uint8_t>();
  uint8_t flip = negated ? 0 : 1;
  if (!left.may_have_nulls() && !right.may_have_nulls()) {
    ForEachRow(call.rows, [&](uint32_t row) { out[row] ^= flip; });
    return;
  }
  ForEachRow(call.rows, [&](uint32_t row) {
    bool left_valid = left.IsValid(row), right_valid = right.IsValid(row);
    uint8_t same = left_valid && right_valid ? out[row] : left_valid == right_valid;
    out[row] = same ^ flip;
  });
  call.result->SetAllValid();
}

namespace {

struct Pair {
  Type left, right;
  const ComparisonKernels* kernels = nullptr;
  FunctionData data;
};

// A decimal type of that scale and room for the integral digits, in 128 bits.
Type WideDecimal(const Type& type) {
  int precision = std::max<int>(type.decimal_precision(), kMaxInt64DecimalPrecision + 1);
  return Type::Decimal(precision, type.decimal_scale());
}

void PairExact(Pair* pair) {
  Type& left = pair->left;
  Type& right = pair->right;
  if (left.is_integer() && right.is_integer()) {
    left = right = left.id < right.id ? right : left;
  } else if (left.decimal_scale() != right.decimal_scale() || left.physical() != right.physical() ||
             left.id != right.id) {
    int scale = std::max(left.decimal_scale(), right.decimal_scale());
    int integral = std::max(left.decimal_precision() - left.decimal_scale(),
                            right.decimal_precision() - right.decimal_scale());
    if (integral + scale > kMaxDecimalPrecision) {
      left = WideDecimal(left);
      right = WideDecimal(right);
      pair->data.a = left.scale;
      pair->data.b = right.scale;
      pair->kernels = &ScaledDecimalComparisons();
      return;
    }
    left = right = Type::Decimal(std::max(integral + scale, 1), scale);
  }
  pair->kernels = &NumberComparisons(left.physical());
}

// `exact` and `approximate` are the two types of the pair; `exact_first`: in that order.
void PairMixed(Pair* pair, Type* exact, Type* approximate, bool exact_first) {
  *approximate = Type::Double();
  if (exact->id == TypeId::kSmallInt || exact->id == TypeId::kInteger) {
    *exact = Type::Double();
    pair->kernels = &NumberComparisons(PhysicalType::kDouble);
  } else if (exact->id == TypeId::kBigInt) {
    pair->kernels = exact_first ? &BigIntDoubleComparisons() : &DoubleBigIntComparisons();
  } else {
    *exact = WideDecimal(*exact);
    pair->data.a = exact->scale;
    pair->kernels = exact_first ? &DecimalDoubleComparisons() : &DoubleDecimalComparisons();
  }
}

bool FindPair(Pair* pair) {
  Type& left = pair->left;
  Type& right = pair->right;
  if (!Comparable(left, right)) return false;
  if (left.is_numeric()) {
    if (left.is_exact() && right.is_exact()) {
      PairExact(pair);
    } else if (left.is_exact()) {
      PairMixed(pair, &left, &right, true);
    } else if (right.is_exact()) {
      PairMixed(pair, &right, &left, false);
    } else {
      if (left.id != right.id) left = right = Type::Double();
      pair->kernels = &NumberComparisons(left.physical());
    }
    return true;
  }
  if (left.is_character()) {
    bool is_char = left.id == TypeId::kChar || right.id == TypeId::kChar;
    bool same_length = left == right && left.length != kUnlimitedLength;  // both are padded already
    pair->kernels = &StringComparisons(is_char && !same_length);
    return true;
  }
  if (left.id == TypeId::kBlob) {
    pair->kernels = &StringComparisons(false);
    return true;
  }
  if (left.id != right.id) {  // datetimes with and without time zone
    Type common;
    if (!CommonType(left, right, &common)) return false;
    left = right = common;
  }
  pair->kernels = &NumberComparisons(left.physical());
  return true;
}

template <ComparisonOperator kOperator>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  Pair pair;
  pair.left = TypeOr(types[0], TypeOr(types[1], Type::Boolean()));
  pair.right = TypeOr(types[1], pair.left);
  if (!FindPair(&pair)) return false;
  function->result = Type::Boolean();
  function->argument_types = {pair.left, pair.right};
  function->kernel = (*pair.kernels)[kOperator];
  function->data = pair.data;
  function->may_fail = false;
  return true;
}

constexpr std::string_view kTakes = "two values of comparable types";
constexpr FunctionRow kRows[] = {
    {"=", kTakes, Resolve<ComparisonOperator::kEqual>},
    {"<>", kTakes, Resolve<ComparisonOperator::kNotEqual>},
    {"<", kTakes, Resolve<ComparisonOperator::kLess>},
    {"<=", kTakes, Resolve<ComparisonOperator::kLessOrEqual>},
    {">", kTakes, Resolve<ComparisonOperator::kGreater>},
    {">=", kTakes, Resolve<ComparisonOperator::kGreaterOrEqual>},
    {"IS DISTINCT FROM", kTakes, Resolve<ComparisonOperator::kDistinct>},
    {"IS NOT DISTINCT FROM", kTakes, Resolve<ComparisonOperator::kNotDistinct>},
};

}  // namespace

std::span<const FunctionRow> ComparisonFunctions() { return kRows; }

}  // namespace tupelo
