// functions/datetime_test.cpp: datetimes and intervals: arithmetic, EXTRACT, the session's time and
// user.
#include "types/datetime.h"

#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

const Type kDays = Type::Interval(IntervalField::kDay, IntervalField::kDay, 5);
const Type kDaySecond = Type::Interval(IntervalField::kDay, IntervalField::kSecond, 5);
const Type kHours = Type::Interval(IntervalField::kHour, IntervalField::kHour, 5);
const Type kMonths = Type::Interval(IntervalField::kMonth, IntervalField::kMonth, 5);
const Type kYearMonth = Type::Interval(IntervalField::kYear, IntervalField::kMonth, 4);

TEST(Datetime, DatesAndIntervalsAreAdded) {
  Column date{Type::Date(), {"2024-02-28", kNull}};
  EXPECT_EQ(Evaluate("+", {date, {kDays, {"2", "1"}}}), (Texts{"2024-03-01", "NULL"}));
  EXPECT_EQ(Evaluate("+", {{kDays, {"2", "1"}}, date}), (Texts{"2024-03-01", "NULL"}));
  EXPECT_EQ(Evaluate("-", {date, {kDays, {"28", "1"}}}), (Texts{"2024-01-31", "NULL"}));
  EXPECT_EQ(Evaluate("+", {date, {kMonths, {"12", "1"}}}), (Texts{"2025-02-28", "NULL"}));
  EXPECT_EQ(Evaluate("-", {date, {kYearMonth, {"1-1", "1-1"}}}), (Texts{"2023-01-28", "NULL"}));
  EXPECT_EQ(StateOfCall("+", {{Type::Date(), {"2024-01-31"}}, {kMonths, {"1"}}}), "22008");
  EXPECT_EQ(StateOfCall("+", {{Type::Date(), {"9999-12-31"}}, {kDays, {"1"}}}), "22008");
  EXPECT_EQ(StateOfCall("+", {{Type::Date(), {"2024-01-31"}}, {kHours, {"1"}}}), "22008");
  EXPECT_EQ(StateOfCall("+", {{Type::Date(), {"2024-01-31"}}, {Type::Integer(), {"1"}}}), "42883");
}

TEST(Datetime, TimestampsAndIntervalsAreAdded) {
  Column stamp{Type::Timestamp(), {"2024-01-31 23:00:00", kNull}};
  EXPECT_EQ(Evaluate("+", {stamp, {kHours, {"2", "1"}}}),
            (Texts{"2024-02-01 01:00:00.000000", "NULL"}));
  EXPECT_EQ(Evaluate("-", {stamp, {kYearMonth, {"0-1", "1-1"}}}),
            (Texts{"2023-12-31 23:00:00.000000", "NULL"}));
  EXPECT_EQ(StateOfCall("+", {stamp, {kMonths, {"1", "1"}}}), "22008");
  Column zoned{Type::TimestampTz(0), {"2024-01-31 23:00:00+02:00"}};
  EXPECT_EQ(Evaluate("+", {zoned, {kHours, {"2"}}}), Texts{"2024-02-01 01:00:00+02:00"});
  EXPECT_EQ(Evaluate("+", {zoned, {kMonths, {"2"}}}), Texts{"2024-03-31 23:00:00+02:00"});
}

TEST(Datetime, TimesWrapAtMidnight) {
  Column time{Type::Time(), {"23:00:00", "01:00:00"}};
  EXPECT_EQ(Evaluate("+", {time, {kHours, {"2", "-2"}}}), (Texts{"01:00:00", "23:00:00"}));
  EXPECT_EQ(Evaluate("-", {time, {kHours, {"2", "2"}}}), (Texts{"21:00:00", "23:00:00"}));
  EXPECT_EQ(Evaluate("+", {{Type::TimeTz(), {"23:00:00+01:00"}}, {kHours, {"2"}}}),
            Texts{"01:00:00+01:00"});
  EXPECT_EQ(StateOfCall("+", {time, {kMonths, {"1", "1"}}}), "42883");
}

