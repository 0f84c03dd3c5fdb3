// functions/cast_number.cpp: numbers to numbers.
//
// Casts that cannot fail (by the digits of both types) are plain loops; narrowing integers is a
// checked loop. The rest goes value by value: exact numbers through 128 bits, rounded half up, and
// held against the target's range.
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "functions/cast.h"
#include "functions/kernel.h"
#include "types/decimal.h"
#include "types/number_text.h"

namespace tupelo {
namespace {

[[noreturn]] void RaiseOutOfRange(std::string_view number, const Type& type) {
  throw Error(ErrorCode::kNumericOutOfRange,
              fmt::format("the number is outside the range of {}: {}", type.ToString(), number));
}
[[noreturn]] void RaiseOutOfRange(int128_t unscaled, int scale, const Type& type) {
  RaiseOutOfRange(DecimalToString(unscaled, scale), type);
}
[[noreturn]] void RaiseOutOfRange(double number, const Type& type) {
  char text[kMaxNumberText];
  RaiseOutOfRange(std::string_view(text, FormatDouble(number, text)), type);
}
[[noreturn]] void RaiseDigitsLost(std::string_view number, const Type& type) {
  throw Error(ErrorCode::kNumericOutOfRange,
              fmt::format("the number has more digits after the point than {} keeps: {}",
                          type.ToString(), number));
}

template <typename In, typename Out>
struct Convert {
  Out operator()(In value) { return static_cast<Out>(value); }
};

template <typename In, typename Out>
struct NarrowInteger {
  explicit NarrowInteger(const KernelCall& call) : type(&call.data->type) {}
  const Type* type;
  bool lost = false;
  Out operator()(In value) {
    auto narrow = static_cast<Out>(value);
    lost |= narrow != value;
    return narrow;
  }
  bool failed() const { return lost; }
  [[noreturn]] void Raise(In value) { RaiseOutOfRange(value, 0, *type); }
};

// The result is known to fit; data.a: by how many powers of ten.
template <typename In, typename Out>
struct ScaleUp {
  using Word = std::conditional_t<sizeof(Out) == 16, uint128_t, uint64_t>;
  explicit ScaleUp(const KernelCall& call)
      : factor(static_cast<Word>(PowerOfTen(static_cast<int>(call.data->a)))) {}
  Word factor;
  Out operator()(In value) { return static_cast<Out>(static_cast<Word>(value) * factor); }
};

// The range of unscaled values of an exact type.
struct ExactRange {
  explicit ExactRange(const Type& type) {
    switch (type.id) {
      case TypeId::kSmallInt: SetTo<int16_t>(); break;
      case TypeId::kInteger: SetTo<int32_t>(); break;
      case TypeId::kBigInt: SetTo<int64_t>(); break;
      default: highest = PowerOfTen(type.precision) - 1; lowest = -highest;
    }
  }
  template <typename T>
  void SetTo() {
    lowest = std::numeric_limits<T>::min();
    highest = std::numeric_limits<T>::max();
  }
  bool Contains(int128_t value) const { return lowest <= value && value <= highest; }
  int128_t lowest, highest;
};

// Any exact number to any other. data.a, data.b: the scales.
template <typename In, typename Out, bool kStrict>
struct Rescale {
  static constexpr bool kEachRow = true;
  explicit Rescale(const KernelCall& call)
      : type(call.data->type),
        range(type),
        from_scale(static_cast<int>(call.data->a)),
        to_scale(static_cast<int>(call.data->b)) {}
  const Type& type;
  ExactRange range;
  int from_scale, to_scale;

