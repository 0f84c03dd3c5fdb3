// functions/cast_parsing.cpp: text to numbers, Booleans, datetimes and intervals.
#include <fmt/format.h>

#include "functions/cast.h"
#include "functions/kernel.h"
#include "functions/time_zone.h"
#include "types/datetime.h"
#include "types/interval.h"
#include "types/number_text.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

constexpr size_t kShownBytes = 60;

std::string Shown(std::string_view text) {
  if (text.size() <= kShownBytes) return std::string(text);
  return std::string(text.substr(0, OffsetOfCharacter(text, kShownBytes / 4))) + "...";
}

// The argument is always a string; the operation knows the target's type and the session.
struct ParseOperation {
  static constexpr bool kEachRow = true;
  explicit ParseOperation(const KernelCall& call) : type(call.data->type) {}
  const Type& type;

  void CheckNumber(NumberStatus status, std::string_view text) const {
    if (status == NumberStatus::kOk) return;
    if (status == NumberStatus::kOutOfRange) {
      throw Error(
          ErrorCode::kNumericOutOfRange,
          fmt::format("the number is outside the range of {}: '{}'", type.ToString(), Shown(text)));
    }
    throw Error(ErrorCode::kInvalidCast,
                fmt::format("the text is not a number: '{}'", Shown(text)));
  }
  void CheckNoZone(const DatetimeText& datetime, std::string_view text) const {
    if (!datetime.has_zone) return;
    throw Error(
        ErrorCode::kInvalidDatetimeFormat,
        fmt::format("{} has no time zone; the text has one: '{}'", type.ToString(), Shown(text)));
  }
};

template <typename Out>
struct ParseIntegerText : ParseOperation {
  using ParseOperation::ParseOperation;
  Out operator()(const StringRef& text) {
    int64_t number = 0;
    NumberStatus status = ParseInteger(text.view(), &number);
    if (status == NumberStatus::kOk && static_cast<Out>(number) != number)
      status = NumberStatus::kOutOfRange;
    CheckNumber(status, text.view());
    return static_cast<Out>(number);
  }
};
template <typename Out>
struct ParseDecimalText : ParseOperation {
  using ParseOperation::ParseOperation;
  Out operator()(const StringRef& text) {
    int128_t unscaled = 0;
    CheckNumber(ParseDecimalAs(text.view(), type.precision, type.scale, &unscaled), text.view());
    return static_cast<Out>(unscaled);
  }
};
struct ParseRealText : ParseOperation {
  using ParseOperation::ParseOperation;
  float operator()(const StringRef& text) {
    float number = 0;
    CheckNumber(ParseReal(text.view(), &number), text.view());
    return number;
  }
};
struct ParseDoubleText : ParseOperation {
  using ParseOperation::ParseOperation;
  double operator()(const StringRef& text) {
    double number = 0;
    CheckNumber(ParseDouble(text.view(), &number), text.view());
    return number;
  }
};
struct ParseDateText : ParseOperation {
  using ParseOperation::ParseOperation;
  int32_t operator()(const StringRef& text) { return ParseDate(text.view()); }
};
struct ParseTimeText : ParseOperation {
  using ParseOperation::ParseOperation;
  int64_t operator()(const StringRef& text) {
    DatetimeText time = ParseTime(text.view());
    CheckNoZone(time, text.view());
    return RoundTime(time.local_us, type.precision);
  }
};
struct ParseTimestampText : ParseOperation {
  using ParseOperation::ParseOperation;
  int64_t operator()(const StringRef& text) {
    DatetimeText timestamp = ParseTimestamp(text.view());
    CheckNoZone(timestamp, text.view());
    return RoundTimestamp(timestamp.local_us, type.precision);
  }
};
// A time of day without a displacement has the session's of that time today.
struct ParseZonedTimeText : ParseOperation {
  explicit ParseZonedTimeText(const KernelCall& call)
      : ParseOperation(call),
        clock(SessionClock(call)),
        today_us(TimestampDate(LocalNow(call)) * kMicrosPerDay) {}
  ZoneClock clock;
  int64_t today_us;
  ZonedTime operator()(const StringRef& text) {
    DatetimeText time = ParseTime(text.view());
    if (!time.has_zone) {
      ZonedTime zoned = clock.OfLocal(today_us + time.local_us);
      time.local_us = TimestampTime(LocalTimestamp(zoned));
      time.offset_minutes = zoned.offset_minutes;
    }
    return MakeZonedTime(RoundTime(time.local_us, type.precision), time.offset_minutes);
  }
};
struct ParseZonedTimestampText : ParseOperation {
  explicit ParseZonedTimestampText(const KernelCall& call)
      : ParseOperation(call), clock(SessionClock(call)) {}
  ZoneClock clock;
  ZonedTime operator()(const StringRef& text) {
    DatetimeText timestamp = ParseTimestamp(text.view());
    int64_t local_us = RoundTimestamp(timestamp.local_us, type.precision);
    return timestamp.has_zone ? MakeZonedTimestamp(local_us, timestamp.offset_minutes)
                              : clock.OfLocal(local_us);
  }
};
template <typename Out>
struct ParseIntervalText : ParseOperation {
  using ParseOperation::ParseOperation;
  Out operator()(const StringRef& text) {
    return static_cast<Out>(ParseInterval(text.view(), type));
  }
};

