// functions/numeric.cpp: ABS, MOD, SIGN, SCALE and MIN_SCALE.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "functions/kernel.h"
#include "functions/registry.h"
#include "types/string_ref.h"

namespace tupelo {
namespace {

// Of an integer type or of an interval: its least value has no absolute value.
template <typename T, ErrorCode kError>
struct AbsoluteInteger {
  bool bad = false;
  T operator()(T value) {
    bad |= value == std::numeric_limits<T>::min();
    return static_cast<T>(value < 0 ? std::make_unsigned_t<T>{0} -
                                          static_cast<std::make_unsigned_t<T>>(value)
                                    : value);
  }
  bool failed() const { return bad; }
  [[noreturn]] void Raise(T value) {
    throw Error(kError,
                fmt::format("the absolute value is outside the range of its type: {}", value));
  }
};
template <typename T, typename U>
struct AbsoluteDecimal {
  T operator()(T value) { return value < 0 ? static_cast<T>(U{0} - static_cast<U>(value)) : value; }
};
template <typename T>
struct AbsoluteApproximate {
  T operator()(T value) { return std::abs(value); }
};

Kernel AbsoluteKernel(const Type& type) {
  switch (type.id) {
    case TypeId::kSmallInt:
      return UnaryKernel<int16_t, int16_t, AbsoluteInteger<int16_t, ErrorCode::kNumericOutOfRange>>;
    case TypeId::kInteger:
      return UnaryKernel<int32_t, int32_t, AbsoluteInteger<int32_t, ErrorCode::kNumericOutOfRange>>;
    case TypeId::kBigInt:
      return UnaryKernel<int64_t, int64_t, AbsoluteInteger<int64_t, ErrorCode::kNumericOutOfRange>>;
    case TypeId::kYearMonth:
      return UnaryKernel<int32_t, int32_t, AbsoluteInteger<int32_t, ErrorCode::kIntervalOverflow>>;
    case TypeId::kDayTime:
      return UnaryKernel<int64_t, int64_t, AbsoluteInteger<int64_t, ErrorCode::kIntervalOverflow>>;
    case TypeId::kReal: return UnaryKernel<float, float, AbsoluteApproximate<float>>;
    case TypeId::kDouble: return UnaryKernel<double, double, AbsoluteApproximate<double>>;
    default: break;
  }
  return type.physical() == PhysicalType::kInt64
             ? UnaryKernel<int64_t, int64_t, AbsoluteDecimal<int64_t, uint64_t>>
             : UnaryKernel<int128_t, int128_t, AbsoluteDecimal<int128_t, uint128_t>>;
}

bool ResolveAbsolute(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_numeric() && !type.is_interval()) return false;
  function->result = type;
  function->argument_types = {type};
  function->kernel = AbsoluteKernel(type);
  function->may_fail = type.is_integer() || type.is_interval();
  return true;
}

// The remainder of the division that truncates: its sign is the dividend's.
template <typename T>
struct Modulo {
  bool zero = false;
  T operator()(T left, T right) {
    zero |= right == 0;
    return right == 0 || right == -1 ? T{0} : static_cast<T>(left % right);
  }
  bool failed() const { return zero; }
  [[noreturn]] void Raise(T, T) {
    throw Error(ErrorCode::kDivisionByZero, "division by zero: MOD(..., 0)");
  }
};
struct ModuloApproximate {
  static constexpr bool kEachRow = true;
  double operator()(double left, double right) {
    if (right == 0)
      throw Error(ErrorCode::kDivisionByZero, fmt::format("division by zero: MOD({}, 0)", left));
    return std::fmod(left, right);
  }
};

Kernel ModuloKernel(PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt16: return BinaryKernel<int16_t, int16_t, int16_t, Modulo<int16_t>>;
    case PhysicalType::kInt32: return BinaryKernel<int32_t, int32_t, int32_t, Modulo<int32_t>>;
    case PhysicalType::kInt64: return BinaryKernel<int64_t, int64_t, int64_t, Modulo<int64_t>>;
    case PhysicalType::kInt128: return BinaryKernel<int128_t, int128_t, int128_t, Modulo<int128_t>>;
    default: return BinaryKernel<double, double, double, ModuloApproximate>;
  }
}

// Operands of equal scale have a remainder of that scale.
Type ModuloType(const Type& left, const Type& right) {
  if (left.is_approximate() || right.is_approximate()) return Type::Double();
  if (left.is_integer() && right.is_integer()) return left.id < right.id ? right : left;
  int scale = std::max(left.decimal_scale(), right.decimal_scale());
  int integral = std::max(left.decimal_precision() - left.decimal_scale(),
                          right.decimal_precision() - right.decimal_scale());
  return Type::Decimal(std::clamp<int>(integral + scale, 1, kMaxDecimalPrecision), scale);
}

bool ResolveModulo(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  Type left = TypeOr(types[0], TypeOr(types[1], Type::Integer()));
  Type right = TypeOr(types[1], left);
  if (!left.is_numeric() || !right.is_numeric()) return false;
  function->result = ModuloType(left, right);
  function->argument_types = {function->result, function->result};
  function->kernel = ModuloKernel(function->result.physical());
  return true;
}

template <typename T>
struct Sign {
  int32_t operator()(T value) { return (value > 0) - (value < 0); }
};

Kernel SignKernel(PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt16: return UnaryKernel<int16_t, int32_t, Sign<int16_t>>;
    case PhysicalType::kInt32: return UnaryKernel<int32_t, int32_t, Sign<int32_t>>;
    case PhysicalType::kInt64: return UnaryKernel<int64_t, int32_t, Sign<int64_t>>;
    case PhysicalType::kInt128: return UnaryKernel<int128_t, int32_t, Sign<int128_t>>;
    case PhysicalType::kFloat: return UnaryKernel<float, int32_t, Sign<float>>;
    default: return UnaryKernel<double, int32_t, Sign<double>>;
  }
}

bool ResolveSign(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_numeric()) return false;
  function->result = Type::Integer();
  function->argument_types = {type};
  function->kernel = SignKernel(type.physical());
  function->may_fail = false;
  return true;
}

// data.a: the scale of the argument. kLeast: as many digits as the value needs.
template <typename T, bool kLeast>
struct ScaleOf {
  static constexpr bool kEachRow = true;
  explicit ScaleOf(const KernelCall& call) : scale(static_cast<int32_t>(call.data->a)) {}
  int32_t scale;
  int32_t operator()(T value) {
    int32_t digits = scale;
    for (; kLeast && digits > 0 && value % 10 == 0; --digits) value /= 10;
    return digits;
  }
};

template <bool kLeast>
bool ResolveScale(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Integer());
  if (!type.is_exact()) return false;
  type = Type::Decimal(kMaxDecimalPrecision, type.decimal_scale());
  function->result = Type::Integer();
  function->argument_types = {type};
  function->data.a = type.scale;
  function->kernel = UnaryKernel<int128_t, int32_t, ScaleOf<int128_t, kLeast>>;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"ABS", "a number or an interval", ResolveAbsolute},
    {"MOD", "two numbers", ResolveModulo},
    {"SIGN", "a number", ResolveSign},
    {"SCALE", "an exact number", ResolveScale<false>},
    {"MIN_SCALE", "an exact number", ResolveScale<true>},
};

}  // namespace

std::span<const FunctionRow> NumericFunctions() { return kRows; }

}  // namespace tupelo
