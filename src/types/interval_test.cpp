// types/interval_test.cpp: intervals of every qualifier as text and back.
#include "types/interval.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

using enum IntervalField;

template <typename Call>
std::string StateOf(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error.sqlstate());
  }
  return "no error";
}

// The text that a literal's value is written as.
std::string Again(std::string_view text, const Type& type) {
  return FormatDatetime(type, ParseInterval(text, type), {});
}

TEST(Interval, TextOfEveryQualifierRoundTrips) {
  EXPECT_EQ(Again("7", Type::Interval(kYear, kYear)), "7");
  EXPECT_EQ(Again("1-6", Type::Interval(kYear, kMonth)), "1-6");
  EXPECT_EQ(Again("-1-11", Type::Interval(kYear, kMonth)), "-1-11");
  EXPECT_EQ(Again("18", Type::Interval(kMonth, kMonth)), "18");
  EXPECT_EQ(Again("3", Type::Interval(kDay, kDay)), "3");
  EXPECT_EQ(Again("3 04", Type::Interval(kDay, kHour)), "3 04");
  EXPECT_EQ(Again("3 4:5", Type::Interval(kDay, kMinute)), "3 04:05");
  EXPECT_EQ(Again("3 04:05:06.5", Type::Interval(kDay, kSecond, 2, 1)), "3 04:05:06.5");
  EXPECT_EQ(Again("25", Type::Interval(kHour, kHour)), "25");
  EXPECT_EQ(Again("-25:30", Type::Interval(kHour, kMinute)), "-25:30");
  EXPECT_EQ(Again("+25:30:01", Type::Interval(kHour, kSecond, 2, 0)), "25:30:01");
  EXPECT_EQ(Again(" 90 ", Type::Interval(kMinute, kMinute)), "90");
  EXPECT_EQ(Again("90:59.999999", Type::Interval(kMinute, kSecond)), "90:59.999999");
  EXPECT_EQ(Again("-0.25", Type::Interval(kSecond, kSecond, 2, 2)), "-0.25");
  EXPECT_EQ(Again(".5", Type::Interval(kSecond, kSecond, 2, 1)), "0.5");
}

TEST(Interval, RejectsWhatIsNotItsForm) {
  Type day_to_second = Type::Interval(kDay, kSecond);
  for (const char* bad :
       {"", "-", "3", "3 04", "3 24:00:00", "3 00:60:00", "3 00:00:60", "3-04:05:06", "3 04:05:06x",
        "3 04:05:06.5.5", "--3 04:05:06", "3 -04:05:06"}) {
    EXPECT_EQ(StateOf([&] { ParseInterval(bad, day_to_second); }), "22007") << bad;
  }
  EXPECT_EQ(StateOf([] { ParseInterval("1-12", Type::Interval(kYear, kMonth)); }), "22007");
  EXPECT_EQ(StateOf([] { ParseInterval("1.5", Type::Interval(kDay, kDay)); }), "22007");
}

TEST(Interval, TheLeadingFieldKeepsToItsPrecision) {
  EXPECT_EQ(StateOf([] { ParseInterval("100", Type::Interval(kDay, kDay)); }), "22015");
  EXPECT_EQ(StateOf([] { ParseInterval("100", Type::Interval(kDay, kDay, 3)); }), "no error");
  EXPECT_EQ(StateOf([] { ParseInterval("99:59.9999995", Type::Interval(kMinute, kSecond)); }),
            "no error");
  EXPECT_EQ(StateOf([] { ParseInterval("99:59.95", Type::Interval(kMinute, kSecond, 2, 1)); }),
            "22015");  // rounds up to 100:00.0
  EXPECT_EQ(StateOf([] { ParseInterval("999999999", Type::Interval(kYear, kYear, 9)); }), "22015");
  EXPECT_EQ(StateOf([] { ParseInterval("999999999", Type::Interval(kDay, kDay, 9)); }), "22015");
  EXPECT_EQ(
      StateOf([] { ParseInterval("99999999999999999999999999", Type::Interval(kDay, kDay, 9)); }),
      "22015");
}

TEST(Interval, ConversionCutsFieldsAndRoundsSeconds) {
  Type second = Type::Interval(kSecond, kSecond, 4, 0);
  EXPECT_EQ(ConvertInterval(1'500'000, second), 2'000'000);
  EXPECT_EQ(ConvertInterval(-1'500'000, second), -2'000'000);
  EXPECT_EQ(ConvertInterval(-kMicrosPerHour - 1, Type::Interval(kHour, kHour)), -kMicrosPerHour);
  EXPECT_EQ(ConvertInterval(23, Type::Interval(kYear, kYear)), 12);
  EXPECT_EQ(StateOf([] { ConvertInterval(100 * kMicrosPerDay, Type::Interval(kDay, kDay)); }),
            "22015");
  EXPECT_EQ(StateOf([] { ConvertInterval(INT64_MIN, Type::Interval(kDay, kDay)); }), "22015");
}

TEST(Interval, ExtractGivesTheFieldsThatTheTextShows) {
  Type type = Type::Interval(kHour, kSecond, 3, 1);
  int64_t value = ParseInterval("-125:04:05.5", type);
  EXPECT_EQ(ExtractFromInterval(kHour, value, type), -125);
  EXPECT_EQ(ExtractFromInterval(kMinute, value, type), -4);
  EXPECT_EQ(ExtractFromInterval(kSecond, value, type), -5'500'000);
  Type years = Type::Interval(kYear, kMonth);
  EXPECT_EQ(ExtractFromInterval(kYear, 30, years), 2);
  EXPECT_EQ(ExtractFromInterval(kMonth, 30, years), 6);
}

TEST(Interval, TheWidestQualifierHoldsBoth) {
  Type hours = Type::Interval(kHour, kMinute, 4);
  Type days = Type::Interval(kDay, kSecond, 2, 3);
  Type widest = WidestInterval(hours, days);
  EXPECT_EQ(widest, Type::Interval(kDay, kSecond, 3, 3));  // 9,999 hours are 416 days
  EXPECT_EQ(WidestInterval(days, hours), widest);
  EXPECT_EQ(WidestInterval(Type::Interval(kYear, kYear), Type::Interval(kMonth, kMonth)),
            Type::Interval(kYear, kMonth));
}

}  // namespace
}  // namespace tupelo
