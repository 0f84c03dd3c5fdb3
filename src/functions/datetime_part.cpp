// functions/datetime_part.cpp: DATE_PART, DATE_TRUNC, DATE_BIN, MAKE_DATE, MAKE_TIME,
// MAKE_TIMESTAMP, TO_TIMESTAMP of seconds, JULIANDAY, and the table of functions of dates.
#include <cmath>
#include <fmt/format.h>

#include "functions/date_difference.h"
#include "functions/datetime_field.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/time_zone.h"
#include "types/datetime.h"
#include "types/decimal.h"

namespace tupelo {
namespace {

// The field that argument 0 names; looked up anew only where it changes.
class FieldArgument {
 public:
  explicit FieldArgument(const KernelCall& call) : names_(*call.arguments[0]) {}
  DatetimeField At(uint32_t row) {
    if (!known_ || !names_.is_constant()) {
      field_ = FindDatetimeField(names_.At<StringRef>(row).view());
      known_ = true;
    }
    return field_;
  }

 private:
  const Vector& names_;
  bool known_ = false;
  DatetimeField field_ = DatetimeField::kDay;
};

struct OfDate {
  using In = int32_t;
  static int64_t Local(int32_t days) { return days * kMicrosPerDay; }
  static int64_t Instant(int32_t days) { return Local(days); }
};
struct OfTimestamp {
  using In = int64_t;
  static int64_t Local(int64_t timestamp) { return timestamp; }
  static int64_t Instant(int64_t timestamp) { return timestamp; }
  static int64_t Make(int64_t local, int64_t) { return local; }
};
struct OfZonedTimestamp {
  using In = ZonedTime;
  static int64_t Local(const ZonedTime& timestamp) { return LocalTimestamp(timestamp); }
  static int64_t Instant(const ZonedTime& timestamp) { return timestamp.utc_us; }
  static ZonedTime Make(int64_t local, const ZonedTime& given) {
    return MakeZonedTimestamp(local, given.offset_minutes);
  }
};

template <typename Source>
void PartKernel(const KernelCall& call) {
  auto* out = PrepareResult<double>(call);
  FieldArgument fields(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    DatetimeField field = fields.At(row);
    const auto& value = call.arguments[1]->At<typename Source::In>(row);
    int64_t part = field == DatetimeField::kEpoch ? Source::Instant(value)
                                                  : FieldOfTimestamp(field, Source::Local(value));
    out[row] = DecimalToDouble(part, ScaleOfField(field));
  });
}

template <typename Source>
void TruncateKernel(const KernelCall& call) {
  using Value = typename Source::In;
  auto* out = PrepareResult<Value>(call);
  FieldArgument fields(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    const Value& value = call.arguments[1]->At<Value>(row);
    out[row] = Source::Make(TruncateTimestamp(fields.At(row), Source::Local(value)), value);
  });
}

bool TakesFieldAndDatetime(std::span<const Type> types, BoundFunction* function, Type* datetime) {
  if (types.size() != 2 || !TypeOr(types[0], Type::Varchar()).is_character()) return false;
  *datetime = TypeOr(types[1], Type::Timestamp());
  if (datetime->family() != TypeFamily::kDate && datetime->family() != TypeFamily::kTimestamp) {
    return false;
  }
  function->argument_types = {TypeOr(types[0], Type::Varchar()), *datetime};
  return true;
}

bool ResolvePart(std::span<const Type> types, BoundFunction* function) {
  Type datetime;
  if (!TakesFieldAndDatetime(types, function, &datetime)) return false;
  function->result = Type::Double();
  function->kernel = datetime.id == TypeId::kDate        ? PartKernel<OfDate>
                     : datetime.id == TypeId::kTimestamp ? PartKernel<OfTimestamp>
                                                         : PartKernel<OfZonedTimestamp>;
  return true;
}

void TruncateDates(const KernelCall& call) {
  auto* out = PrepareResult<int64_t>(call);
  FieldArgument fields(call);
  ForEachValidRow(call, out, [&](uint32_t row) {
    out[row] =
        TruncateTimestamp(fields.At(row), call.arguments[1]->At<int32_t>(row) * kMicrosPerDay);
  });
}