bool EqualsIgnoringCase(std::string_view text, std::string_view upper) {
  if (text.size() != upper.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    if (c != upper[i]) return false;
  }
  return true;
}

// A Boolean literal; UNKNOWN gives null, so this is no operation on one value.
void ParseBooleans(const KernelCall& call) {
  const Vector& argument = *call.arguments[0];
  auto* out = PrepareResult<uint8_t>(call);
  ForEachRow(call.rows, [&](uint32_t row) {
    out[row] = 0;
    if (!argument.IsValid(row)) return;
    std::string_view given = argument.At<StringRef>(row).view();
    std::string_view text = StripBlanks(given);
    if (EqualsIgnoringCase(text, "TRUE")) {
      out[row] = 1;
    } else if (EqualsIgnoringCase(text, "UNKNOWN")) {
      call.result->SetNull(row);
    } else if (!EqualsIgnoringCase(text, "FALSE")) {
      throw Error(ErrorCode::kInvalidCast,
                  fmt::format("the text is not TRUE, FALSE or UNKNOWN: '{}'", Shown(given)));
    }
  });
}

template <typename Out, typename Operation>
constexpr Kernel kParse = UnaryKernel<StringRef, Out, Operation>;

Kernel ParsingKernel(const Type& to) {
  switch (to.id) {
    case TypeId::kBoolean: return ParseBooleans;
    case TypeId::kSmallInt: return kParse<int16_t, ParseIntegerText<int16_t>>;
    case TypeId::kInteger: return kParse<int32_t, ParseIntegerText<int32_t>>;
    case TypeId::kBigInt: return kParse<int64_t, ParseIntegerText<int64_t>>;
    case TypeId::kDecimal:
      return to.physical() == PhysicalType::kInt64 ? kParse<int64_t, ParseDecimalText<int64_t>>
                                                   : kParse<int128_t, ParseDecimalText<int128_t>>;
    case TypeId::kReal: return kParse<float, ParseRealText>;
    case TypeId::kDouble: return kParse<double, ParseDoubleText>;
    case TypeId::kDate: return kParse<int32_t, ParseDateText>;
    case TypeId::kTime: return kParse<int64_t, ParseTimeText>;
    case TypeId::kTimeTz: return kParse<ZonedTime, ParseZonedTimeText>;
    case TypeId::kTimestamp: return kParse<int64_t, ParseTimestampText>;
    case TypeId::kTimestampTz: return kParse<ZonedTime, ParseZonedTimestampText>;
    case TypeId::kYearMonth: return kParse<int32_t, ParseIntervalText<int32_t>>;
    case TypeId::kDayTime: return kParse<int64_t, ParseIntervalText<int64_t>>;
    default: return nullptr;
  }
}

}  // namespace

bool ResolveParsingCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  if (kind != CastKind::kExplicit && !to.is_datetime() && !to.is_interval()) return false;
  Kernel kernel = ParsingKernel(to);
  if (kernel == nullptr) return false;
  cast->data.type = to;
  cast->is_deterministic =
      !to.has_time_zone();  // the session's time zone is taken where the text has none
  return SetCast(from, to, kernel, true, cast);
}

}  // namespace tupelo
