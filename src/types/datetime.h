// types/datetime.h: the calendar, and datetimes to and from the text of their literals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/string_ref.h"
#include "types/type.h"

namespace tupelo {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;

inline constexpr int32_t kMinDate = -719162;  // 0001-01-01
inline constexpr int32_t kMaxDate = 2932896;  // 9999-12-31
inline constexpr int64_t kMinTimestamp = kMinDate * kMicrosPerDay;
inline constexpr int64_t kMaxTimestamp = (kMaxDate + int64_t{1}) * kMicrosPerDay - 1;
inline constexpr int32_t kMinOffsetMinutes = -(14 * 60 + 59);
inline constexpr int32_t kMaxOffsetMinutes = 14 * 60;

struct CivilDate {
  int32_t year;
  int32_t month;  // 1..12
  int32_t day;    // 1..31
};
int DaysInMonth(int year, int month);
// Whether there is such a day in the years 1 to 9999.
bool IsCivilDate(int64_t year, int64_t month, int64_t day);
// Days since 1970-01-01. REQUIRES: IsCivilDate.
int32_t DaysFromCivil(int year, int month, int day);
CivilDate CivilFromDays(int32_t days);
// 0 = Sunday.
inline int DayOfWeek(int32_t days) { return static_cast<int>((days + 719162 + 1) % 7); }

// A TIMESTAMP as days since the epoch and microseconds since midnight, never negative.
inline int32_t TimestampDate(int64_t timestamp) {
  int64_t days = timestamp / kMicrosPerDay;
  return static_cast<int32_t>(timestamp % kMicrosPerDay < 0 ? days - 1 : days);
}
inline int64_t TimestampTime(int64_t timestamp) {
  int64_t time = timestamp % kMicrosPerDay;
  return time < 0 ? time + kMicrosPerDay : time;
}

// WITH TIME ZONE. Local: what the clock there shows. Throw 22009 for a displacement out of range
// and 22008 for a timestamp out of range.
ZonedTime MakeZonedTime(int64_t local_us, int32_t offset_minutes);
ZonedTime MakeZonedTimestamp(int64_t local_us, int32_t offset_minutes);
// The same instant at another displacement.
ZonedTime AtOffsetTime(ZonedTime time, int32_t offset_minutes);
ZonedTime AtOffsetTimestamp(ZonedTime timestamp, int32_t offset_minutes);
int64_t LocalTime(ZonedTime time);  // 0..kMicrosPerDay - 1
int64_t LocalTimestamp(ZonedTime timestamp);

// Text of literals, as SQL:1999 part 2, 5.3 writes it between the quotes; blanks around it are
// skipped: '2024-01-31', '10:00:00.25', '2024-01-31 10:00:00.25+02:00'. Fractional digits past the
// sixth are cut off. Throw 22007, saying what is wrong, for another form and for fields that are
// out of range. A timestamp may end with the name of a region instead of a displacement, which is
// then the one that holds at the time.
struct DatetimeText {
  int64_t local_us = 0;           // TIME or TIMESTAMP as written
  uint8_t fractional_digits = 0;  // written, at most 6: the precision of the literal
  bool has_zone = false;
  int32_t offset_minutes = 0;
};
int32_t ParseDate(std::string_view text);
DatetimeText ParseTime(std::string_view text);
DatetimeText ParseTimestamp(std::string_view text);
// '+02:00', '-11:30': minutes.
int32_t ParseOffset(std::string_view text);

inline constexpr size_t kMaxDatetimeText = 48;
// Each writes at most kMaxDatetimeText bytes and returns how many.
size_t FormatDate(int32_t days, char* out);
size_t FormatTime(int64_t time, int precision, char* out);
size_t FormatTimestamp(int64_t timestamp, int precision, char* out);
size_t FormatZonedTime(ZonedTime time, int precision, char* out);
size_t FormatZonedTimestamp(ZonedTime timestamp, int precision, char* out);
// Any datetime or interval type; `integer` for those that are not zoned.
std::string FormatDatetime(const Type& type, int64_t integer, ZonedTime zoned);

// EXTRACT. SECOND is in microseconds (a number of scale 6).
int64_t ExtractFromDate(IntervalField field, int32_t days);
int64_t ExtractFromTime(IntervalField field, int64_t time);
int64_t ExtractFromTimestamp(IntervalField field, int64_t timestamp);
inline int32_t TimezoneHour(ZonedTime value) { return value.offset_minutes / 60; }
inline int32_t TimezoneMinute(ZonedTime value) { return value.offset_minutes % 60; }

// To fewer fractional digits, half up. A TIME stays in its day: what would round up to midnight is
// cut off.
int64_t RoundTime(int64_t time, int precision);
int64_t RoundTimestamp(int64_t timestamp, int precision);  // throws 22008 past the last year

// Throw 22008 when the result is out of range, and for a day that its month does not have
// (SQL:1999 part 2, 6.15: 31 January plus one month is an error).
int32_t AddMonthsToDate(int32_t days, int64_t months);
int64_t AddMonthsToTimestamp(int64_t timestamp, int64_t months);
int32_t AddDaysToDate(int32_t days, int64_t more);
int64_t AddToTimestamp(int64_t timestamp, int64_t micros);
// Modulo a day.
int64_t AddToTime(int64_t time, int64_t micros);

}  // namespace tupelo
