// functions/extract_more.cpp: EXTRACT of fields that the standard does not have: EPOCH, WEEK,
// QUARTER ...
#include "functions/datetime_field.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

// What a value is as a local timestamp; of intervals, its length.
struct OfDate {
  using In = int32_t;
  static int64_t Local(int32_t days) { return days * kMicrosPerDay; }
  static int64_t Instant(int32_t days) { return days * kMicrosPerDay; }
};
struct OfMicros {  // TIME, TIMESTAMP, days and times
  using In = int64_t;
  static int64_t Local(int64_t micros) { return micros; }
  static int64_t Instant(int64_t micros) { return micros; }
};
struct OfZonedTime {
  using In = ZonedTime;
  static int64_t Local(const ZonedTime& time) { return LocalTime(time); }
  static int64_t Instant(const ZonedTime& time) { return time.utc_us; }
};
struct OfZonedTimestamp {
  using In = ZonedTime;
  static int64_t Local(const ZonedTime& timestamp) { return LocalTimestamp(timestamp); }
  static int64_t Instant(const ZonedTime& timestamp) { return timestamp.utc_us; }
};

template <typename Source, DatetimeField kField>
struct ExtractField {
  static constexpr bool kEachRow = true;
  int64_t operator()(const typename Source::In& value) {
    if constexpr (kField == DatetimeField::kEpoch) return Source::Instant(value);
    return FieldOfTimestamp(kField, Source::Local(value));
  }
};

template <typename Source, DatetimeField kField>
constexpr Kernel kExtract = UnaryKernel<typename Source::In, int64_t, ExtractField<Source, kField>>;

template <DatetimeField kField>
Kernel KernelOf(TypeId type) {
  switch (type) {
    case TypeId::kDate: return kExtract<OfDate, kField>;
    case TypeId::kTimeTz: return kExtract<OfZonedTime, kField>;
    case TypeId::kTimestampTz: return kExtract<OfZonedTimestamp, kField>;
    default: return kExtract<OfMicros, kField>;
  }
}

bool HasField(const Type& type, DatetimeField field) {
  switch (type.family()) {
    case TypeFamily::kDate: return !IsTimeField(field);
    case TypeFamily::kTime: return IsTimeField(field) || field == DatetimeField::kEpoch;
    case TypeFamily::kTimestamp: return true;
    case TypeFamily::kDayTime: return field == DatetimeField::kEpoch;
    default: return false;
  }
}

template <DatetimeField kField>
bool Resolve(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Timestamp());
  if (!HasField(type, kField)) return false;
  int scale = ScaleOfField(kField);
  function->result = scale == 0 ? Type::BigInt() : Type::Decimal(kMaxInt64DecimalPrecision, scale);
  function->argument_types = {type};
  function->kernel = KernelOf<kField>(type.id);
  function->may_fail = false;
  return true;
}

constexpr std::string_view kDates = "a date or a timestamp";
constexpr std::string_view kTimes = "a time or a timestamp";
constexpr FunctionRow kRows[] = {
    {"EXTRACT_EPOCH", "a datetime or an interval of days to seconds",
     Resolve<DatetimeField::kEpoch>},
    {"EXTRACT_MICROSECONDS", kTimes, Resolve<DatetimeField::kMicroseconds>},
    {"EXTRACT_MILLISECONDS", kTimes, Resolve<DatetimeField::kMilliseconds>},
    {"EXTRACT_WEEK", kDates, Resolve<DatetimeField::kWeek>},
    {"EXTRACT_QUARTER", kDates, Resolve<DatetimeField::kQuarter>},
    {"EXTRACT_DECADE", kDates, Resolve<DatetimeField::kDecade>},
    {"EXTRACT_CENTURY", kDates, Resolve<DatetimeField::kCentury>},
    {"EXTRACT_MILLENNIUM", kDates, Resolve<DatetimeField::kMillennium>},
    {"EXTRACT_DOW", kDates, Resolve<DatetimeField::kDayOfWeek>},
    {"EXTRACT_ISODOW", kDates, Resolve<DatetimeField::kIsoDayOfWeek>},
    {"EXTRACT_DOY", kDates, Resolve<DatetimeField::kDayOfYear>},
    {"EXTRACT_ISOYEAR", kDates, Resolve<DatetimeField::kIsoYear>},
};

}  // namespace

std::span<const FunctionRow> ExtractMoreFunctions() { return kRows; }

}  // namespace tupelo
