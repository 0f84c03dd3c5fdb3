// functions/numeric_test.cpp: numeric functions, GREATEST and LEAST.
#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

TEST(Numeric, AbsSignAndModWorkOnEveryType) {
  for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt(), Type::Decimal(5, 0),
                           Type::Decimal(30, 0), Type::Real(), Type::Double()}) {
    Column value{type, {"-7", "7", "0", kNull}}, divisor{type, {"3", "-3", "5", "1"}};
    EXPECT_EQ(Evaluate("ABS", {value}), (Texts{"7", "7", "0", "NULL"})) << type.ToString();
    EXPECT_EQ(Evaluate("SIGN", {value}), (Texts{"-1", "1", "0", "NULL"})) << type.ToString();
    EXPECT_EQ(Evaluate("MOD", {value, divisor}), (Texts{"-1", "1", "0", "NULL"}))
        << type.ToString();
  }
  EXPECT_EQ(Evaluate("MOD", {{Type::Decimal(4, 1), {"7.5"}}, {Type::Decimal(4, 2), {"2.25"}}}),
            Texts{"0.75"});
  Type months = Type::Interval(IntervalField::kYear, IntervalField::kMonth);
  EXPECT_EQ(Evaluate("ABS", {{months, {"-1-2"}}}), Texts{"1-2"});
}

TEST(Numeric, CeilingFloorRoundAndTruncDropTheFraction) {
  for (int precision : {5, 30}) {
    Column value{Type::Decimal(precision, 2), {"1.50", "-1.50", "1.49", "-1.49", "2.00", kNull}};
    EXPECT_EQ(Evaluate("CEILING", {value}), (Texts{"2", "-1", "2", "-1", "2", "NULL"}));
    EXPECT_EQ(Evaluate("CEIL", {value}), (Texts{"2", "-1", "2", "-1", "2", "NULL"}));
    EXPECT_EQ(Evaluate("FLOOR", {value}), (Texts{"1", "-2", "1", "-2", "2", "NULL"}));
    EXPECT_EQ(Evaluate("ROUND", {value}), (Texts{"2", "-2", "1", "-1", "2", "NULL"}));
    EXPECT_EQ(Evaluate("TRUNC", {value}), (Texts{"1", "-1", "1", "-1", "2", "NULL"}));
  }
  Column real{Type::Double(), {"1.5", "-1.5"}};
  EXPECT_EQ(Evaluate("CEILING", {real}), (Texts{"2", "-1"}));
  EXPECT_EQ(Evaluate("FLOOR", {real}), (Texts{"1", "-2"}));
  EXPECT_EQ(Evaluate("ROUND", {real}), (Texts{"2", "-2"}));
  EXPECT_EQ(Evaluate("FLOOR", {{Type::SmallInt(), {"-32768"}}}), Texts{"-32768"});
  EXPECT_EQ(Evaluate("ROUND", {{Type::Decimal(3, 1), {"99.9"}}}), Texts{"100"});
}

TEST(Numeric, RoundAndTruncTakeANumberOfDigits) {
  Column value{Type::Decimal(7, 3), {"1.250", "-1.250", "1254.999", "9999.999"}};
  Column digits{Type::Integer(), {"1", "1", "-2", "2"}};
  EXPECT_EQ(Evaluate("ROUND", {value, digits}),
            (Texts{"1.300", "-1.300", "1300.000", "10000.000"}));
  EXPECT_EQ(Evaluate("TRUNC", {value, digits}), (Texts{"1.200", "-1.200", "1200.000", "9999.990"}));
  EXPECT_EQ(Evaluate("ROUND", {{Type::Integer(), {"1250", "-1250", "49"}},
                               {Type::Integer(), {"-2", "-2", "-50"}}}),
            (Texts{"1300", "-1300", "0"}));
  EXPECT_EQ(StateOfCall("ROUND", {{Type::SmallInt(), {"32767"}}, {Type::Integer(), {"-1"}}}),
            "22003");
  EXPECT_EQ(
      Evaluate("ROUND", {{Type::Double(), {"2.346", "1250"}}, {Type::Integer(), {"2", "-2"}}}),
      (Texts{"2.35", "1300"}));
}

TEST(Numeric, MathFunctionsKnowTheirDomains) {
  auto one = [](const char* name, const char* value) {
    return Evaluate(name, {{Type::Double(), {value}}});
  };
  auto state = [](const char* name, const char* value) {
    return StateOfCall(name, {{Type::Double(), {value}}});
  };
  EXPECT_EQ(Evaluate("SQRT", {{Type::Integer(), {"16", kNull}}}), (Texts{"4", "NULL"}));
  EXPECT_EQ(state("SQRT", "-1"), "2201F");
  EXPECT_EQ(one("EXP", "0"), Texts{"1"});
  EXPECT_EQ(state("EXP", "1000"), "22003");
  EXPECT_EQ(one("LN", "1"), Texts{"0"});
  EXPECT_EQ(state("LN", "0"), "2201E");
  EXPECT_EQ(one("LOG10", "1000"), Texts{"3"});
  EXPECT_EQ(state("LOG10", "-1"), "2201E");
  EXPECT_EQ(one("SIN", "0"), Texts{"0"});
  EXPECT_EQ(one("COS", "0"), Texts{"1"});
  EXPECT_EQ(one("TAN", "0"), Texts{"0"});
  EXPECT_EQ(one("ASIN", "0"), Texts{"0"});
  EXPECT_EQ(one("ACOS", "1"), Texts{"0"});
  EXPECT_EQ(state("ACOS", "2"), "22003");
  EXPECT_EQ(state("ASIN", "-2"), "22003");
  EXPECT_EQ(one("ATAN", "0"), Texts{"0"});
  EXPECT_EQ(one("DEGREES", "0"), Texts{"0"});
  EXPECT_EQ(one("RADIANS", "0"), Texts{"0"});
  EXPECT_EQ(Evaluate("PI", {}), Texts{"3.141592653589793"});
  auto power = [](const char* base, const char* exponent) {
    return StateOfCall("POWER", {{Type::Double(), {base}}, {Type::Double(), {exponent}}});
  };
  EXPECT_EQ(Evaluate("POWER", {{Type::Integer(), {"2"}}, {Type::Integer(), {"10"}}}),
            Texts{"1024"});
  EXPECT_EQ(Evaluate("ATAN2", {{Type::Integer(), {"0"}}, {Type::Integer(), {"1"}}}), Texts{"0"});
  EXPECT_EQ(power("0", "-1"), "2201F");
  EXPECT_EQ(power("-8", "0.5"), "2201F");
  EXPECT_EQ(power("10", "400"), "22003");
}

TEST(Numeric, GreatestAndLeastCompareInTheCommonType) {
  Column a{Type::Integer(), {"1", "5", kNull}}, b{Type::BigInt(), {"3", "2", "1"}},
      c{Type::Decimal(3, 1), {"2.5", "2.5", "1"}};
  EXPECT_EQ(Evaluate("GREATEST", {a, b, c}), (Texts{"3.0", "5.0", "NULL"}));
  EXPECT_EQ(Evaluate("LEAST", {a, b, c}), (Texts{"1.0", "2.0", "NULL"}));
  EXPECT_EQ(Evaluate("GREATEST",
                     {{Type::Varchar(), {"a long string, the first"}}, {Type::Varchar(), {"b"}}}),
            Texts{"b"});
  EXPECT_EQ(StateOfCall("LEAST", {a, {Type::Varchar(), {"1", "2", "3"}}}), "42883");
}

}  // namespace
}  // namespace tupelo::testing
