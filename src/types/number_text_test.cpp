// types/number_text_test.cpp: numbers as text and back, at their edges.
#include "types/number_text.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace tupelo {
namespace {

std::string TextOf(double number) {
  char text[kMaxNumberText];
  return std::string(text, FormatDouble(number, text));
}
std::string TextOfReal(float number) {
  char text[kMaxNumberText];
  return std::string(text, FormatReal(number, text));
}

TEST(NumberText, IsTheShortestThatReadsBack) {
  EXPECT_EQ(TextOf(1.5), "1.5");
  EXPECT_EQ(TextOf(0.1), "0.1");
  EXPECT_EQ(TextOf(1e20), "1e+20");
  EXPECT_EQ(TextOf(-0.0), "-0");
  EXPECT_EQ(TextOf(std::numeric_limits<double>::infinity()), "Infinity");
  EXPECT_EQ(TextOf(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(TextOfReal(0.1f), "0.1");
  char text[kMaxNumberText];
  EXPECT_EQ(std::string(text, FormatInteger(std::numeric_limits<int64_t>::min(), text)),
            "-9223372036854775808");
}

TEST(NumberText, EveryFiniteNumberReadsBackTheSame) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 50000; ++i) {
    auto number = std::bit_cast<double>(random());
    auto real = std::bit_cast<float>(static_cast<uint32_t>(random()));
    double again = 0;
    float real_again = 0;
    if (std::isfinite(number)) {
      ASSERT_EQ(ParseDouble(TextOf(number), &again), NumberStatus::kOk);
      ASSERT_EQ(std::bit_cast<uint64_t>(again), std::bit_cast<uint64_t>(number));
    }
    if (std::isfinite(real)) {
      ASSERT_EQ(ParseReal(TextOfReal(real), &real_again), NumberStatus::kOk);
      ASSERT_EQ(std::bit_cast<uint32_t>(real_again), std::bit_cast<uint32_t>(real));
    }
  }
}

TEST(NumberText, TakesWholeLiteralsOnly) {
  double number = 0;
  int64_t integer = 0;
  for (std::string_view bad : {"", "  ", "abc", "1x", "1 2", "+", "-", ".", "e5", "1e", "1e+",
                               "0x10", "inf", "Infinity", "nan", "1.2.3", "--1", "\t1", "1_000"}) {
    EXPECT_EQ(ParseDouble(bad, &number), NumberStatus::kInvalid) << bad;
    EXPECT_EQ(ParseInteger(bad, &integer), NumberStatus::kInvalid) << bad;
  }
  for (std::string_view good : {"12", " 12 ", "+12", "12.", "1.2e1", "120E-1", "0012.0", ".12e2"}) {
    EXPECT_EQ(ParseDouble(good, &number), NumberStatus::kOk) << good;
    EXPECT_EQ(number, 12.0) << good;
    EXPECT_EQ(ParseInteger(good, &integer), NumberStatus::kOk) << good;
    EXPECT_EQ(integer, 12) << good;
  }
}

TEST(NumberText, IntegersRoundAndKeepToTheirRange) {
  int64_t integer = 0;
  EXPECT_EQ(ParseInteger("9223372036854775807", &integer), NumberStatus::kOk);
  EXPECT_EQ(ParseInteger("9223372036854775807.4", &integer), NumberStatus::kOk);
  EXPECT_EQ(integer, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseInteger("9223372036854775807.5", &integer), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseInteger("-9223372036854775808", &integer), NumberStatus::kOk);
  EXPECT_EQ(ParseInteger("-9223372036854775809", &integer), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseInteger("1e99999999999999999999", &integer), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseInteger("1e-99999999999999999999", &integer), NumberStatus::kOk);
  EXPECT_EQ(integer, 0);
  EXPECT_EQ(ParseInteger("0e99999", &integer), NumberStatus::kOk);
  EXPECT_EQ(ParseInteger("-2.5", &integer), NumberStatus::kOk);
  EXPECT_EQ(integer, -3);
  EXPECT_EQ(ParseInteger("0.5", &integer), NumberStatus::kOk);
  EXPECT_EQ(integer, 1);
  EXPECT_EQ(ParseInteger("0.05", &integer), NumberStatus::kOk);
  EXPECT_EQ(integer, 0);
}

TEST(NumberText, DecimalsRoundToTheirScaleAndKeepToTheirPrecision) {
  int128_t value = 0;
  EXPECT_EQ(ParseDecimalAs("1.005", 10, 2, &value), NumberStatus::kOk);
  EXPECT_TRUE(value == 101);
  EXPECT_EQ(ParseDecimalAs(" 1.5e3 ", 10, 2, &value), NumberStatus::kOk);
  EXPECT_TRUE(value == 150000);
  EXPECT_EQ(ParseDecimalAs("999.995", 5, 2, &value), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseDecimalAs("999.994", 5, 2, &value), NumberStatus::kOk);
  EXPECT_EQ(
      ParseDecimalAs(std::string(100, '0') + "1" + std::string(100, '0') + "e-100", 38, 0, &value),
      NumberStatus::kOk);
  EXPECT_TRUE(value == 1);
  EXPECT_EQ(ParseDecimalAs(std::string(39, '9'), 38, 0, &value), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseDecimalAs(std::string(38, '9') + ".5", 38, 0, &value), NumberStatus::kOutOfRange);
}

TEST(NumberText, DoublesOutOfRangeAreTold) {
  double number = 0;
  float real = 0;
  EXPECT_EQ(ParseDouble("1e400", &number), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseDouble("-1e400", &number), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseReal("1e39", &real), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseDouble("1e-400", &number), NumberStatus::kOk);
  EXPECT_EQ(number, 0.0);
  EXPECT_EQ(ParseDouble("1.7976931348623157e308", &number), NumberStatus::kOk);
  EXPECT_EQ(ParseDouble("5e-324", &number), NumberStatus::kOk);
  EXPECT_EQ(number, 5e-324);
}

}  // namespace
}  // namespace tupelo
