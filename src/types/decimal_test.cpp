// types/decimal_test.cpp: decimals at their limits, and exactly compared with doubles.
#include "types/decimal.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "types/uint256.h"

namespace tupelo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

int128_t Max38() { return PowerOfTen(38) - 1; }

int128_t RandomNumber(std::mt19937_64& random) {
  int digits = static_cast<int>(random() % 38) + 1;
  auto bits = static_cast<uint128_t>(random()) << 64 | random();
  auto value = static_cast<int128_t>(bits % static_cast<uint128_t>(PowerOfTen(digits)));
  return random() % 2 == 0 ? value : -value;
}

double RandomDouble(std::mt19937_64& random) {
  double mantissa = static_cast<double>(static_cast<int64_t>(random()));
  switch (random() % 4) {
    case 0: return std::ldexp(mantissa, static_cast<int>(random() % 260) - 130);
    case 1: return static_cast<double>(static_cast<int64_t>(random() % 2000) - 1000) / 8;
    case 2: return static_cast<double>(static_cast<int64_t>(random() % 200000) - 100000) / 100;
    default: return std::ldexp(mantissa, static_cast<int>(random() % 2000) - 1050);
  }
}

// All digits of a double, as the C library prints them: exact.
std::string ExactText(double number) {
  char text[1600];
  int size = std::snprintf(text, sizeof(text), "%.1100f", std::fabs(number));
  return std::string(text, static_cast<size_t>(size));
}

// Compares two texts of numbers that are not negative.
int CompareTexts(std::string a, std::string b) {
  auto normalize = [](std::string& text) {
    if (text.find('.') == std::string::npos) text += '.';
    text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
    text.erase(text.find_last_not_of('0') + 1);
  };
  normalize(a);
  normalize(b);
  if (a.find('.') != b.find('.')) return a.find('.') < b.find('.') ? -1 : 1;
  int order = a.compare(b);
  return order < 0 ? -1 : order > 0;
}

TEST(Uint256, DividesAsLongDivisionByBitsDoes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    auto wide = [&] {
      auto value = static_cast<uint128_t>(random()) << 64 | random();
      if (random() % 8 == 0) value = ~value >> 1 << 1 | ~uint64_t{0};
      return value >> (random() % 128);
    };
    uint128_t divisor = wide() | 1;
    Uint256 value{wide(), wide() % divisor};
    uint128_t remainder;
    uint128_t quotient = DivideWide(value, divisor, &remainder);
    uint128_t rest = value.high, expected = 0;
    for (int bit = 127; bit >= 0; --bit) {
      bool carry = rest >> 127 != 0;
      rest = rest << 1 | (value.low >> bit & 1);
      expected <<= 1;
      if (carry || rest >= divisor) {
        rest -= divisor;
        expected |= 1;
      }
    }
    ASSERT_TRUE(quotient == expected && remainder == rest) << i;
    Uint256 back = Add(MultiplyWide(quotient, divisor), {remainder, 0});
    ASSERT_TRUE(back == value);
  }
}

TEST(Decimal, PowersOfTenAndDigitCountsAgree) {
  int128_t power = 1;
  for (int i = 0; i <= 38; ++i) {
    EXPECT_TRUE(PowerOfTen(i) == power);
    EXPECT_EQ(CountDigits(power), i + 1);
    EXPECT_EQ(CountDigits(-power), i + 1);
    EXPECT_EQ(CountDigits(power - 1), i == 0 ? 1 : i);
    if (i < 38) power *= 10;
  }
  EXPECT_EQ(CountDigits(0), 1);
  EXPECT_TRUE(FitsPrecision(999, 3));
  EXPECT_FALSE(FitsPrecision(1000, 3));
  EXPECT_TRUE(FitsPrecision(-999, 3));
  EXPECT_FALSE(FitsPrecision(-1000, 3));
}

