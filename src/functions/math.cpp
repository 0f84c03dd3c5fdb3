// functions/math.cpp: functions on DOUBLE PRECISION: POWER, SQRT, EXP, LN, trigonometry. Other
// numbers are cast to it.
#include <cmath>
#include <fmt/format.h>
#include <numbers>

#include "functions/kernel.h"
#include "functions/registry.h"

namespace tupelo {
namespace {

[[noreturn]] void RaiseOutOfRange(std::string_view function, double value) {
  throw Error(
      ErrorCode::kNumericOutOfRange,
      fmt::format("the result is outside the range of DOUBLE PRECISION: {}({})", function, value));
}

[[noreturn]] void RaiseDomain(ErrorCode code, std::string_view function, std::string_view wanted,
                              double value) {
  throw Error(code, fmt::format("{} takes {}: {}", function, wanted, value));
}

struct SquareRoot {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value < 0)
      RaiseDomain(ErrorCode::kInvalidPower, "SQRT", "a number that is not negative", value);
    return std::sqrt(value);
  }
};
struct Exponential {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    double result = std::exp(value);
    if (std::isinf(result) && std::isfinite(value)) RaiseOutOfRange("EXP", value);
    return result;
  }
};
struct NaturalLogarithm {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value <= 0) RaiseDomain(ErrorCode::kInvalidLogarithm, "LN", "a positive number", value);
    return std::log(value);
  }
};
struct DecimalLogarithm {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value <= 0) RaiseDomain(ErrorCode::kInvalidLogarithm, "LOG10", "a positive number", value);
    return std::log10(value);
  }
};
struct BinaryLogarithm {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value <= 0) RaiseDomain(ErrorCode::kInvalidLogarithm, "LOG2", "a positive number", value);
    return std::log2(value);
  }
};
struct LogarithmToBase {
  static constexpr bool kEachRow = true;
  double operator()(double base, double value) {
    if (base <= 0) RaiseDomain(ErrorCode::kInvalidLogarithm, "LOG", "a positive base", base);
    if (value <= 0) RaiseDomain(ErrorCode::kInvalidLogarithm, "LOG", "a positive number", value);
    if (base == 1) {
      throw Error(ErrorCode::kDivisionByZero, fmt::format("LOG has no base 1: LOG(1, {})", value));
    }
    if (base == 2) return std::log2(value);
    if (base == 10) return std::log10(value);
    return std::log(value) / std::log(base);
  }
};
struct CubeRoot {
  double operator()(double value) { return std::cbrt(value); }
};
struct HyperbolicSine {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    double result = std::sinh(value);
    if (std::isinf(result)) RaiseOutOfRange("SINH", value);
    return result;
  }
};
struct HyperbolicCosine {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    double result = std::cosh(value);
    if (std::isinf(result)) RaiseOutOfRange("COSH", value);
    return result;
  }
};
struct HyperbolicTangent {
  double operator()(double value) { return std::tanh(value); }
};
struct AreaHyperbolicSine {
  double operator()(double value) { return std::asinh(value); }
};
struct AreaHyperbolicCosine {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value < 1) RaiseDomain(ErrorCode::kNumericOutOfRange, "ACOSH", "a number from 1 on", value);
    return std::acosh(value);
  }
};
// Infinite at -1 and 1.
struct AreaHyperbolicTangent {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value < -1 || value > 1)
      RaiseDomain(ErrorCode::kNumericOutOfRange, "ATANH", "a number from -1 to 1", value);
    return std::atanh(value);
  }
};
struct Cotangent {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value == 0) throw Error(ErrorCode::kDivisionByZero, "COT has no value at 0: COT(0)");
    return 1 / std::tan(value);
  }
};
struct Power {
  static constexpr bool kEachRow = true;
  double operator()(double base, double exponent) {
    if ((base == 0 && exponent < 0) ||
        (base < 0 && std::isfinite(exponent) && std::trunc(exponent) != exponent)) {
      throw Error(ErrorCode::kInvalidPower, fmt::format("{} has no real power {}", base, exponent));
    }
    double result = std::pow(base, exponent);
    if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent)) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  fmt::format("the result is outside the range of DOUBLE PRECISION: POWER({}, {})",
                              base, exponent));
    }
    return result;
  }
};
struct Sine {
  static constexpr bool kEachRow = true;
  double operator()(double value) { return std::sin(value); }
};
struct Cosine {
  static constexpr bool kEachRow = true;
  double operator()(double value) { return std::cos(value); }
};
struct Tangent {
  static constexpr bool kEachRow = true;
  double operator()(double value) { return std::tan(value); }
};
struct ArcSine {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value < -1 || value > 1)
      RaiseDomain(ErrorCode::kNumericOutOfRange, "ASIN", "a number from -1 to 1", value);
    return std::asin(value);
  }
};
struct ArcCosine {
  static constexpr bool kEachRow = true;
  double operator()(double value) {
    if (value < -1 || value > 1)
      RaiseDomain(ErrorCode::kNumericOutOfRange, "ACOS", "a number from -1 to 1", value);
    return std::acos(value);
  }
};
struct ArcTangent {
  static constexpr bool kEachRow = true;
  double operator()(double value) { return std::atan(value); }
};
struct ArcTangentOfQuotient {
  static constexpr bool kEachRow = true;
  double operator()(double y, double x) { return std::atan2(y, x); }
};
struct ToDegrees {
  double operator()(double value) { return value * (180 / std::numbers::pi); }
};
struct ToRadians {
  double operator()(double value) { return value * (std::numbers::pi / 180); }
};