TEST(Datetime, TheDifferenceOfDatetimesIsAnInterval) {
  Type result;
  EXPECT_EQ(Evaluate("-",
                     {{Type::Date(), {"2024-03-01", kNull}},
                      {Type::Date(), {"2024-02-01", "2024-01-01"}}},
                     &result),
            (Texts{"29", "NULL"}));
  EXPECT_EQ(result, Type::Interval(IntervalField::kDay, IntervalField::kDay, 7));
  EXPECT_EQ(Evaluate("-", {{Type::Timestamp(0), {"2024-03-01 10:00:00"}},
                           {Type::Timestamp(0), {"2024-02-29 11:00:00"}}}),
            Texts{"0 23:00:00"});
  EXPECT_EQ(Evaluate("-", {{Type::Time(), {"10:00:00"}}, {Type::Time(), {"11:30:00"}}}),
            Texts{"-0 01:30:00"});
  EXPECT_EQ(Evaluate("-", {{Type::TimestampTz(0), {"2024-01-01 10:00:00+02:00"}},
                           {Type::Timestamp(0), {"2024-01-01 08:00:00"}}}),
            Texts{"0 00:00:00"});
  EXPECT_EQ(Evaluate("SUBTRACT_YEAR_MONTH",
                     {{Type::Date(), {"2024-03-01", "2022-01-31", "2024-03-31", "2024-02-29"}},
                      {Type::Date(), {"2022-01-31", "2024-03-01", "2022-01-31", "2024-01-31"}}}),
            (Texts{"2-1", "-2-1", "2-2", "0-0"}));
  EXPECT_EQ(Evaluate("SUBTRACT_YEAR_MONTH",
                     {{Type::Timestamp(0), {"2024-03-01 10:00:00", "2024-03-01 09:59:59"}},
                      {Type::Timestamp(0), {"2024-02-01 10:00:00", "2024-02-01 10:00:00"}}}),
            (Texts{"0-1", "0-0"}));
  EXPECT_EQ(
      Evaluate("SUBTRACT_YEAR_MONTH", {{Type::TimestampTz(0), {"2024-03-01 00:00:00+02:00"}},
                                       {Type::TimestampTz(0), {"2023-12-31 23:00:00+01:00"}}}),
      Texts{"0-2"});
  EXPECT_EQ(StateOfCall("-", {{Type::Date(), {"2024-03-01"}}, {Type::Time(), {"10:00:00"}}}),
            "42883");
}

TEST(Datetime, IntervalsAreAddedAndScaled) {
  Type result;
  EXPECT_EQ(Evaluate("+", {{kDays, {"1", kNull}}, {kHours, {"25", "1"}}}, &result),
            (Texts{"2 01", "NULL"}));
  EXPECT_EQ(result.start_field(), IntervalField::kDay);
  EXPECT_EQ(result.end_field(), IntervalField::kHour);
  EXPECT_EQ(Evaluate("-", {{kYearMonth, {"1-0"}}, {kMonths, {"13"}}}), Texts{"-0-1"});
  EXPECT_EQ(Evaluate("*", {{kHours, {"3"}}, {Type::Integer(), {"2"}}}), Texts{"6"});
  EXPECT_EQ(Evaluate("*", {{Type::Decimal(3, 1), {"1.5"}}, {kDaySecond, {"1 00:00:00"}}}),
            Texts{"1 12:00:00.000000"});
  EXPECT_EQ(Evaluate("*", {{kDaySecond, {"1 00:00:00"}}, {Type::Double(), {"0.25"}}}),
            Texts{"0 06:00:00.000000"});
  EXPECT_EQ(Evaluate("/", {{kDaySecond, {"1 00:00:00"}}, {Type::Integer(), {"2"}}}),
            Texts{"0 12:00:00.000000"});
  EXPECT_EQ(Evaluate("/", {{kDays, {"3"}}, {Type::Integer(), {"2"}}}), Texts{"1"});
  EXPECT_EQ(Evaluate("/", {{kYearMonth, {"1-0"}}, {Type::Decimal(2, 1), {"0.5"}}}), Texts{"2-0"});
  EXPECT_EQ(Evaluate("NEG", {{kYearMonth, {"1-2", kNull}}}), (Texts{"-1-2", "NULL"}));
  EXPECT_EQ(StateOfCall("/", {{kDays, {"3"}}, {Type::Integer(), {"0"}}}), "22012");
  EXPECT_EQ(StateOfCall("*", {{kDays, {"99999"}}, {Type::BigInt(), {"9223372036854775807"}}}),
            "22015");
  EXPECT_EQ(StateOfCall("*", {{kMonths, {"99999"}}, {Type::Double(), {"1e300"}}}), "22015");
  EXPECT_EQ(StateOfCall("+", {{kDays, {"1"}}, {kMonths, {"1"}}}), "42883");
}

TEST(Datetime, ExtractGivesEachField) {
  Column stamp{Type::Timestamp(), {"2024-03-05 14:15:16.25", kNull}};
  const char* fields[][2] = {{"EXTRACT_YEAR", "2024"}, {"EXTRACT_MONTH", "3"},
                             {"EXTRACT_DAY", "5"},     {"EXTRACT_HOUR", "14"},
                             {"EXTRACT_MINUTE", "15"}, {"EXTRACT_SECOND", "16.250000"}};
  for (auto& field : fields) EXPECT_EQ(Evaluate(field[0], {stamp}), (Texts{field[1], "NULL"}));
  EXPECT_EQ(Evaluate("EXTRACT_YEAR", {{Type::Date(), {"0001-12-31"}}}), Texts{"1"});
  EXPECT_EQ(Evaluate("EXTRACT_HOUR", {{Type::Time(), {"10:11:12"}}}), Texts{"10"});
  EXPECT_EQ(Evaluate("EXTRACT_DAY", {{kDaySecond, {"-3 04:05:06"}}}), Texts{"-3"});
  EXPECT_EQ(Evaluate("EXTRACT_MONTH", {{kYearMonth, {"1-2"}}}), Texts{"2"});
  Column zoned{Type::TimestampTz(), {"2024-03-05 23:15:16-05:30"}};
  EXPECT_EQ(Evaluate("EXTRACT_DAY", {zoned}), Texts{"5"});
  EXPECT_EQ(Evaluate("EXTRACT_TIMEZONE_HOUR", {zoned}), Texts{"-5"});
  EXPECT_EQ(Evaluate("EXTRACT_TIMEZONE_MINUTE", {zoned}), Texts{"-30"});
  EXPECT_EQ(StateOfCall("EXTRACT_HOUR", {{Type::Date(), {"2024-03-05"}}}), "42883");
  EXPECT_EQ(StateOfCall("EXTRACT_YEAR", {{kDays, {"1"}}}), "42883");
}

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // 2024-03-05 23:30:00 in UTC, seen from +02:00.
    TestContext() = {
        DaysFromCivil(2024, 3, 5) * kMicrosPerDay + 23 * kMicrosPerHour + 30 * kMicrosPerMinute,
        TimeZone(120), "ann"};
  }
  void TearDown() override { TestContext() = {}; }
};