TEST(Decimal, AdditionStopsAtThirtyEightDigits) {
  int128_t result = 0;
  EXPECT_TRUE(AddDecimals(Max38() - 1, 1, &result));
  EXPECT_TRUE(result == Max38());
  EXPECT_FALSE(AddDecimals(Max38(), 1, &result));
  EXPECT_FALSE(SubtractDecimals(-Max38(), 1, &result));
  EXPECT_FALSE(AddDecimals(Max38(), Max38(), &result));
  EXPECT_TRUE(SubtractDecimals(Max38(), Max38(), &result));
  EXPECT_TRUE(result == 0);
}

TEST(Decimal, MultiplicationUses256BitsWhereDigitsAreDropped) {
  int128_t result = 0;
  EXPECT_TRUE(MultiplyDecimals(PowerOfTen(37), -9, 0, &result));
  EXPECT_TRUE(result == -9 * PowerOfTen(37));
  EXPECT_FALSE(MultiplyDecimals(PowerOfTen(19), PowerOfTen(19), 0, &result));
  EXPECT_TRUE(MultiplyDecimals(PowerOfTen(37), PowerOfTen(37), 37, &result));
  EXPECT_TRUE(result == PowerOfTen(37));
  EXPECT_TRUE(MultiplyDecimals(Max38(), -Max38(), 38, &result));
  EXPECT_EQ(DecimalToString(result, 0), "-99999999999999999999999999999999999998");
  EXPECT_TRUE(MultiplyDecimals(Max38(), Max38(), 76, &result));
  EXPECT_TRUE(result == 1);
  EXPECT_TRUE(MultiplyDecimals(5, 1, 1, &result));
  EXPECT_TRUE(result == 1);
  EXPECT_TRUE(MultiplyDecimals(-5, 1, 1, &result));
  EXPECT_TRUE(result == -1);
  EXPECT_TRUE(MultiplyDecimals(7 * PowerOfTen(37), 7 * PowerOfTen(2), 40, &result));
  EXPECT_TRUE(result == 5);
}

TEST(Decimal, DivisionRoundsHalfUpAtAnyShift) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20000; ++i) {
    int128_t dividend = RandomNumber(random), divisor = RandomNumber(random) / 100;
    if (divisor == 0) continue;
    int shift = static_cast<int>(random() % 39);
    int128_t quotient = 0;
    if (!DivideDecimals(dividend, divisor, shift, &quotient)) continue;
    // 2 d q <= 2 n + d < 2 d (q + 1)
    auto n = static_cast<uint128_t>(dividend < 0 ? -dividend : dividend);
    auto d = static_cast<uint128_t>(divisor < 0 ? -divisor : divisor);
    auto q = static_cast<uint128_t>(quotient < 0 ? -quotient : quotient);
    Uint256 middle = MultiplyWide(n, static_cast<uint128_t>(PowerOfTen(shift)));
    middle = Add(ShiftLeft(middle, 1), {d, 0});
    auto below = [](const Uint256& a, const Uint256& b) {
      return a.high != b.high ? a.high < b.high : a.low < b.low;
    };
    ASSERT_FALSE(below(middle, MultiplyWide(2 * d, q)));
    ASSERT_TRUE(below(middle, MultiplyWide(2 * d, q + 1)));
    ASSERT_TRUE(q == 0 || (quotient < 0) == ((dividend < 0) != (divisor < 0)));
  }
}