void PiKernel(const KernelCall& call) {
  auto* out = PrepareResult<double>(call);
  ForEachRow(call.rows, [&](uint32_t row) { out[row] = std::numbers::pi; });
}

template <size_t kArguments, Kernel kKernel>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != kArguments) return false;
  for (const Type& type : types) {
    if (!TypeOr(type, Type::Double()).is_numeric()) return false;
  }
  function->result = Type::Double();
  function->argument_types.assign(kArguments, Type::Double());
  function->kernel = kKernel;
  return true;
}

template <typename Operation>
constexpr auto kOne = Resolve<1, UnaryKernel<double, double, Operation>>;
template <typename Operation>
constexpr auto kTwo = Resolve<2, BinaryKernel<double, double, double, Operation>>;

constexpr std::string_view kOneNumber = "a number";
constexpr std::string_view kTwoNumbers = "two numbers";
constexpr FunctionRow kRows[] = {
    {"SQRT", kOneNumber, kOne<SquareRoot>},
    {"EXP", kOneNumber, kOne<Exponential>},
    {"LN", kOneNumber, kOne<NaturalLogarithm>},
    {"LOG10", kOneNumber, kOne<DecimalLogarithm>},
    {"LOG", kOneNumber, kOne<DecimalLogarithm>},
    {"LOG", "a base and a number", kTwo<LogarithmToBase>},
    {"LOG2", kOneNumber, kOne<BinaryLogarithm>},
    {"CBRT", kOneNumber, kOne<CubeRoot>},
    {"POWER", kTwoNumbers, kTwo<Power>},
    {"POW", kTwoNumbers, kTwo<Power>},
    {"SINH", kOneNumber, kOne<HyperbolicSine>},
    {"COSH", kOneNumber, kOne<HyperbolicCosine>},
    {"TANH", kOneNumber, kOne<HyperbolicTangent>},
    {"ASINH", kOneNumber, kOne<AreaHyperbolicSine>},
    {"ACOSH", kOneNumber, kOne<AreaHyperbolicCosine>},
    {"ATANH", kOneNumber, kOne<AreaHyperbolicTangent>},
    {"COT", kOneNumber, kOne<Cotangent>},
    {"SIN", kOneNumber, kOne<Sine>},
    {"COS", kOneNumber, kOne<Cosine>},
    {"TAN", kOneNumber, kOne<Tangent>},
    {"ASIN", kOneNumber, kOne<ArcSine>},
    {"ACOS", kOneNumber, kOne<ArcCosine>},
    {"ATAN", kOneNumber, kOne<ArcTangent>},
    {"ATAN2", kTwoNumbers, kTwo<ArcTangentOfQuotient>},
    {"DEGREES", kOneNumber, kOne<ToDegrees>},
    {"RADIANS", kOneNumber, kOne<ToRadians>},
    {"PI", "no arguments", Resolve<0, PiKernel>},
};

}  // namespace

std::span<const FunctionRow> MathFunctions() { return kRows; }

}  // namespace tupelo
