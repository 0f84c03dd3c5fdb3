// functions/arithmetic.cpp: + - * / and unary plus and minus: which kernel for which numeric types.
#include "functions/arithmetic.h"

#include <algorithm>

#include "functions/registry.h"

namespace tupelo {
namespace {

// `type` as a DECIMAL of scale `scale`, stored in 128 bits when `wide`.
Type DecimalOperand(const Type& type, int scale, bool wide) {
  int digits = type.decimal_precision() - type.decimal_scale() + scale;
  digits = std::clamp<int>(digits, std::max(scale, 1), kMaxDecimalPrecision);
  if (wide) digits = std::max<int>(digits, kMaxInt64DecimalPrecision + 1);
  bool is_there =
      type.id == TypeId::kDecimal && type.scale == scale &&
      (type.physical() == PhysicalType::kInt128) == (digits > kMaxInt64DecimalPrecision);
  return is_there ? type : Type::Decimal(digits, scale);
}

void ResolveDecimal(ArithmeticOperator op, const Type& left, const Type& right,
                    BoundFunction* function) {
  const Type& result = function->result;
  bool aligned = op == ArithmeticOperator::kAdd || op == ArithmeticOperator::kSubtract;
  int left_scale = aligned ? result.scale : left.decimal_scale();
  int right_scale = aligned ? result.scale : right.decimal_scale();
  Type operands[2] = {DecimalOperand(left, left_scale, false),
                      DecimalOperand(right, right_scale, false)};
  if (operands[0].physical() != operands[1].physical() ||
      operands[0].physical() == PhysicalType::kInt128) {
    operands[0] = DecimalOperand(left, left_scale, true);
    operands[1] = DecimalOperand(right, right_scale, true);
  }
  if (operands[0].physical() == PhysicalType::kInt128) {  // computed wide, so it stays wide
    uint8_t wide = kMaxInt64DecimalPrecision + 1;
    function->result.precision = std::max(result.precision, wide);
  }
  function->argument_types = {operands[0], operands[1]};
  function->kernel = DecimalArithmeticKernel(op, operands[0].physical(), result.physical());
  function->data = DecimalArithmeticData(op, operands[0], operands[1], result);
  function->may_fail =
      op == ArithmeticOperator::kDivide || operands[0].physical() == PhysicalType::kInt128;
}

template <ArithmeticOperator kOperator>
bool ResolveBinary(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  // An untyped NULL takes the other operand's type.
  Type left = TypeOr(types[0], TypeOr(types[1], Type::Integer()));
  Type right = TypeOr(types[1], left);
  if (!left.is_numeric() || !right.is_numeric()) return false;
  function->result = ArithmeticResultType(kOperator, left, right);
  if (function->result.id == TypeId::kDecimal) {
    ResolveDecimal(kOperator, left, right, function);
    return true;
  }
  PhysicalType physical = function->result.physical();
  function->argument_types = {function->result, function->result};
  function->kernel = function->result.is_integer()
                         ? IntegerArithmeticKernel(kOperator, physical)
                         : ApproximateArithmeticKernel(kOperator, physical);
  return true;
}

bool ResolveNegation(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_numeric() && !type.is_interval()) return false;
  function->result = type;
  function->argument_types = {type};
  function->kernel = NegationKernel(type);
  function->may_fail = !type.is_approximate() && type.id != TypeId::kDecimal;
  return true;
}

void UnaryPlus(const KernelCall& call) { call.result->Reference(*call.arguments[0]); }

bool ResolveUnaryPlus(std::span<const Type> types, BoundFunction* function) {
  if (!ResolveNegation(types, function)) return false;
  function->kernel = UnaryPlus;
  function->may_fail = false;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"+", "two numbers", ResolveBinary<ArithmeticOperator::kAdd>},
    {"-", "two numbers", ResolveBinary<ArithmeticOperator::kSubtract>},
    {"*", "two numbers", ResolveBinary<ArithmeticOperator::kMultiply>},
    {"/", "two numbers", ResolveBinary<ArithmeticOperator::kDivide>},
    {"+", "one number or interval", ResolveUnaryPlus},
    {"-", "one number or interval", ResolveNegation},
    {"NEG", "a number or an interval", ResolveNegation},
};

}  // namespace

std::span<const FunctionRow> ArithmeticFunctions() { return kRows; }

}  // namespace tupelo