TEST(Decimal, DivisionShiftsFarInBothDirections) {
  int128_t result = 0;
  EXPECT_TRUE(DivideDecimals(1, 3, 38, &result));
  EXPECT_EQ(DecimalToString(result, 38), "0.33333333333333333333333333333333333333");
  EXPECT_TRUE(DivideDecimals(2, 3 * PowerOfTen(37), 75, &result));
  EXPECT_EQ(DecimalToString(result, 38), "0.66666666666666666666666666666666666667");
  EXPECT_TRUE(DivideDecimals(-7, 9 * PowerOfTen(37), 75, &result));
  EXPECT_EQ(DecimalToString(result, 38), "-0.77777777777777777777777777777777777778");
  EXPECT_FALSE(DivideDecimals(Max38(), 1, 1, &result));
  EXPECT_FALSE(DivideDecimals(1, 1, 38, &result));
  EXPECT_FALSE(DivideDecimals(5, 1, 70, &result));
  EXPECT_TRUE(DivideDecimals(Max38(), Max38(), 0, &result));
  EXPECT_TRUE(result == 1);
  EXPECT_TRUE(DivideDecimals(15, 1, -1, &result));
  EXPECT_TRUE(result == 2);
  EXPECT_TRUE(DivideDecimals(-15, 1, -1, &result));
  EXPECT_TRUE(result == -2);
  EXPECT_TRUE(DivideDecimals(14, 1, -1, &result));
  EXPECT_TRUE(result == 1);
  EXPECT_TRUE(DivideDecimals(Max38(), 1, -76, &result));
  EXPECT_TRUE(result == 0);
  EXPECT_TRUE(DivideDecimals(Max38(), Max38(), -38, &result));
  EXPECT_TRUE(result == 0);
}

TEST(Decimal, RescalingRoundsAwayFromZero) {
  int128_t result = 0;
  EXPECT_TRUE(RescaleDecimal(125, 2, 1, &result));
  EXPECT_TRUE(result == 13);
  EXPECT_TRUE(RescaleDecimal(-125, 2, 1, &result));
  EXPECT_TRUE(result == -13);
  EXPECT_TRUE(RescaleDecimal(124, 2, 1, &result));
  EXPECT_TRUE(result == 12);
  EXPECT_TRUE(RescaleDecimal(7, 0, 37, &result));
  EXPECT_TRUE(result == 7 * PowerOfTen(37));
  EXPECT_FALSE(RescaleDecimal(7, 0, 38, &result));
  EXPECT_TRUE(RescaleDecimal(0, 0, 38, &result));
  EXPECT_TRUE(result == 0);
  EXPECT_TRUE(RescaleDecimal(Max38(), 38, 0, &result));
  EXPECT_TRUE(result == 1);
}

TEST(Decimal, FloorAndCeilingFollowTheSign) {
  EXPECT_TRUE(FloorDigits(-15, 1) == -2 && CeilingDigits(-15, 1) == -1);
  EXPECT_TRUE(FloorDigits(15, 1) == 1 && CeilingDigits(15, 1) == 2);
  EXPECT_TRUE(FloorDigits(-20, 1) == -2 && CeilingDigits(20, 1) == 2);
  EXPECT_TRUE(TruncateDigits(-19, 1) == -1);
}

TEST(Decimal, ComparesAcrossScalesWithoutOverflow) {
  EXPECT_EQ(CompareDecimals(150, 2, 15, 1), 0);
  EXPECT_LT(CompareDecimals(149, 2, 15, 1), 0);
  EXPECT_GT(CompareDecimals(Max38(), 0, Max38(), 38), 0);
  EXPECT_LT(CompareDecimals(Max38(), 38, Max38(), 0), 0);
  EXPECT_LT(CompareDecimals(-Max38(), 0, -Max38(), 38), 0);
  EXPECT_EQ(CompareDecimals(0, 0, 0, 38), 0);
}

TEST(Decimal, ComparesWithDoublesExactly) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) {
    int scale = static_cast<int>(random() % 39);
    double number = RandomDouble(random);
    int128_t unscaled = RandomNumber(random);
    if (random() % 2 == 0 && !DoubleToDecimal(number, scale, &unscaled)) continue;
    std::string text = DecimalToString(unscaled < 0 ? -unscaled : unscaled, scale);
    int expected;
    if ((unscaled < 0) != (number < 0) && unscaled != 0 && number != 0) {
      expected = unscaled < 0 ? -1 : 1;
    } else {
      expected = CompareTexts(text, ExactText(number));
      if (unscaled < 0 || number < 0) expected = -expected;
    }
    ASSERT_EQ(CompareDecimalWithDouble(unscaled, scale, number), expected)
        << DecimalToString(unscaled, scale) << " and " << number;
  }
}

