// types/datetime_test.cpp: the calendar, literals, zones, rounding and month arithmetic.
#include "types/datetime.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tupelo {
namespace {

template <typename Call>
std::string StateOf(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error.sqlstate());
  }
  return "no error";
}

std::string DateText(int32_t days) { return FormatDatetime(Type::Date(), days, {}); }

TEST(Datetime, EveryDayRoundTripsThroughTheCalendar) {
  CivilDate expected{1, 1, 1};
  for (int32_t days = kMinDate; days <= kMaxDate; ++days) {
    CivilDate date = CivilFromDays(days);
    ASSERT_TRUE(date.year == expected.year && date.month == expected.month &&
                date.day == expected.day)
        << days;
    ASSERT_EQ(DaysFromCivil(date.year, date.month, date.day), days);
    if (++expected.day > DaysInMonth(expected.year, expected.month)) {
      expected.day = 1;
      if (++expected.month > 12) {
        expected.month = 1;
        ++expected.year;
      }
    }
  }
  EXPECT_EQ(expected.year, 10000);
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DayOfWeek(0), 4);         // a Thursday
  EXPECT_EQ(DayOfWeek(kMinDate), 1);  // a Monday
}

TEST(Datetime, LeapYearsFollowTheGregorianRule) {
  EXPECT_EQ(DaysInMonth(2000, 2), 29);
  EXPECT_EQ(DaysInMonth(1900, 2), 28);
  EXPECT_EQ(DaysInMonth(2024, 2), 29);
  EXPECT_EQ(DaysInMonth(2023, 2), 28);
  EXPECT_FALSE(IsCivilDate(0, 1, 1));
  EXPECT_FALSE(IsCivilDate(10000, 1, 1));
  EXPECT_FALSE(IsCivilDate(2024, 13, 1));
  EXPECT_FALSE(IsCivilDate(2024, 4, 31));
}

TEST(Datetime, ReadsAndWritesDates) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("0001-01-01"), kMinDate);
  EXPECT_EQ(ParseDate("9999-12-31"), kMaxDate);
  EXPECT_EQ(ParseDate(" 2024-02-29 "), DaysFromCivil(2024, 2, 29));
  EXPECT_EQ(DateText(DaysFromCivil(33, 4, 3)), "0033-04-03");
  for (const char* bad : {"", "2024", "2024-01", "2024-02-30", "2023-02-29", "2024-13-01",
                          "2024-00-01", "2024-01-00", "0000-01-01", "10000-01-01", "2024/01/31",
                          "2024-01-31x", "-2024-01-01", "20240131", "2024-1 -1", "2024-01-031"}) {
    EXPECT_EQ(StateOf([&] { ParseDate(bad); }), "22007") << bad;
  }
}

TEST(Datetime, SaysWhichFieldIsWrong) {
  try {
    ParseDate("2024-02-30");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "not a valid DATE, the month has no day 30 (its form is YYYY-MM-DD): '2024-02-30'");
  }
}

TEST(Datetime, ReadsTimesWithFractionAndZone) {
  DatetimeText time = ParseTime("10:00:00.123456");
  EXPECT_EQ(time.local_us, 10 * kMicrosPerHour + 123456);
  EXPECT_EQ(time.fractional_digits, 6);
  EXPECT_FALSE(time.has_zone);
  time = ParseTime("23:59:59.9999999");
  EXPECT_EQ(time.local_us, kMicrosPerDay - 1);  // the seventh digit is cut off
  EXPECT_EQ(time.fractional_digits, 6);
  time = ParseTime("01:02:03.5-11:30");
  EXPECT_EQ(time.local_us, kMicrosPerHour + 2 * kMicrosPerMinute + 3'500'000);
  EXPECT_EQ(time.fractional_digits, 1);
  EXPECT_TRUE(time.has_zone);
  EXPECT_EQ(time.offset_minutes, -690);
  for (const char* bad :
       {"10:00", "24:00:00", "10:60:00", "10:00:60", "10:00:00+2", "10:00:00+02:60",
        "10:00:00 +02:00", "10:00:00Z", "10", ":00:00", "10:00:00.1.2"}) {
    EXPECT_EQ(StateOf([&] { ParseTime(bad); }), "22007") << bad;
  }
}