bool ResolveTruncate(std::span<const Type> types, BoundFunction* function) {
  Type datetime;
  if (!TakesFieldAndDatetime(types, function, &datetime)) return false;
  function->result = datetime.id == TypeId::kDate ? Type::Timestamp() : datetime;
  function->kernel = datetime.id == TypeId::kDate        ? TruncateDates
                     : datetime.id == TypeId::kTimestamp ? TruncateKernel<OfTimestamp>
                                                         : TruncateKernel<OfZonedTimestamp>;
  return true;
}

// Where the part begins that the timestamp is in, of parts of one length of which one begins at
// `origin`.
struct BeginOfBin {
  static constexpr bool kEachRow = true;
  int64_t operator()(int64_t stride, int64_t timestamp, int64_t origin) {
    if (stride <= 0) {
      throw Error(ErrorCode::kDatetimeOverflow, "DATE_BIN takes an interval that is longer than 0");
    }
    int64_t after = (timestamp - origin) % stride;
    int64_t begin = timestamp - (after < 0 ? after + stride : after);
    if (begin < kMinTimestamp) {
      throw Error(ErrorCode::kDatetimeOverflow, "the part of DATE_BIN begins before the year 1");
    }
    return begin;
  }
  ZonedTime operator()(int64_t stride, const ZonedTime& timestamp, const ZonedTime& origin) {
    ZonedTime begin = timestamp;
    begin.utc_us = (*this)(stride, timestamp.utc_us, origin.utc_us);
    return begin;
  }
};

bool ResolveBin(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 3) return false;
  const Type stride = TypeOr(types[0], Type::Interval(IntervalField::kDay, IntervalField::kSecond));
  if (stride.id != TypeId::kDayTime) return false;
  const Type type = TypeOr(types[1], TypeOr(types[2], Type::Timestamp()));
  if (type.family() != TypeFamily::kTimestamp || TypeOr(types[2], type).id != type.id) return false;
  const bool zoned = type.id == TypeId::kTimestampTz;
  function->result = type;
  function->argument_types = {stride, type, type};
  function->kernel = zoned ? EachRowKernel<ZonedTime, BeginOfBin, int64_t, ZonedTime, ZonedTime>
                           : EachRowKernel<int64_t, BeginOfBin, int64_t, int64_t, int64_t>;
  return true;
}

int32_t DateOf(int64_t year, int64_t month, int64_t day) {
  if (!IsCivilDate(year, month, day)) {
    throw Error(ErrorCode::kDatetimeOverflow,
                fmt::format("there is no such day: {}-{}-{}", year, month, day));
  }
  return DaysFromCivil(static_cast<int>(year), static_cast<int>(month), static_cast<int>(day));
}

int64_t TimeOf(int64_t hour, int64_t minute, double second) {
  bool valid = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  int64_t micros = valid ? std::llround(second * kMicrosPerSecond) : 0;
  if (!valid || micros >= kMicrosPerMinute) {
    throw Error(ErrorCode::kDatetimeOverflow,
                fmt::format("there is no such time: {}:{}:{}", hour, minute, second));
  }
  return hour * kMicrosPerHour + minute * kMicrosPerMinute + micros;
}

struct MakeDatetime {
  static constexpr bool kEachRow = true;
  int32_t operator()(int64_t year, int64_t month, int64_t day) { return DateOf(year, month, day); }
  int64_t operator()(int64_t hour, int64_t minute, double second) {
    return TimeOf(hour, minute, second);
  }
  int64_t operator()(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
                     double second) {
    return DateOf(year, month, day) * kMicrosPerDay + TimeOf(hour, minute, second);
  }
};

// Numbers, the last of which may have a fraction unless the result is a date.
bool ResolveMake(std::span<const Type> types, size_t count, const Type& result, Kernel kernel,
                 BoundFunction* function) {
  if (types.size() != count) return false;
  bool has_fraction = result.id != TypeId::kDate;
  function->argument_types.assign(count, Type::BigInt());
  if (has_fraction) function->argument_types.back() = Type::Double();
  for (size_t i = 0; i < count; ++i) {
    Type type = TypeOr(types[i], Type::BigInt());
    if (has_fraction && i + 1 == count ? !type.is_numeric() : !type.is_integer()) return false;
  }
  function->result = result;
  function->kernel = kernel;
  return true;
}