TEST(Decimal, ComparesWithDoublesAtTheirEdges) {
  EXPECT_GT(CompareDecimalWithDouble(1, 1, 0.1 - 0x1p-56), 0);
  EXPECT_LT(CompareDecimalWithDouble(1, 1, 0.1), 0);  // the double is a little more than 0.1
  EXPECT_EQ(CompareDecimalWithDouble(125, 3, 0.125), 0);
  EXPECT_LT(CompareDecimalWithDouble(Max38(), 0, kInfinity), 0);
  EXPECT_GT(CompareDecimalWithDouble(-Max38(), 0, -kInfinity), 0);
  EXPECT_LT(CompareDecimalWithDouble(Max38(), 0, kNaN), 0);
  EXPECT_EQ(CompareDecimalWithDouble(0, 5, -0.0), 0);
  EXPECT_LT(CompareDecimalWithDouble(0, 0, 5e-324), 0);
  EXPECT_GT(CompareDecimalWithDouble(1, 38, 5e-324), 0);
  EXPECT_LT(CompareDecimalWithDouble(Max38(), 0, 1.7976931348623157e308), 0);
  EXPECT_LT(CompareDecimalWithDouble(int128_t{1} << 53, 0, 0x1p53 + 2), 0);
  EXPECT_GT(CompareDecimalWithDouble((int128_t{1} << 53) + 1, 0, 0x1p53), 0);
}

TEST(Decimal, IntegersCompareWithDoublesExactly) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_LT(CompareInt64WithDouble(kMost, 0x1p63), 0);
  EXPECT_GT(CompareInt64WithDouble(kMost, 0x1p63 - 1024), 0);
  EXPECT_EQ(CompareInt64WithDouble(kLeast, -0x1p63), 0);
  EXPECT_GT(CompareInt64WithDouble(kLeast, -0x1p63 - 2048), 0);
  EXPECT_GT(CompareInt64WithDouble((int64_t{1} << 53) + 1, 0x1p53), 0);
  EXPECT_LT(CompareInt64WithDouble(1, 1.5), 0);
  EXPECT_GT(CompareInt64WithDouble(-1, -1.5), 0);
  EXPECT_EQ(CompareInt64WithDouble(0, -0.0), 0);
  EXPECT_LT(CompareInt64WithDouble(0, 5e-324), 0);
  EXPECT_GT(CompareInt64WithDouble(kLeast, -kInfinity), 0);
  EXPECT_LT(CompareInt64WithDouble(kMost, kInfinity), 0);
  EXPECT_LT(CompareInt64WithDouble(kMost, kNaN), 0);
}

TEST(Decimal, BecomesTheNearestDouble) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 20000; ++i) {
    int128_t unscaled = RandomNumber(random);
    int scale = static_cast<int>(random() % 39);
    std::string text = DecimalToString(unscaled, scale);
    ASSERT_EQ(DecimalToDouble(unscaled, scale), std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(Decimal, TakesTheExactValueOfADouble) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 5000; ++i) {
    double number = RandomDouble(random);
    int scale = static_cast<int>(random() % 39);
    std::string text = ExactText(number);
    size_t kept = text.find('.') + 1 + static_cast<size_t>(scale);
    bool up = text[kept] >= '5';
    std::string digits = text.substr(0, text.find('.')) +
                         text.substr(text.find('.') + 1, static_cast<size_t>(scale));
    DecimalNumber expected;
    bool fits = ParseDecimal(digits, &expected) == NumberStatus::kOk;
    if (fits && up) fits = AddDecimals(expected.unscaled, 1, &expected.unscaled);
    int128_t unscaled = 0;
    ASSERT_EQ(DoubleToDecimal(number, scale, &unscaled), fits) << number << " scale " << scale;
    if (!fits) continue;
    ASSERT_TRUE(unscaled == (number < 0 ? -expected.unscaled : expected.unscaled))
        << number << " scale " << scale << ": " << DecimalToString(unscaled, scale);
  }
  int128_t unscaled = 0;
  EXPECT_FALSE(DoubleToDecimal(kNaN, 0, &unscaled));
  EXPECT_FALSE(DoubleToDecimal(-kInfinity, 0, &unscaled));
  EXPECT_TRUE(DoubleToDecimal(-2.5, 0, &unscaled));
  EXPECT_TRUE(unscaled == -3);
}

