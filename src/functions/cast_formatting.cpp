// functions/cast_formatting.cpp: numbers, Booleans, datetimes and intervals to text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

#include "functions/cast.h"
#include "functions/kernel.h"
#include "functions/text_result.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/interval.h"
#include "types/number_text.h"

namespace tupelo {
namespace {

// Each formatter writes at most kMaxText bytes and returns how many. `source`: the argument's type.
constexpr size_t kMaxText = 48;
static_assert(kMaxText >= kMaxNumberText && kMaxText >= kMaxDecimalText &&
              kMaxText >= kMaxDatetimeText && kMaxText >= kMaxIntervalText);

struct IntegerText {
  static size_t Format(int64_t value, const Type&, char* out) { return FormatInteger(value, out); }
};
struct DecimalText {
  static size_t Format(int128_t value, const Type& source, char* out) {
    return FormatDecimal(value, source.scale, out);
  }
};
// SQL:1999 part 2, 6.22: the shortest approximate literal of the number, one digit other than zero
// before its point: 1.5E0, -1.25E-7, 0E0. What no literal can say is Infinity, -Infinity and NaN.
template <typename T>
size_t FormatApproximate(T value, char* out) {
  if (value == 0) value = 0;  // no sign
  if (!std::isfinite(value)) return FormatDouble(value, out);
  auto [end, status] = std::to_chars(out, out + kMaxText, value, std::chars_format::scientific);
  char* exponent = std::find(out, end, 'e');
  *exponent++ = 'E';
  char* digits = exponent;
  if (*digits == '-') ++exponent;
  if (*digits == '-' || *digits == '+') ++digits;
  while (digits + 1 < end && *digits == '0') ++digits;
  std::memmove(exponent, digits, static_cast<size_t>(end - digits));
  return static_cast<size_t>(exponent - out + (end - digits));
}

struct RealText {
  static size_t Format(float value, const Type&, char* out) {
    return FormatApproximate(value, out);
  }
};
struct DoubleText {
  static size_t Format(double value, const Type&, char* out) {
    return FormatApproximate(value, out);
  }
};
struct DateText {
  static size_t Format(int32_t value, const Type&, char* out) { return FormatDate(value, out); }
};
struct TimeText {
  static size_t Format(int64_t value, const Type& source, char* out) {
    return FormatTime(value, source.precision, out);
  }
};
struct TimestampText {
  static size_t Format(int64_t value, const Type& source, char* out) {
    return FormatTimestamp(value, source.precision, out);
  }
};
struct ZonedTimeText {
  static size_t Format(const ZonedTime& value, const Type& source, char* out) {
    return FormatZonedTime(value, source.precision, out);
  }
};
struct ZonedTimestampText {
  static size_t Format(const ZonedTime& value, const Type& source, char* out) {
    return FormatZonedTimestamp(value, source.precision, out);
  }
};
struct IntervalText {
  static size_t Format(int64_t value, const Type& source, char* out) {
    return FormatInterval(value, source, out);
  }
};

template <typename Formatter>
struct FormatOperation {
  static constexpr bool kEachRow = true;
  explicit FormatOperation(const KernelCall& call)
      : result(call.result), source(&call.data->type), target(result->type()) {}
  Vector* result;
  const Type* source;
  Type target;
  template <typename T>
  StringRef operator()(const T& value) {
    char text[kMaxText];
    size_t size = Formatter::Format(value, *source, text);
    return WriteText({text, size}, target, Truncation::kNothing, result);
  }
};

struct BooleanText {
  static constexpr bool kEachRow = true;
  explicit BooleanText(const KernelCall& call) : result(call.result), target(result->type()) {}
  Vector* result;
  Type target;
  StringRef operator()(uint8_t value) {
    std::string_view text = value != 0 ? "TRUE" : "FALSE";
    if (target.length != kUnlimitedLength && text.size() > target.length) {
      throw Error(ErrorCode::kInvalidCast,
                  fmt::format("{} does not fit {}", text, target.ToString()));
    }
    return WriteText(text, target, Truncation::kNothing, result);
  }
};

template <typename In, typename Formatter>
constexpr Kernel kFormat = UnaryKernel<In, StringRef, FormatOperation<Formatter>>;

Kernel FormattingKernel(const Type& from) {
  switch (from.id) {
    case TypeId::kBoolean: return UnaryKernel<uint8_t, StringRef, BooleanText>;
    case TypeId::kSmallInt: return kFormat<int16_t, IntegerText>;
    case TypeId::kInteger: return kFormat<int32_t, IntegerText>;
    case TypeId::kBigInt: return kFormat<int64_t, IntegerText>;
    case TypeId::kDecimal:
      return from.physical() == PhysicalType::kInt64 ? kFormat<int64_t, DecimalText>
                                                     : kFormat<int128_t, DecimalText>;
    case TypeId::kReal: return kFormat<float, RealText>;
    case TypeId::kDouble: return kFormat<double, DoubleText>;
    case TypeId::kDate: return kFormat<int32_t, DateText>;
    case TypeId::kTime: return kFormat<int64_t, TimeText>;
    case TypeId::kTimeTz: return kFormat<ZonedTime, ZonedTimeText>;
    case TypeId::kTimestamp: return kFormat<int64_t, TimestampText>;
    case TypeId::kTimestampTz: return kFormat<ZonedTime, ZonedTimestampText>;
    case TypeId::kYearMonth: return kFormat<int32_t, IntervalText>;
    case TypeId::kDayTime: return kFormat<int64_t, IntervalText>;
    default: return nullptr;
  }
}

}  // namespace

bool ResolveFormattingCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  if (kind != CastKind::kExplicit) return false;
  Kernel kernel = FormattingKernel(from);
  if (kernel == nullptr) return false;
  cast->data.type = from;
  return SetCast(from, to, kernel, to.length != kUnlimitedLength, cast);
}

}  // namespace tupelo