TEST_F(SessionTest, TheTimeIsThatOfTheSessionsZone) {
  EXPECT_EQ(Evaluate("CURRENT_DATE", {}), Texts{"2024-03-06"});
  EXPECT_EQ(Evaluate("LOCALTIME", {}), Texts{"01:30:00.000000"});
  EXPECT_EQ(Evaluate("LOCALTIMESTAMP", {}), Texts{"2024-03-06 01:30:00.000000"});
  EXPECT_EQ(Evaluate("CURRENT_TIME", {}), Texts{"01:30:00.000000+02:00"});
  EXPECT_EQ(Evaluate("CURRENT_TIMESTAMP", {}), Texts{"2024-03-06 01:30:00.000000+02:00"});
  EXPECT_EQ(Evaluate("CURRENT_USER", {}), Texts{"ann"});
  EXPECT_EQ(Evaluate("SESSION_USER", {}), Texts{"ann"});
  EXPECT_FALSE(ResolveFunction("CURRENT_DATE", {}).is_deterministic);
  EXPECT_EQ(StateOfCall("CURRENT_DATE", {{Type::Integer(), {"1"}}}), "42883");
}

TEST_F(SessionTest, AtTimeZoneMovesTheDisplacement) {
  Type zone = Type::Interval(IntervalField::kHour, IntervalField::kMinute);
  EXPECT_EQ(Evaluate("AT_TIME_ZONE", {{Type::TimestampTz(0), {"2024-01-01 12:00:00+02:00", kNull}},
                                      {zone, {"-5:00", "1:00"}}}),
            (Texts{"2024-01-01 05:00:00-05:00", "NULL"}));
  EXPECT_EQ(
      Evaluate("AT_TIME_ZONE", {{Type::Timestamp(0), {"2024-01-01 12:00:00"}}, {zone, {"0:00"}}}),
      Texts{"2024-01-01 10:00:00+00:00"});
  EXPECT_EQ(Evaluate("AT_LOCAL", {{Type::TimeTz(0), {"12:00:00+00:00"}}}), Texts{"14:00:00+02:00"});
  EXPECT_EQ(StateOfCall("AT_TIME_ZONE", {{Type::TimeTz(0), {"12:00:00+00:00"}}, {zone, {"20:00"}}}),
            "22009");
}

TEST_F(SessionTest, ARegionGivesTheDisplacementOfTheTime) {
  Column summer{Type::TimestampTz(0), {"2024-07-01 12:00:00+00:00", "2024-01-01 12:00:00+00:00"}};
  Column names{Type::Varchar(20), {"Europe/Berlin", "america/new_york"}};
  EXPECT_EQ(Evaluate("AT_TIME_ZONE", {summer, names}),
            (Texts{"2024-07-01 14:00:00+02:00", "2024-01-01 07:00:00-05:00"}));
  EXPECT_EQ(StateOfCall("AT_TIME_ZONE", {summer, {Type::Varchar(20), {"Europe/Atlantis", "UTC"}}}),
            "22023");

  TestContext().time_zone = TimeZone::Named("Europe/Berlin");
  EXPECT_EQ(Evaluate("CURRENT_TIMESTAMP", {}), Texts{"2024-03-06 00:30:00.000000+01:00"});
  EXPECT_EQ(Evaluate("LOCALTIMESTAMP", {}), Texts{"2024-03-06 00:30:00.000000"});
  EXPECT_EQ(Evaluate("AT_LOCAL", {summer}),
            (Texts{"2024-07-01 14:00:00+02:00", "2024-01-01 13:00:00+01:00"}));
  // Skipped, and shown twice.
  Column local{Type::Timestamp(0), {"2024-03-31 02:30:00", "2024-10-27 02:30:00"}};
  EXPECT_EQ(Evaluate("AT_LOCAL", {local}),
            (Texts{"2024-03-31 03:30:00+02:00", "2024-10-27 02:30:00+01:00"}));
}

}  // namespace
}  // namespace tupelo::testing
