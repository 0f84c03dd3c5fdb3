// functions/comparison_test.cpp: comparisons, IS DISTINCT FROM, NOT and the tests of truth and
// null.
#include <algorithm>
#include <limits>

#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

constexpr const char* kOperators[] = {"=", "<>", "<", "<=", ">", ">="};

// Expects left < right, or left = right, by all six operators, both ways round.
void ExpectOrder(const Column& left, const Column& right, int order) {
  const bool expected[] = {order == 0, order != 0, order<0, order <= 0, order> 0, order >= 0};
  const bool mirrored[] = {order == 0, order != 0, order > 0, order >= 0, order < 0, order <= 0};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(Evaluate(kOperators[i], {left, right}), Texts{expected[i] ? "TRUE" : "FALSE"})
        << left.texts[0] << " " << kOperators[i] << " " << right.texts[0];
    EXPECT_EQ(Evaluate(kOperators[i], {right, left}), Texts{mirrored[i] ? "TRUE" : "FALSE"})
        << right.texts[0] << " " << kOperators[i] << " " << left.texts[0];
  }
  EXPECT_EQ(Evaluate("IS DISTINCT FROM", {left, right}), Texts{order != 0 ? "TRUE" : "FALSE"});
  EXPECT_EQ(Evaluate("IS NOT DISTINCT FROM", {left, right}), Texts{order == 0 ? "TRUE" : "FALSE"});
}

TEST(Comparison, ValuesOfEachTypeHaveAnOrder) {
  for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt(), Type::Decimal(9, 2),
                           Type::Decimal(30, 2), Type::Real(), Type::Double()}) {
    ExpectOrder({type, {"-3"}}, {type, {"4"}}, -1);
    ExpectOrder({type, {"4"}}, {type, {"4"}}, 0);
  }
  ExpectOrder({Type::Boolean(), {"FALSE"}}, {Type::Boolean(), {"TRUE"}}, -1);
  ExpectOrder({Type::Date(), {"2024-01-31"}}, {Type::Date(), {"2024-02-01"}}, -1);
  ExpectOrder({Type::Time(), {"10:00:00"}}, {Type::Time(), {"10:00:01"}}, -1);
  ExpectOrder({Type::Timestamp(), {"2024-01-31 10:00:00"}},
              {Type::Timestamp(), {"2024-01-31 09:59:59"}}, 1);
  Type months = Type::Interval(IntervalField::kYear, IntervalField::kMonth);
  ExpectOrder({months, {"1-1"}}, {months, {"1-2"}}, -1);
  Type days = Type::Interval(IntervalField::kDay, IntervalField::kSecond);
  ExpectOrder({days, {"1 00:00:00"}}, {days, {"0 23:59:59.5"}}, 1);
  ExpectOrder({Type::Blob(), {"ab"}}, {Type::Blob(), {"abc"}}, -1);
}

TEST(Comparison, TimesWithTimeZonesAreOrderedByInstant) {
  Type zoned = Type::TimestampTz();
  ExpectOrder({zoned, {"2024-01-01 12:00:00+02:00"}}, {zoned, {"2024-01-01 10:00:00+00:00"}}, 0);
  ExpectOrder({zoned, {"2024-01-01 12:00:00+02:00"}}, {Type::Timestamp(), {"2024-01-01 11:00:00"}},
              -1);
}

TEST(Comparison, ExactNumbersOfDifferentTypesAreComparedExactly) {
  ExpectOrder({Type::SmallInt(), {"5"}}, {Type::BigInt(), {"5000000000"}}, -1);
  ExpectOrder({Type::Integer(), {"1"}}, {Type::Decimal(5, 3), {"1.001"}}, -1);
  ExpectOrder({Type::Decimal(5, 1), {"1.5"}}, {Type::Decimal(10, 4), {"1.5000"}}, 0);
  ExpectOrder({Type::BigInt(), {"9223372036854775807"}}, {Type::Decimal(38, 30), {"0.5"}}, 1);
  ExpectOrder({Type::Decimal(38, 0), {"1"}},
              {Type::Decimal(38, 37), {"1.0000000000000000000000000000000000001"}}, -1);
}

