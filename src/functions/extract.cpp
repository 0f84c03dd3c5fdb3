// functions/extract.cpp: EXTRACT, one function per field (SQL:1999 part 2, 6.17).
#include "functions/kernel.h"
#include "functions/registry.h"
#include "types/calendar.h"
#include "types/datetime.h"
#include "types/interval.h"

namespace tupelo {
namespace {

enum class Source : uint8_t { kTime, kZonedTime, kTimestamp, kZonedTimestamp, kInterval };

template <IntervalField kField, Source kSource>
struct ExtractOperation {
  static constexpr bool kEachRow = true;
  explicit ExtractOperation(const KernelCall& call) : type(&call.data->type) {}
  const Type* type;

  template <typename T>
  int64_t operator()(const T& value) {
    if constexpr (kSource == Source::kTime) return ExtractFromTime(kField, value);
    if constexpr (kSource == Source::kZonedTime) return ExtractFromTime(kField, LocalTime(value));
    if constexpr (kSource == Source::kTimestamp) return ExtractFromTimestamp(kField, value);
    if constexpr (kSource == Source::kZonedTimestamp)
      return ExtractFromTimestamp(kField, LocalTimestamp(value));
    if constexpr (kSource == Source::kInterval) return ExtractFromInterval(kField, value, *type);
  }
};

template <IntervalField kField>
struct ExtractOfDate {
  static constexpr LevelForms kLevels = LevelForms::kAll;
  int64_t operator()(int32_t days) {
    CivilDate date = CalendarDate(days);
    if constexpr (kField == IntervalField::kYear) return date.year;
    if constexpr (kField == IntervalField::kMonth) return date.month;
    return date.day;
  }
};

struct ZoneHour {
  int64_t operator()(const ZonedTime& value) { return TimezoneHour(value); }
};
struct ZoneMinute {
  int64_t operator()(const ZonedTime& value) { return TimezoneMinute(value); }
};

template <IntervalField kField>
Kernel KernelOf(const Type& type) {
  switch (type.id) {
    case TypeId::kDate:
      if constexpr (kField > IntervalField::kDay) return nullptr;
      return UnaryKernel<int32_t, int64_t, ExtractOfDate<kField>>;
    case TypeId::kTime:
      return UnaryKernel<int64_t, int64_t, ExtractOperation<kField, Source::kTime>>;
    case TypeId::kTimeTz:
      return UnaryKernel<ZonedTime, int64_t, ExtractOperation<kField, Source::kZonedTime>>;
    case TypeId::kTimestamp:
      return UnaryKernel<int64_t, int64_t, ExtractOperation<kField, Source::kTimestamp>>;
    case TypeId::kTimestampTz:
      return UnaryKernel<ZonedTime, int64_t, ExtractOperation<kField, Source::kZonedTimestamp>>;
    case TypeId::kYearMonth:
      return UnaryKernel<int32_t, int64_t, ExtractOperation<kField, Source::kInterval>>;
    case TypeId::kDayTime:
      return UnaryKernel<int64_t, int64_t, ExtractOperation<kField, Source::kInterval>>;
    default: return nullptr;
  }
}

bool HasField(const Type& type, IntervalField field) {
  if (type.is_interval()) return type.start_field() <= field && field <= type.end_field();
  switch (type.family()) {
    case TypeFamily::kDate: return field <= IntervalField::kDay;
    case TypeFamily::kTime: return field >= IntervalField::kHour;
    case TypeFamily::kTimestamp: return true;
    default: return false;
  }
}

// SECOND keeps its fraction: a DECIMAL with six digits after the point.
Type ResultType(const Type& type, IntervalField field) {
  if (field != IntervalField::kSecond) return Type::BigInt();
  return Type::Decimal(type.is_interval() ? kMaxInt64DecimalPrecision : 8, kMaxFractionalDigits);
}

template <IntervalField kField>
bool ResolveExtract(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Timestamp());
  if (!HasField(type, kField)) return false;
  function->result = ResultType(type, kField);
  function->argument_types = {type};
  function->kernel = KernelOf<kField>(type);
  function->data.type = type;
  function->may_fail = false;
  return true;
}

template <typename Operation>
bool ResolveZone(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::TimestampTz());
  if (!type.has_time_zone()) return false;
  function->result = Type::BigInt();
  function->argument_types = {type};
  function->kernel = UnaryKernel<ZonedTime, int64_t, Operation>;
  function->may_fail = false;
  return true;
}

constexpr std::string_view kDateFields = "a date, a timestamp or an interval with that field";
constexpr std::string_view kTimeFields = "a time, a timestamp or an interval with that field";
constexpr std::string_view kZoneFields = "a time or timestamp WITH TIME ZONE";
constexpr FunctionRow kRows[] = {
    {"EXTRACT_YEAR", kDateFields, ResolveExtract<IntervalField::kYear>},
    {"EXTRACT_MONTH", kDateFields, ResolveExtract<IntervalField::kMonth>},
    {"EXTRACT_DAY", kDateFields, ResolveExtract<IntervalField::kDay>},
    {"EXTRACT_HOUR", kTimeFields, ResolveExtract<IntervalField::kHour>},
    {"EXTRACT_MINUTE", kTimeFields, ResolveExtract<IntervalField::kMinute>},
    {"EXTRACT_SECOND", kTimeFields, ResolveExtract<IntervalField::kSecond>},
    {"EXTRACT_TIMEZONE_HOUR", kZoneFields, ResolveZone<ZoneHour>},
    {"EXTRACT_TIMEZONE_MINUTE", kZoneFields, ResolveZone<ZoneMinute>},
};

}  // namespace

std::span<const FunctionRow> ExtractFunctions() { return kRows; }

}  // namespace tupelo