TEST(Decimal, WholeNumbersFromDoublesAreChecked) {
  int64_t integer = 0;
  EXPECT_TRUE(DoubleToInt64(2.5, &integer));
  EXPECT_EQ(integer, 3);
  EXPECT_TRUE(DoubleToInt64(-2.5, &integer));
  EXPECT_EQ(integer, -3);
  EXPECT_TRUE(DoubleToInt64(-0x1p63, &integer));
  EXPECT_FALSE(DoubleToInt64(0x1p63, &integer));
  EXPECT_FALSE(DoubleToInt64(kNaN, &integer));
}

TEST(Decimal, ReadsExactLiterals) {
  auto read = [](std::string_view text) {
    DecimalNumber number;
    EXPECT_EQ(ParseDecimal(text, &number), NumberStatus::kOk) << text;
    return std::make_tuple(static_cast<int64_t>(number.unscaled), int{number.precision},
                           int{number.scale});
  };
  EXPECT_EQ(read("12.50"), std::make_tuple(1250, 4, 2));
  EXPECT_EQ(read("-.5"), std::make_tuple(-5, 1, 1));
  EXPECT_EQ(read("+7."), std::make_tuple(7, 1, 0));
  EXPECT_EQ(read("0"), std::make_tuple(0, 1, 0));
  EXPECT_EQ(read("0.05"), std::make_tuple(5, 2, 2));
  EXPECT_EQ(read("000123"), std::make_tuple(123, 3, 0));
  DecimalNumber number;
  for (std::string_view bad :
       {"", "+", ".", "-.", "1e5", "1.2.3", " 1", "1 ", "--1", "0x1", "1,5"}) {
    EXPECT_EQ(ParseDecimal(bad, &number), NumberStatus::kInvalid) << bad;
  }
  EXPECT_EQ(ParseDecimal(std::string(38, '9'), &number), NumberStatus::kOk);
  EXPECT_TRUE(number.unscaled == Max38() && number.precision == 38);
  EXPECT_EQ(ParseDecimal(std::string(39, '9'), &number), NumberStatus::kOutOfRange);
  EXPECT_EQ(ParseDecimal("0." + std::string(39, '0'), &number), NumberStatus::kOutOfRange);
}

TEST(Decimal, TextRoundTrips) {
  EXPECT_EQ(DecimalToString(5, 2), "0.05");
  EXPECT_EQ(DecimalToString(-5, 2), "-0.05");
  EXPECT_EQ(DecimalToString(0, 0), "0");
  EXPECT_EQ(DecimalToString(0, 3), "0.000");
  EXPECT_EQ(DecimalToString(PowerOfTen(18), 0), "1000000000000000000");
  EXPECT_EQ(DecimalToString(-Max38(), 38), "-0." + std::string(38, '9'));
  std::mt19937_64 random(6);
  for (int i = 0; i < 5000; ++i) {
    int128_t value = RandomNumber(random);
    int scale = static_cast<int>(random() % 39);
    DecimalNumber number;
    ASSERT_EQ(ParseDecimal(DecimalToString(value, scale), &number), NumberStatus::kOk);
    ASSERT_TRUE(number.unscaled == value && number.scale == scale);
  }
}

}  // namespace
}  // namespace tupelo