TEST(Comparison, ExactAndApproximateNumbersAreComparedExactly) {
  ExpectOrder({Type::BigInt(), {"9007199254740993"}}, {Type::Double(), {"9007199254740992"}}, 1);
  ExpectOrder({Type::BigInt(), {"9223372036854775807"}}, {Type::Double(), {"9223372036854775808"}},
              -1);
  ExpectOrder({Type::Decimal(3, 1), {"0.1"}}, {Type::Double(), {"0.1"}}, -1);
  ExpectOrder({Type::Decimal(30, 1), {"0.5"}}, {Type::Double(), {"0.5"}}, 0);
  ExpectOrder({Type::Integer(), {"3"}}, {Type::Double(), {"3.5"}}, -1);
  ExpectOrder({Type::Integer(), {"16777217"}}, {Type::Real(), {"16777216"}}, 1);
  ExpectOrder({Type::Real(), {"0.5"}}, {Type::Double(), {"0.5"}}, 0);
}

template <typename T>
void ExpectNanIsGreatest(const Type& type) {
  constexpr T kNan = std::numeric_limits<T>::quiet_NaN();
  const T lefts[] = {kNan, kNan, 1, T(-0.0)}, rights[] = {kNan, 1, -kNan, 0};
  const int orders[] = {0, 1, -1, 0};
  std::vector<Vector> arguments(2);
  for (Vector& argument : arguments) {
    argument.SetType(type);
    argument.PrepareWrite(4);
  }
  std::copy_n(lefts, 4, arguments[0].MutableData<T>());
  std::copy_n(rights, 4, arguments[1].MutableData<T>());
  for (int op = 0; op < 6; ++op) {
    Texts expected;
    for (int order : orders) {
      const bool holds[] = {order == 0, order != 0, order<0, order <= 0, order> 0, order >= 0};
      expected.push_back(holds[op] ? "TRUE" : "FALSE");
    }
    std::vector<Type> types{type, type};
    EXPECT_EQ(EvaluateAllForms(ResolveFunction(kOperators[op], types), arguments, 4), expected)
        << kOperators[op];
  }
}

TEST(Comparison, NanEqualsItselfAndIsTheGreatest) {
  ExpectNanIsGreatest<float>(Type::Real());
  ExpectNanIsGreatest<double>(Type::Double());
}

TEST(Comparison, CharacterPadsAndVaryingDoesNot) {
  ExpectOrder({Type::Char(5), {"ab   "}}, {Type::Varchar(9), {"ab"}}, 0);
  ExpectOrder({Type::Char(2), {"ab"}}, {Type::Char(4), {"ab  "}}, 0);
  ExpectOrder({Type::Char(4), {"ab  "}}, {Type::Char(4), {"abc "}}, -1);
  ExpectOrder({Type::Varchar(), {"ab"}}, {Type::Varchar(), {"ab "}}, -1);
  ExpectOrder({Type::Varchar(), {"a string that is long, 1"}},
              {Type::Varchar(), {"a string that is long, 2"}}, -1);
  ExpectOrder({Type::Varchar(), {"é"}}, {Type::Varchar(), {"z"}}, 1);
}

TEST(Comparison, NullsAreUnknownButDistinct) {
  Column left{Type::Integer(), {"1", kNull, "1", kNull, "2"}},
      right{Type::Integer(), {"1", "1", kNull, kNull, "1"}};
  EXPECT_EQ(Evaluate("=", {left, right}), (Texts{"TRUE", "NULL", "NULL", "NULL", "FALSE"}));
  EXPECT_EQ(Evaluate("IS DISTINCT FROM", {left, right}),
            (Texts{"FALSE", "TRUE", "TRUE", "FALSE", "TRUE"}));
  EXPECT_EQ(Evaluate("IS NOT DISTINCT FROM", {left, right}),
            (Texts{"TRUE", "FALSE", "FALSE", "TRUE", "FALSE"}));
  Column text{Type::Varchar(), {"a long enough string", kNull}}, none{Type::Null(), {kNull, kNull}};
  EXPECT_EQ(Evaluate("=", {text, none}), (Texts{"NULL", "NULL"}));
  EXPECT_EQ(Evaluate("IS DISTINCT FROM", {text, none}), (Texts{"TRUE", "FALSE"}));
  EXPECT_EQ(Evaluate("=", {none, none}), (Texts{"NULL", "NULL"}));
}

