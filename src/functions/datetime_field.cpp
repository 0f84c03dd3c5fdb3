// functions/datetime_field.cpp: weeks, quarters, centuries ... of a timestamp.
#include "functions/datetime_field.h"

#include <fmt/format.h>
#include <string>
#include <utility>

#include "base/error.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

constexpr std::pair<std::string_view, DatetimeField> kNames[] = {
    {"MICROSECONDS", DatetimeField::kMicroseconds},
    {"MILLISECONDS", DatetimeField::kMilliseconds},
    {"SECOND", DatetimeField::kSecond},
    {"MINUTE", DatetimeField::kMinute},
    {"HOUR", DatetimeField::kHour},
    {"DAY", DatetimeField::kDay},
    {"WEEK", DatetimeField::kWeek},
    {"MONTH", DatetimeField::kMonth},
    {"QUARTER", DatetimeField::kQuarter},
    {"YEAR", DatetimeField::kYear},
    {"DECADE", DatetimeField::kDecade},
    {"CENTURY", DatetimeField::kCentury},
    {"MILLENNIUM", DatetimeField::kMillennium},
    {"DOW", DatetimeField::kDayOfWeek},
    {"ISODOW", DatetimeField::kIsoDayOfWeek},
    {"DOY", DatetimeField::kDayOfYear},
    {"ISOYEAR", DatetimeField::kIsoYear},
    {"EPOCH", DatetimeField::kEpoch},
};

// Monday is 0.
int DaysSinceMonday(int32_t days) { return (DayOfWeek(days) + 6) % 7; }

int DayOfYear(int32_t days) { return days - DaysFromCivil(CivilFromDays(days).year, 1, 1) + 1; }

// A week belongs to the year that its Thursday is in.
int32_t ThursdayOf(int32_t days) { return days - DaysSinceMonday(days) + 3; }

int64_t BeginOfYear(int year, int64_t timestamp) {
  if (year < 1) {
    throw Error(ErrorCode::kDatetimeOverflow,
                fmt::format("the begin is before the year 1: of year {}",
                            CivilFromDays(TimestampDate(timestamp)).year));
  }
  return DaysFromCivil(year, 1, 1) * kMicrosPerDay;
}

int64_t FloorTo(int64_t timestamp, int64_t unit) {
  int64_t past = timestamp % unit;
  return timestamp - (past < 0 ? past + unit : past);
}

}  // namespace

DatetimeField FindDatetimeField(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  std::string known;
  for (const auto& [text, field] : kNames) {
    if (upper == text) return field;
    known.append(known.empty() ? "" : ", ").append(text);
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("a datetime field is one of {}: '{}'", known, name));
}

int ScaleOfField(DatetimeField field) {
  if (field == DatetimeField::kSecond || field == DatetimeField::kEpoch) {
    return kMaxFractionalDigits;
  }
  return field == DatetimeField::kMilliseconds ? 3 : 0;
}

int64_t FieldOfTimestamp(DatetimeField field, int64_t timestamp) {
  int64_t time = TimestampTime(timestamp);
  int32_t days = TimestampDate(timestamp);
  CivilDate date = CivilFromDays(days);
  switch (field) {
    case DatetimeField::kMicroseconds:
    case DatetimeField::kMilliseconds:
    case DatetimeField::kSecond: return time % kMicrosPerMinute;
    case DatetimeField::kMinute: return time % kMicrosPerHour / kMicrosPerMinute;
    case DatetimeField::kHour: return time / kMicrosPerHour;
    case DatetimeField::kDay: return date.day;
    case DatetimeField::kWeek: return (DayOfYear(ThursdayOf(days)) - 1) / 7 + 1;
    case DatetimeField::kMonth: return date.month;
    case DatetimeField::kQuarter: return (date.month - 1) / 3 + 1;
    case DatetimeField::kYear: return date.year;
    case DatetimeField::kDecade: return date.year / 10;
    case DatetimeField::kCentury: return (date.year + 99) / 100;
    case DatetimeField::kMillennium: return (date.year + 999) / 1000;
    case DatetimeField::kDayOfWeek: return DayOfWeek(days);
    case DatetimeField::kIsoDayOfWeek: return DaysSinceMonday(days) + 1;
    case DatetimeField::kDayOfYear: return DayOfYear(days);
    case DatetimeField::kIsoYear: return CivilFromDays(ThursdayOf(days)).year;
    case DatetimeField::kEpoch: return timestamp;
  }
  return 0;
}

int64_t TruncateTimestamp(DatetimeField field, int64_t timestamp) {
  int32_t days = TimestampDate(timestamp);
  CivilDate date = CivilFromDays(days);
  switch (field) {
    case DatetimeField::kMicroseconds: return timestamp;
    case DatetimeField::kMilliseconds: return FloorTo(timestamp, 1000);
    case DatetimeField::kSecond: return FloorTo(timestamp, kMicrosPerSecond);
    case DatetimeField::kMinute: return FloorTo(timestamp, kMicrosPerMinute);
    case DatetimeField::kHour: return FloorTo(timestamp, kMicrosPerHour);
    case DatetimeField::kDay: return days * kMicrosPerDay;
    case DatetimeField::kWeek: return (days - DaysSinceMonday(days)) * kMicrosPerDay;
    case DatetimeField::kMonth: return DaysFromCivil(date.year, date.month, 1) * kMicrosPerDay;
    case DatetimeField::kQuarter:
      return DaysFromCivil(date.year, (date.month - 1) / 3 * 3 + 1, 1) * kMicrosPerDay;
    case DatetimeField::kYear: return BeginOfYear(date.year, timestamp);
    case DatetimeField::kDecade: return BeginOfYear(date.year / 10 * 10, timestamp);
    case DatetimeField::kCentury: return BeginOfYear((date.year - 1) / 100 * 100 + 1, timestamp);
    case DatetimeField::kMillennium:
      return BeginOfYear((date.year - 1) / 1000 * 1000 + 1, timestamp);
    default: break;
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              "DATE_TRUNC takes a field that divides time, not DOW, ISODOW, DOY, ISOYEAR or EPOCH");
}

}  // namespace tupelo