bool ResolveMakeDate(std::span<const Type> types, BoundFunction* function) {
  return ResolveMake(types, 3, Type::Date(),
                     EachRowKernel<int32_t, MakeDatetime, int64_t, int64_t, int64_t>, function);
}
bool ResolveMakeTime(std::span<const Type> types, BoundFunction* function) {
  return ResolveMake(types, 3, Type::Time(kMaxFractionalDigits),
                     EachRowKernel<int64_t, MakeDatetime, int64_t, int64_t, double>, function);
}
bool ResolveMakeTimestamp(std::span<const Type> types, BoundFunction* function) {
  return ResolveMake(
      types, 6, Type::Timestamp(),
      EachRowKernel<int64_t, MakeDatetime, int64_t, int64_t, int64_t, int64_t, int64_t, double>,
      function);
}

// Seconds since 1970-01-01 00:00:00 UTC.
struct FromEpoch {
  static constexpr bool kEachRow = true;
  explicit FromEpoch(const KernelCall& call) : clock(SessionClock(call)) {}
  ZoneClock clock;
  ZonedTime operator()(double seconds) {
    double micros = std::round(seconds * kMicrosPerSecond);
    if (!(micros >= static_cast<double>(kMinTimestamp) &&
          micros <= static_cast<double>(kMaxTimestamp))) {
      throw Error(ErrorCode::kDatetimeOverflow,
                  fmt::format("the time is outside of the years 1 to 9999: {}", seconds));
    }
    return clock.At(static_cast<int64_t>(micros));
  }
};

bool ResolveFromEpoch(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1 || !TypeOr(types[0], Type::Double()).is_numeric()) return false;
  function->result = Type::TimestampTz();
  function->argument_types = {Type::Double()};
  function->kernel = UnaryKernel<double, ZonedTime, FromEpoch>;
  function->is_deterministic = false;  // it shows the session's time zone
  return true;
}

// Days since noon of the first day of 4713 BC.
struct JulianDay {
  static constexpr bool kEachRow = true;
  double operator()(int64_t timestamp) {
    return static_cast<double>(timestamp) / static_cast<double>(kMicrosPerDay) + 2440587.5;
  }
  double operator()(int32_t days) { return (*this)(days * kMicrosPerDay); }
};

bool ResolveJulianDay(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Timestamp());
  if (type.id != TypeId::kDate && type.id != TypeId::kTimestamp) return false;
  function->result = Type::Double();
  function->argument_types = {type};
  function->may_fail = false;
  function->kernel = type.id == TypeId::kDate ? UnaryKernel<int32_t, double, JulianDay>
                                              : UnaryKernel<int64_t, double, JulianDay>;
  return true;
}

constexpr std::string_view kFieldAndTwo = "the name of a field, and two dates or timestamps";
constexpr FunctionRow kRows[] = {
    {"DATE_PART", "the name of a field, and a date or a timestamp", ResolvePart},
    {"DATE_TRUNC", "the name of a field, and a date or a timestamp", ResolveTruncate},
    {"DATE_BIN", "a day-time interval, and two timestamps of one type", ResolveBin},
    {"DATEDIFF", kFieldAndTwo, ResolveDateDifference},
    {"DATE_DIFF", kFieldAndTwo, ResolveDateDifference},
    {"LAST_DAY", "a date or a timestamp", ResolveLastDay},
    {"MAKE_DATE", "three integers", ResolveMakeDate},
    {"MAKE_TIME", "two integers and a number", ResolveMakeTime},
    {"MAKE_TIMESTAMP", "five integers and a number", ResolveMakeTimestamp},
    {"TO_TIMESTAMP", "a number of seconds", ResolveFromEpoch},
    {"JULIANDAY", "a date or a timestamp", ResolveJulianDay},
};

}  // namespace

std::span<const FunctionRow> DatetimePartFunctions() { return kRows; }

}  // namespace tupelo
