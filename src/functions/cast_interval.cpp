// functions/cast_interval.cpp: intervals to intervals, and to and from exact numbers.
#include <fmt/format.h>
#include <limits>

#include "functions/cast.h"
#include "functions/kernel.h"
#include "types/decimal.h"
#include "types/interval.h"

namespace tupelo {
namespace {

template <typename T>
struct ConvertOperation {
  static constexpr bool kEachRow = true;
  explicit ConvertOperation(const KernelCall& call) : type(&call.data->type) {}
  const Type* type;
  T operator()(T value) { return static_cast<T>(ConvertInterval(value, *type)); }
};

// An interval of one field, of unit data.a. The number of units is rounded half up to the scale of
// the target.
template <typename In, typename Out>
struct IntervalToExact {
  static constexpr bool kEachRow = true;
  explicit IntervalToExact(const KernelCall& call)
      : unit(call.data->a),
        type(call.result->type()),
        scale(type.decimal_scale()),
        precision(type.decimal_precision()) {}
  int64_t unit;
  Type type;
  int scale, precision;
  Out operator()(In value) {
    int128_t number = 0;
    bool fits = DivideDecimals(value, unit, scale, &number);
    if (fits) {
      if constexpr (sizeof(Out) < 16) {
        fits =
            number >= std::numeric_limits<Out>::min() && number <= std::numeric_limits<Out>::max();
      }
      if (type.id == TypeId::kDecimal) fits = fits && FitsPrecision(number, precision);
    }
    if (!fits) {
      throw Error(ErrorCode::kNumericOutOfRange,
                  fmt::format("the interval is outside the range of {}", type.ToString()));
    }
    return static_cast<Out>(number);
  }
};

// data.a: unit of the target's field; data.b: scale of the number; data.type: the target.
template <typename In, typename Out>
struct ExactToInterval {
  static constexpr bool kEachRow = true;
  explicit ExactToInterval(const KernelCall& call)
      : unit(call.data->a), scale(static_cast<int>(call.data->b)), type(&call.data->type) {}
  int64_t unit;
  int scale;
  const Type* type;
  Out operator()(In value) {
    int128_t amount = 0;
    bool fits = MultiplyDecimals(value, unit, scale, &amount);
    if (!fits || amount > std::numeric_limits<Out>::max() ||
        amount < std::numeric_limits<Out>::min()) {
      throw Error(ErrorCode::kIntervalOverflow,
                  fmt::format("the number is outside the range of {}: {}", type->ToString(),
                              DecimalToString(value, scale)));
    }
    return static_cast<Out>(ConvertInterval(static_cast<int64_t>(amount), *type));
  }
};

template <typename Interval>
Kernel ToExactKernel(const Type& to) {
  switch (to.physical()) {
    case PhysicalType::kInt16:
      return UnaryKernel<Interval, int16_t, IntervalToExact<Interval, int16_t>>;
    case PhysicalType::kInt32:
      return UnaryKernel<Interval, int32_t, IntervalToExact<Interval, int32_t>>;
    case PhysicalType::kInt64:
      return UnaryKernel<Interval, int64_t, IntervalToExact<Interval, int64_t>>;
    default: return UnaryKernel<Interval, int128_t, IntervalToExact<Interval, int128_t>>;
  }
}

template <typename Interval>
Kernel FromExactKernel(const Type& from) {
  switch (from.physical()) {
    case PhysicalType::kInt16:
      return UnaryKernel<int16_t, Interval, ExactToInterval<int16_t, Interval>>;
    case PhysicalType::kInt32:
      return UnaryKernel<int32_t, Interval, ExactToInterval<int32_t, Interval>>;
    case PhysicalType::kInt64:
      return UnaryKernel<int64_t, Interval, ExactToInterval<int64_t, Interval>>;
    default: return UnaryKernel<int128_t, Interval, ExactToInterval<int128_t, Interval>>;
  }
}

bool ResolveWithin(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  if (from.id != to.id) return false;
  bool same_fields = from.start_field() >= to.start_field() && from.end_field() <= to.end_field() &&
                     from.scale <= to.scale;
  if (kind == CastKind::kImplicit && !same_fields) return false;
  if (same_fields && from.start_field() == to.start_field() && from.precision <= to.precision) {
    return SetReferenceCast(from, to, cast);
  }
  cast->data.type = to;
  return SetCast(from, to,
                 from.id == TypeId::kYearMonth
                     ? UnaryKernel<int32_t, int32_t, ConvertOperation<int32_t>>
                     : UnaryKernel<int64_t, int64_t, ConvertOperation<int64_t>>,
                 true, cast);
}

}  // namespace

bool ResolveIntervalCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  if (from.is_interval() && to.is_interval()) return ResolveWithin(from, to, kind, cast);
  if (kind != CastKind::kExplicit) return false;
  const Type& interval = from.is_interval() ? from : to;
  const Type& number = from.is_interval() ? to : from;
  if (!number.is_exact() || interval.start_field() != interval.end_field()) return false;
  bool months = interval.id == TypeId::kYearMonth;
  cast->data = {IntervalUnit(interval.start_field()), number.decimal_scale(), to};
  Kernel kernel = from.is_interval()
                      ? (months ? ToExactKernel<int32_t>(to) : ToExactKernel<int64_t>(to))
                      : (months ? FromExactKernel<int32_t>(from) : FromExactKernel<int64_t>(from));
  return SetCast(from, to, kernel, true, cast);
}

}  // namespace tupelo
