// types/datetime.cpp: the proleptic Gregorian calendar, displacements, rounding and arithmetic.
#include "types/datetime.h"

#include <cassert>

#include "base/error.h"
#include "types/calendar.h"
#include "types/decimal.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowOverflow(std::string what) {
  throw Error(ErrorCode::kDatetimeOverflow, std::move(what) + " is outside the years 0001 to 9999");
}

std::string OffsetText(int32_t minutes) {
  int32_t magnitude = minutes < 0 ? -minutes : minutes;
  auto two = [](int32_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return (minutes < 0 ? "-" : "+") + two(magnitude / 60) + ":" + two(magnitude % 60);
}

void CheckOffset(int32_t minutes) {
  if (minutes >= kMinOffsetMinutes && minutes <= kMaxOffsetMinutes) return;
  throw Error(ErrorCode::kInvalidTimeZone,
              "a time zone displacement is between " + OffsetText(kMinOffsetMinutes) + " and " +
                  OffsetText(kMaxOffsetMinutes) + ", not " + OffsetText(minutes));
}

int64_t CheckTimestamp(int64_t timestamp) {
  if (timestamp < kMinTimestamp || timestamp > kMaxTimestamp) ThrowOverflow("the timestamp");
  return timestamp;
}

int64_t InDay(int64_t time) {
  time %= kMicrosPerDay;
  return time < 0 ? time + kMicrosPerDay : time;
}

}  // namespace

int DaysInMonth(int year, int month) {
  static constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool IsCivilDate(int64_t year, int64_t month, int64_t day) {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
         day <= DaysInMonth(static_cast<int>(year), static_cast<int>(month));
}

// Years that begin in March, in eras of 400 years (H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms").
int32_t DaysFromCivil(int year, int month, int day) {
  assert(IsCivilDate(year, month, day));
  if (month <= 2) --year;
  int era = year / 400;
  int year_of_era = year - era * 400;
  int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int32_t days) {
  assert(days >= kMinDate && days <= kMaxDate);
  return CalendarDate(days);
}

ZonedTime MakeZonedTime(int64_t local_us, int32_t offset_minutes) {
  CheckOffset(offset_minutes);
  return {InDay(local_us - offset_minutes * kMicrosPerMinute), offset_minutes, 0};
}

ZonedTime MakeZonedTimestamp(int64_t local_us, int32_t offset_minutes) {
  CheckOffset(offset_minutes);
  CheckTimestamp(local_us);
  return {CheckTimestamp(local_us - offset_minutes * kMicrosPerMinute), offset_minutes, 0};
}

ZonedTime AtOffsetTime(ZonedTime time, int32_t offset_minutes) {
  CheckOffset(offset_minutes);
  return {time.utc_us, offset_minutes, 0};
}

ZonedTime AtOffsetTimestamp(ZonedTime timestamp, int32_t offset_minutes) {
  CheckOffset(offset_minutes);
  CheckTimestamp(timestamp.utc_us + offset_minutes * kMicrosPerMinute);
  return {timestamp.utc_us, offset_minutes, 0};
}

int64_t LocalTime(ZonedTime time) {
  return InDay(time.utc_us + time.offset_minutes * kMicrosPerMinute);
}

int64_t LocalTimestamp(ZonedTime timestamp) {
  return timestamp.utc_us + timestamp.offset_minutes * kMicrosPerMinute;
}

int64_t ExtractFromDate(IntervalField field, int32_t days) {
  CivilDate date = CivilFromDays(days);
  switch (field) {
    case IntervalField::kYear: return date.year;
    case IntervalField::kMonth: return date.month;
    case IntervalField::kDay: return date.day;
    default: break;
  }
  assert(false && "a DATE has no such field");
  return 0;
}

int64_t ExtractFromTime(IntervalField field, int64_t time) {
  switch (field) {
    case IntervalField::kHour: return time / kMicrosPerHour;
    case IntervalField::kMinute: return time % kMicrosPerHour / kMicrosPerMinute;
    case IntervalField::kSecond: return time % kMicrosPerMinute;
    default: break;
  }
  assert(false && "a TIME has no such field");
  return 0;
}

int64_t ExtractFromTimestamp(IntervalField field, int64_t timestamp) {
  return field <= IntervalField::kDay ? ExtractFromDate(field, TimestampDate(timestamp))
                                      : ExtractFromTime(field, TimestampTime(timestamp));
}

int64_t RoundTime(int64_t time, int precision) {
  if (precision >= kMaxFractionalDigits) return time;
  int64_t unit = kPowersOfTen64[kMaxFractionalDigits - precision];
  int64_t rounded = (time + unit / 2) / unit * unit;
  return rounded < kMicrosPerDay ? rounded : rounded - unit;
}

int64_t RoundTimestamp(int64_t timestamp, int precision) {
  if (precision >= kMaxFractionalDigits) return timestamp;
  int64_t unit = kPowersOfTen64[kMaxFractionalDigits - precision];
  int64_t raised = timestamp + unit / 2;
  int64_t past = raised % unit;
  return CheckTimestamp(raised - (past < 0 ? past + unit : past));
}

int32_t AddMonthsToDate(int32_t days, int64_t months) {
  CivilDate date = CivilFromDays(days);
  constexpr int64_t kMonths = 12 * 10000;
  if (months <= -kMonths || months >= kMonths) ThrowOverflow("the sum of a date and an interval");
  int64_t total = date.year * int64_t{12} + date.month - 1 + months;
  if (total < 12 || total >= kMonths) ThrowOverflow("the sum of a date and an interval");
  int year = static_cast<int>(total / 12), month = static_cast<int>(total % 12) + 1;
  if (date.day > DaysInMonth(year, month)) {
    throw Error(ErrorCode::kDatetimeOverflow,
                "adding months to day " + std::to_string(date.day) + " leads to month " +
                    std::to_string(month) + " of year " + std::to_string(year) + ", which has " +
                    std::to_string(DaysInMonth(year, month)) + " days");
  }
  return DaysFromCivil(year, month, date.day);
}

int64_t AddMonthsToTimestamp(int64_t timestamp, int64_t months) {
  return AddMonthsToDate(TimestampDate(timestamp), months) * kMicrosPerDay +
         TimestampTime(timestamp);
}

int32_t AddDaysToDate(int32_t days, int64_t more) {
  int64_t sum;
  if (__builtin_add_overflow(int64_t{days}, more, &sum) || sum < kMinDate || sum > kMaxDate) {
    ThrowOverflow("the sum of a date and an interval");
  }
  return static_cast<int32_t>(sum);
}

int64_t AddToTimestamp(int64_t timestamp, int64_t micros) {
  int64_t sum;
  if (__builtin_add_overflow(timestamp, micros, &sum) || sum < kMinTimestamp ||
      sum > kMaxTimestamp) {
    ThrowOverflow("the sum of a timestamp and an interval");
  }
  return sum;
}

int64_t AddToTime(int64_t time, int64_t micros) { return InDay(time + micros % kMicrosPerDay); }

}  // namespace tupelo
