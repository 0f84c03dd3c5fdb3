// functions/rounding.cpp: CEILING, FLOOR, ROUND and TRUNC.
//
// With one argument the result of an exact number has scale 0. ROUND and TRUNC take a number of
// digits after the point, which may be negative (before the point); then the scale stays, as the
// digits need not be a constant.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "functions/kernel.h"
#include "functions/registry.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

enum class Mode : uint8_t { kCeiling, kFloor, kRound, kTruncate };

// unscaled / 10^digits. REQUIRES: 0 <= digits <= 38.
template <Mode kMode>
int128_t DropDigits(int128_t unscaled, int digits) {
  if constexpr (kMode == Mode::kCeiling) return CeilingDigits(unscaled, digits);
  if constexpr (kMode == Mode::kFloor) return FloorDigits(unscaled, digits);
  if constexpr (kMode == Mode::kTruncate) return TruncateDigits(unscaled, digits);
  int128_t power = PowerOfTen(digits);
  int128_t quotient = unscaled / power, rest = unscaled % power;
  if (rest < 0) return quotient - (-rest >= power + rest);
  return quotient + (rest >= power - rest && rest != 0);
}

// data.a: the scale of the argument.
template <typename In, typename Out, Mode kMode>
struct ToWhole {
  static constexpr bool kEachRow = true;
  explicit ToWhole(const KernelCall& call) : scale(static_cast<int>(call.data->a)) {}
  int scale;
  Out operator()(In value) { return static_cast<Out>(DropDigits<kMode>(value, scale)); }
};

template <typename T, Mode kMode>
struct ToWholeApproximate {
  T operator()(T value) {
    if constexpr (kMode == Mode::kCeiling) return std::ceil(value);
    if constexpr (kMode == Mode::kFloor) return std::floor(value);
    if constexpr (kMode == Mode::kRound) return std::round(value);
    return std::trunc(value);
  }
};

// data.a: the scale; data.type: the result's type.
template <typename In, typename Out, Mode kMode>
struct ToDigits {
  static constexpr bool kEachRow = true;
  explicit ToDigits(const KernelCall& call)
      : scale(static_cast<int>(call.data->a)), type(&call.data->type) {}
  int scale;
  const Type* type;
  Out operator()(In value, int64_t digits) {
    if (digits >= scale) return static_cast<Out>(value);
    int64_t drop = scale - std::max<int64_t>(digits, -kMaxDecimalPrecision - 1);
    if (drop > kMaxDecimalPrecision) return 0;
    int128_t kept = DropDigits<kMode>(value, static_cast<int>(drop));
    int128_t result;
    if (!MultiplyDecimals(kept, PowerOfTen(static_cast<int>(drop)), 0, &result) || !Fits(result)) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  fmt::format("the rounded number is outside the range of {}: {}", type->ToString(),
                              DecimalToString(value, scale)));
    }
    return static_cast<Out>(result);
  }
  bool Fits(int128_t value) const {
    if (type->id == TypeId::kDecimal) return FitsPrecision(value, type->precision);
    return static_cast<Out>(value) == value;
  }
};

// Rounds the decimal value that the shortest text of the number shows, where a double can hold the
// scaled number.
template <Mode kMode>
struct ToDigitsApproximate {
  static constexpr bool kEachRow = true;
  double operator()(double value, int64_t digits) {
    constexpr int64_t kMostDigits = 308;
    if (!std::isfinite(value) || digits > kMostDigits) return value;
    if (digits < -kMostDigits) return 0;
    double power = std::pow(10.0, static_cast<double>(std::abs(digits)));
    double scaled = digits < 0 ? value / power : value * power;
    if (!std::isfinite(scaled) || std::abs(scaled) >= 0x1p53) return value;
    double whole = kMode == Mode::kRound ? std::round(scaled) : std::trunc(scaled);
    return digits < 0 ? whole * power : whole / power;
  }
};