  Out operator()(In value) {
    int128_t rescaled = value;
    if (from_scale != to_scale && !RescaleDecimal(value, from_scale, to_scale, &rescaled)) {
      RaiseOutOfRange(value, from_scale, type);
    }
    if (!range.Contains(rescaled)) RaiseOutOfRange(value, from_scale, type);
    if (kStrict && CompareDecimals(value, from_scale, rescaled, to_scale) != 0) {
      RaiseDigitsLost(DecimalToString(value, from_scale), type);
    }
    return static_cast<Out>(rescaled);
  }
};

template <typename In, typename Out>
struct ExactToApproximate {
  static constexpr bool kEachRow = true;
  explicit ExactToApproximate(const KernelCall& call) : scale(static_cast<int>(call.data->a)) {}
  int scale;
  Out operator()(In value) { return static_cast<Out>(DecimalToDouble(value, scale)); }
};

struct DoubleToReal {
  explicit DoubleToReal(const KernelCall& call) : type(&call.data->type) {}
  const Type* type;
  bool lost = false;
  float operator()(double value) {
    auto narrow = static_cast<float>(value);
    lost |= std::isinf(narrow) && !std::isinf(value);
    return narrow;
  }
  bool failed() const { return lost; }
  [[noreturn]] void Raise(double value) { RaiseOutOfRange(value, *type); }
};

template <typename In, typename Out, bool kStrict>
struct ApproximateToExact {
  static constexpr bool kEachRow = true;
  explicit ApproximateToExact(const KernelCall& call)
      : type(call.data->type), range(type), scale(static_cast<int>(call.data->b)) {}
  const Type& type;
  ExactRange range;
  int scale;