TEST(Comparison, ValuesOfDifferentKindsAreNotComparable) {
  EXPECT_EQ(StateOfCall("=", {{Type::Varchar(), {"1"}}, {Type::Integer(), {"1"}}}), "42883");
  EXPECT_EQ(StateOfCall("<", {{Type::Boolean(), {"TRUE"}}, {Type::Integer(), {"1"}}}), "42883");
  EXPECT_EQ(StateOfCall("=", {{Type::Date(), {"2024-01-01"}}, {Type::Time(), {"10:00:00"}}}),
            "42883");
}

TEST(Boolean, TruthTestsAreNeverNull) {
  Column value{Type::Boolean(), {"TRUE", "FALSE", kNull}};
  EXPECT_EQ(Evaluate("NOT", {value}), (Texts{"FALSE", "TRUE", "NULL"}));
  EXPECT_EQ(Evaluate("IS TRUE", {value}), (Texts{"TRUE", "FALSE", "FALSE"}));
  EXPECT_EQ(Evaluate("IS NOT TRUE", {value}), (Texts{"FALSE", "TRUE", "TRUE"}));
  EXPECT_EQ(Evaluate("IS FALSE", {value}), (Texts{"FALSE", "TRUE", "FALSE"}));
  EXPECT_EQ(Evaluate("IS NOT FALSE", {value}), (Texts{"TRUE", "FALSE", "TRUE"}));
  EXPECT_EQ(Evaluate("IS UNKNOWN", {value}), (Texts{"FALSE", "FALSE", "TRUE"}));
  EXPECT_EQ(Evaluate("IS NOT UNKNOWN", {value}), (Texts{"TRUE", "TRUE", "FALSE"}));
  Column known{Type::Boolean(), {"TRUE", "FALSE"}};
  EXPECT_EQ(Evaluate("IS TRUE", {known}), (Texts{"TRUE", "FALSE"}));
  EXPECT_EQ(Evaluate("IS NOT TRUE", {known}), (Texts{"FALSE", "TRUE"}));
  EXPECT_EQ(Evaluate("IS FALSE", {known}), (Texts{"FALSE", "TRUE"}));
  EXPECT_EQ(Evaluate("IS NOT FALSE", {known}), (Texts{"TRUE", "FALSE"}));
}

TEST(Boolean, NullTestsTakeAnyType) {
  for (const Type& type : {Type::Integer(), Type::Decimal(30, 0), Type::Double()}) {
    EXPECT_EQ(Evaluate("IS NULL", {{type, {"1", kNull}}}), (Texts{"FALSE", "TRUE"}));
    EXPECT_EQ(Evaluate("IS NOT NULL", {{type, {"1", kNull}}}), (Texts{"TRUE", "FALSE"}));
    EXPECT_EQ(Evaluate("IS NULL", {{type, {"1", "2"}}}), (Texts{"FALSE", "FALSE"}));
  }
  EXPECT_EQ(Evaluate("IS NULL", {{Type::Varchar(), {"x", kNull}}}), (Texts{"FALSE", "TRUE"}));
  EXPECT_EQ(StateOfCall("NOT", {{Type::Integer(), {"1"}}}), "42883");
  EXPECT_EQ(StateOfCall("IS TRUE", {{Type::Varchar(), {"1"}}}), "42883");
}

}  // namespace
}  // namespace tupelo::testing