TEST(Datetime, ReadsTimestampsOfTheStandardFormOnly) {
  DatetimeText text = ParseTimestamp("2024-01-31 10:00:00+02:00");
  EXPECT_EQ(text.local_us, DaysFromCivil(2024, 1, 31) * kMicrosPerDay + 10 * kMicrosPerHour);
  EXPECT_TRUE(text.has_zone);
  EXPECT_EQ(text.offset_minutes, 120);
  EXPECT_EQ(ParseTimestamp("0001-01-01 00:00:00").local_us, kMinTimestamp);
  EXPECT_EQ(ParseTimestamp("9999-12-31 23:59:59.999999").local_us, kMaxTimestamp);
  for (const char* bad : {"2024-01-31T10:00:00", "2024-01-31", "2024-01-31 10:00",
                          "2024-01-31  10:00:00", "10:00:00"}) {
    EXPECT_EQ(StateOf([&] { ParseTimestamp(bad); }), "22007") << bad;
  }
}

TEST(Datetime, WritesEachTypeWithItsPrecision) {
  int64_t before = -1;  // a microsecond before 1970
  EXPECT_EQ(FormatDatetime(Type::Timestamp(6), before, {}), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(FormatDatetime(Type::Timestamp(0), 0, {}), "1970-01-01 00:00:00");
  EXPECT_EQ(FormatDatetime(Type::Time(3), 3'007'000, {}), "00:00:03.007");
  EXPECT_EQ(FormatDatetime(Type::TimestampTz(0), 0, MakeZonedTimestamp(0, 90)),
            "1970-01-01 00:00:00+01:30");
  EXPECT_EQ(FormatDatetime(Type::TimeTz(1), 0, MakeZonedTime(kMicrosPerHour, -330)),
            "01:00:00.0-05:30");
}

TEST(Datetime, ZonedValuesKeepUtcAndDisplacement) {
  ZonedTime late = MakeZonedTime(30 * kMicrosPerMinute, 60);  // 00:30+01:00 is 23:30 UTC
  EXPECT_EQ(late.utc_us, kMicrosPerDay - 30 * kMicrosPerMinute);
  EXPECT_EQ(LocalTime(late), 30 * kMicrosPerMinute);
  ZonedTime stamp = MakeZonedTimestamp(0, 120);
  EXPECT_EQ(stamp.utc_us, -120 * kMicrosPerMinute);
  EXPECT_EQ(LocalTimestamp(AtOffsetTimestamp(stamp, -60)), -180 * kMicrosPerMinute);
  EXPECT_TRUE(AtOffsetTimestamp(stamp, -60) == stamp);
  EXPECT_EQ(StateOf([] { MakeZonedTime(0, 15 * 60); }), "22009");
  EXPECT_EQ(StateOf([] { MakeZonedTime(0, -15 * 60); }), "22009");
  EXPECT_EQ(StateOf([] { MakeZonedTimestamp(kMinTimestamp, 60); }), "22008");
  EXPECT_EQ(StateOf([] { MakeZonedTimestamp(kMaxTimestamp, -60); }), "22008");
  EXPECT_EQ(ParseOffset("-00:30"), -30);
  EXPECT_EQ(TimezoneHour(MakeZonedTime(0, -90)), -1);
  EXPECT_EQ(TimezoneMinute(MakeZonedTime(0, -90)), -30);
}

TEST(Datetime, ExtractsFieldsBeforeAndAfterTheEpoch) {
  int64_t stamp = ParseTimestamp("1969-12-31 23:58:57.5").local_us;
  EXPECT_EQ(ExtractFromTimestamp(IntervalField::kYear, stamp), 1969);
  EXPECT_EQ(ExtractFromTimestamp(IntervalField::kMonth, stamp), 12);
  EXPECT_EQ(ExtractFromTimestamp(IntervalField::kDay, stamp), 31);
  EXPECT_EQ(ExtractFromTimestamp(IntervalField::kHour, stamp), 23);
  EXPECT_EQ(ExtractFromTimestamp(IntervalField::kMinute, stamp), 58);
  EXPECT_EQ(ExtractFromTimestamp(IntervalField::kSecond, stamp), 57'500'000);
}

TEST(Datetime, RoundsHalfUp) {
  EXPECT_EQ(RoundTime(1'500'000, 0), 2'000'000);
  EXPECT_EQ(RoundTime(1'499'999, 0), 1'000'000);
  EXPECT_EQ(RoundTime(kMicrosPerDay - 1, 0), kMicrosPerDay - kMicrosPerSecond);
  EXPECT_EQ(RoundTime(kMicrosPerDay - 1, 6), kMicrosPerDay - 1);
  EXPECT_EQ(RoundTimestamp(-1'500'000, 0), -1'000'000);
  EXPECT_EQ(RoundTimestamp(-1'500'001, 0), -2'000'000);
  EXPECT_EQ(RoundTimestamp(1'234'567, 3), 1'235'000);
  EXPECT_EQ(RoundTimestamp(kMinTimestamp, 0), kMinTimestamp);
  EXPECT_EQ(StateOf([] { RoundTimestamp(kMaxTimestamp, 0); }), "22008");
}

TEST(Datetime, MonthsAreAddedWithoutClamping) {
  EXPECT_EQ(DateText(AddMonthsToDate(ParseDate("2024-01-29"), 1)), "2024-02-29");
  EXPECT_EQ(DateText(AddMonthsToDate(ParseDate("2024-03-31"), -12)), "2023-03-31");
  EXPECT_EQ(DateText(AddMonthsToDate(ParseDate("0001-01-01"), 119987)), "9999-12-01");
  EXPECT_EQ(StateOf([] { AddMonthsToDate(ParseDate("2024-01-31"), 1); }), "22008");
  EXPECT_EQ(StateOf([] { AddMonthsToDate(ParseDate("2024-02-29"), 12); }), "22008");
  EXPECT_EQ(StateOf([] { AddMonthsToDate(kMaxDate, 1); }), "22008");
  EXPECT_EQ(StateOf([] { AddMonthsToDate(kMinDate, -1); }), "22008");
  EXPECT_EQ(StateOf([] { AddMonthsToDate(0, INT64_MIN); }), "22008");
  EXPECT_EQ(AddMonthsToTimestamp(-1, 1), ParseTimestamp("1970-01-31 23:59:59.999999").local_us);
}

TEST(Datetime, SumsStayInTheCalendar) {
  EXPECT_EQ(AddDaysToDate(kMaxDate, -1), kMaxDate - 1);
  EXPECT_EQ(StateOf([] { AddDaysToDate(kMaxDate, 1); }), "22008");
  EXPECT_EQ(StateOf([] { AddDaysToDate(kMinDate, INT64_MIN); }), "22008");
  EXPECT_EQ(StateOf([] { AddToTimestamp(kMaxTimestamp, 1); }), "22008");
  EXPECT_EQ(StateOf([] { AddToTimestamp(kMinTimestamp, INT64_MIN); }), "22008");
  EXPECT_EQ(AddToTime(23 * kMicrosPerHour, 2 * kMicrosPerHour), kMicrosPerHour);
  EXPECT_EQ(AddToTime(0, -1), kMicrosPerDay - 1);
  EXPECT_EQ(AddToTime(0, INT64_MIN) >= 0, true);
}

}  // namespace
}  // namespace tupelo