  Out operator()(In value) {
    int128_t unscaled;
    if (!DoubleToDecimal(value, scale, &unscaled) || !range.Contains(unscaled))
      RaiseOutOfRange(value, type);
    if (kStrict && std::trunc(value) != value) {
      char text[kMaxNumberText];
      throw Error(ErrorCode::kNumericOutOfRange,
                  fmt::format("only a whole floating-point number fits {}: {}", type.ToString(),
                              std::string_view(text, FormatDouble(value, text))));
    }
    return static_cast<Out>(unscaled);
  }
};

// Chooses an instantiation of Choice<In, Out> by the physical types of exact numbers.
template <template <typename, typename> typename Choice, typename In>
Kernel ForOut(PhysicalType out) {
  switch (out) {
    case PhysicalType::kInt16: return Choice<In, int16_t>::kKernel;
    case PhysicalType::kInt32: return Choice<In, int32_t>::kKernel;
    case PhysicalType::kInt64: return Choice<In, int64_t>::kKernel;
    default: return Choice<In, int128_t>::kKernel;
  }
}
template <template <typename, typename> typename Choice>
Kernel ForInOut(PhysicalType in, PhysicalType out) {
  switch (in) {
    case PhysicalType::kInt16: return ForOut<Choice, int16_t>(out);
    case PhysicalType::kInt32: return ForOut<Choice, int32_t>(out);
    case PhysicalType::kInt64: return ForOut<Choice, int64_t>(out);
    default: return ForOut<Choice, int128_t>(out);
  }
}
template <typename In, typename Out>
struct RescaleChoice {
  static constexpr Kernel kKernel = UnaryKernel<In, Out, Rescale<In, Out, false>>;
};
template <typename In, typename Out>
struct ScaleUpChoice {
  static constexpr Kernel kKernel = [] {
    if constexpr (sizeof(Out) >= 8 && sizeof(In) <= sizeof(Out))
      return Kernel{UnaryKernel<In, Out, ScaleUp<In, Out>>};
    else
      return RescaleChoice<In, Out>::kKernel;
  }();
};
template <typename In, typename Out>
struct IntegerChoice {
  static constexpr Kernel kKernel = [] {
    if constexpr (sizeof(In) == 16 || sizeof(Out) == 16)
      return Kernel{nullptr};
    else if constexpr (sizeof(In) <= sizeof(Out))
      return Kernel{UnaryKernel<In, Out, Convert<In, Out>>};
    else
      return Kernel{UnaryKernel<In, Out, NarrowInteger<In, Out>>};
  }();
};

bool ResolveExact(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  int from_scale = from.decimal_scale(), to_scale = to.decimal_scale();
  cast->data.b = to_scale;
  if (from.is_integer() && to.is_integer()) {
    bool widens = from.id < to.id;
    if (kind == CastKind::kImplicit && !widens) return false;
    return SetCast(from, to, ForInOut<IntegerChoice>(from.physical(), to.physical()), !widens,
                   cast);
  }
  int integral = from.decimal_precision() - from_scale;
  bool fits =
      to.id == TypeId::kDecimal && to_scale >= from_scale && to.precision - to_scale >= integral;
  if (kind == CastKind::kImplicit && !fits) {
    // The common type of two wide DECIMALs may have to do with 38 digits.
    if (to.id != TypeId::kDecimal || to_scale < from_scale || to.precision != kMaxDecimalPrecision)
      return false;
  }
  if (fits && from_scale == to_scale && from.physical() == to.physical())
    return SetReferenceCast(from, to, cast);
  if (fits) {
    cast->data.a = to_scale - from_scale;
    return SetCast(from, to, ForInOut<ScaleUpChoice>(from.physical(), to.physical()), false, cast);
  }
  cast->data.a = from_scale;
  return SetCast(from, to, ForInOut<RescaleChoice>(from.physical(), to.physical()), true, cast);
}

template <typename In, typename Approximate>
Kernel ToApproximate(bool is_integer) {
  if constexpr (sizeof(In) <= 8) {
    if (is_integer) return UnaryKernel<In, Approximate, Convert<In, Approximate>>;
  }
  return UnaryKernel<In, Approximate, ExactToApproximate<In, Approximate>>;
}

template <typename Approximate>
Kernel ToApproximate(const Type& from) {
  switch (from.physical()) {
    case PhysicalType::kInt16: return ToApproximate<int16_t, Approximate>(true);
    case PhysicalType::kInt32: return ToApproximate<int32_t, Approximate>(true);
    case PhysicalType::kInt64: return ToApproximate<int64_t, Approximate>(from.is_integer());
    default: return ToApproximate<int128_t, Approximate>(false);
  }
}

template <typename Approximate, bool kStrict>
Kernel FromApproximate(const Type& to) {
  switch (to.physical()) {
    case PhysicalType::kInt16:
      return UnaryKernel<Approximate, int16_t, ApproximateToExact<Approximate, int16_t, kStrict>>;
    case PhysicalType::kInt32:
      return UnaryKernel<Approximate, int32_t, ApproximateToExact<Approximate, int32_t, kStrict>>;
    case PhysicalType::kInt64:
      return UnaryKernel<Approximate, int64_t, ApproximateToExact<Approximate, int64_t, kStrict>>;
    default:
      return UnaryKernel<Approximate, int128_t, ApproximateToExact<Approximate, int128_t, kStrict>>;
  }
}

template <typename In, typename Out>
struct StrictChoice {
  static constexpr Kernel kKernel = UnaryKernel<In, Out, Rescale<In, Out, true>>;
};

}  // namespace

bool ResolveNumberCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  cast->data.type = to;
  if (from.is_exact() && to.is_exact()) return ResolveExact(from, to, kind, cast);
  if (from.is_exact()) {
    cast->data.a = from.decimal_scale();
    return SetCast(
        from, to, to.id == TypeId::kReal ? ToApproximate<float>(from) : ToApproximate<double>(from),
        false, cast);
  }
  if (to.id == TypeId::kDouble)
    return SetCast(from, to, UnaryKernel<float, double, Convert<float, double>>, false, cast);
  if (kind == CastKind::kImplicit) return false;
  if (to.id == TypeId::kReal)
    return SetCast(from, to, UnaryKernel<double, float, DoubleToReal>, true, cast);
  cast->data.b = to.decimal_scale();
  return SetCast(from, to,
                 from.id == TypeId::kReal ? FromApproximate<float, false>(to)
                                          : FromApproximate<double, false>(to),
                 true, cast);
}

void SetStrictDecimalCast(const Type& from, const Type& to, BoundFunction* cast) {
  cast->data = {from.decimal_scale(), to.decimal_scale(), to};
  Kernel kernel = from.physical() == PhysicalType::kInt64
                      ? ForOut<StrictChoice, int64_t>(to.physical())
                      : ForOut<StrictChoice, int128_t>(to.physical());
  SetCast(from, to, kernel, true, cast);
}

void SetStrictDoubleCast(const Type& from, const Type& to, BoundFunction* cast) {
  cast->data = {0, to.decimal_scale(), to};
  SetCast(from, to,
          from.id == TypeId::kReal ? FromApproximate<float, true>(to)
                                   : FromApproximate<double, true>(to),
          true, cast);
}

}  // namespace tupelo