template <Mode kMode>
bool SetWhole(const Type& type, BoundFunction* function) {
  if (!type.is_numeric()) return false;
  function->argument_types = {type};
  function->result = type;
  function->may_fail = false;
  if (type.is_approximate()) {
    function->kernel = type.id == TypeId::kReal
                           ? UnaryKernel<float, float, ToWholeApproximate<float, kMode>>
                           : UnaryKernel<double, double, ToWholeApproximate<double, kMode>>;
    return true;
  }
  function->data.a = type.decimal_scale();
  if (type.id == TypeId::kDecimal && type.scale > 0) {
    int carry = kMode == Mode::kTruncate ? 0 : 1;
    function->result = Type::Decimal(std::max(type.precision - type.scale + carry, 1), 0);
  }
  bool narrow = function->result.physical() == PhysicalType::kInt64;
  switch (type.physical()) {
    case PhysicalType::kInt16:
      function->kernel = UnaryKernel<int16_t, int16_t, ToWhole<int16_t, int16_t, kMode>>;
      break;
    case PhysicalType::kInt32:
      function->kernel = UnaryKernel<int32_t, int32_t, ToWhole<int32_t, int32_t, kMode>>;
      break;
    case PhysicalType::kInt64:
      function->kernel = UnaryKernel<int64_t, int64_t, ToWhole<int64_t, int64_t, kMode>>;
      break;
    default:
      function->kernel = narrow
                             ? UnaryKernel<int128_t, int64_t, ToWhole<int128_t, int64_t, kMode>>
                             : UnaryKernel<int128_t, int128_t, ToWhole<int128_t, int128_t, kMode>>;
  }
  return true;
}

template <Mode kMode>
bool SetDigits(const Type& type, BoundFunction* function) {
  if (type.is_approximate()) {
    function->argument_types = {Type::Double(), Type::BigInt()};
    function->result = Type::Double();
    function->kernel = BinaryKernel<double, int64_t, double, ToDigitsApproximate<kMode>>;
    return true;
  }
  if (!type.is_exact()) return false;
  function->argument_types = {type, Type::BigInt()};
  function->result = type;
  if (type.id == TypeId::kDecimal && kMode == Mode::kRound) {
    function->result.precision =
        static_cast<uint8_t>(std::min<int>(type.precision + 1, kMaxDecimalPrecision));
  }
  function->data.a = type.decimal_scale();
  function->data.type = function->result;
  bool narrow = function->result.physical() == PhysicalType::kInt64;
  switch (type.physical()) {
    case PhysicalType::kInt16:
      function->kernel = BinaryKernel<int16_t, int64_t, int16_t, ToDigits<int16_t, int16_t, kMode>>;
      break;
    case PhysicalType::kInt32:
      function->kernel = BinaryKernel<int32_t, int64_t, int32_t, ToDigits<int32_t, int32_t, kMode>>;
      break;
    case PhysicalType::kInt64:
      function->kernel =
          narrow ? BinaryKernel<int64_t, int64_t, int64_t, ToDigits<int64_t, int64_t, kMode>>
                 : BinaryKernel<int64_t, int64_t, int128_t, ToDigits<int64_t, int128_t, kMode>>;
      break;
    default:
      function->kernel =
          BinaryKernel<int128_t, int64_t, int128_t, ToDigits<int128_t, int128_t, kMode>>;
  }
  return true;
}

template <Mode kMode>
bool ResolveWhole(std::span<const Type> types, BoundFunction* function) {
  return types.size() == 1 && SetWhole<kMode>(TypeOr(types[0], Type::Integer()), function);
}

template <Mode kMode>
bool ResolveDigits(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2 || !TypeOr(types[1], Type::BigInt()).is_integer()) return false;
  return SetDigits<kMode>(TypeOr(types[0], Type::Integer()), function);
}

constexpr FunctionRow kRows[] = {
    {"CEILING", "a number", ResolveWhole<Mode::kCeiling>},
    {"CEIL", "a number", ResolveWhole<Mode::kCeiling>},
    {"FLOOR", "a number", ResolveWhole<Mode::kFloor>},
    {"ROUND", "a number", ResolveWhole<Mode::kRound>},
    {"TRUNC", "a number", ResolveWhole<Mode::kTruncate>},
    {"ROUND", "a number and an integer", ResolveDigits<Mode::kRound>},
    {"TRUNC", "a number and an integer", ResolveDigits<Mode::kTruncate>},
};

}  // namespace

std::span<const FunctionRow> RoundingFunctions() { return kRows; }

}  // namespace tupelo
