// functions/datetime_field.h: fields of datetimes beyond those of the standard, by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace tupelo {

enum class DatetimeField : uint8_t {
  kMicroseconds,
  kMilliseconds,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,  // of ISO 8601
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kDayOfWeek,     // Sunday is 0
  kIsoDayOfWeek,  // Monday is 1, Sunday 7
  kDayOfYear,
  kIsoYear,  // the year of kWeek
  kEpoch,    // seconds since 1970-01-01 00:00:00
};

// By its name in any case, as DATE_PART and DATE_TRUNC take it; throws 22023.
DatetimeField FindDatetimeField(std::string_view name);

// Digits after the point in what FieldOfTimestamp gives.
int ScaleOfField(DatetimeField field);
// Whether a field belongs to the time of the day alone.
inline bool IsTimeField(DatetimeField field) { return field <= DatetimeField::kHour; }

// The field of a timestamp within the years 1 to 9999, as an unscaled number.
int64_t FieldOfTimestamp(DatetimeField field, int64_t timestamp);
// The begin of the hour, week, century ... that the timestamp is in. Throws 22023 for a field that
// has none, 22008 when it is before the year 1.
int64_t TruncateTimestamp(DatetimeField field, int64_t timestamp);

}  // namespace tupelo
