// functions/arithmetic_test.cpp: + - * / and unary minus on numbers.
#include <limits>

#include "functions/evaluate_for_test.h"
#include "functions/types_of_arithmetic.h"

namespace tupelo::testing {
namespace {

const Type kAllIntegers[] = {Type::SmallInt(), Type::Integer(), Type::BigInt()};

TEST(Arithmetic, IntegersOfEveryWidthAreCalculatedAndNullsStayNull) {
  for (const Type& type : kAllIntegers) {
    Column left{type, {"7", "-7", kNull, "7", "0"}}, right{type, {"2", "2", "1", kNull, "-5"}};
    EXPECT_EQ(Evaluate("+", {left, right}), (Texts{"9", "-5", "NULL", "NULL", "-5"}));
    EXPECT_EQ(Evaluate("-", {left, right}), (Texts{"5", "-9", "NULL", "NULL", "5"}));
    EXPECT_EQ(Evaluate("*", {left, right}), (Texts{"14", "-14", "NULL", "NULL", "0"}));
    EXPECT_EQ(Evaluate("/", {left, right}), (Texts{"3", "-3", "NULL", "NULL", "0"}));
    EXPECT_EQ(Evaluate("NEG", {left}), (Texts{"-7", "7", "NULL", "-7", "0"}));
    EXPECT_EQ(Evaluate("+", {left}), (Texts{"7", "-7", "NULL", "7", "0"}));
  }
}

TEST(Arithmetic, TheResultOfIntegersIsTheWiderType) {
  Type result;
  Evaluate("+", {{Type::SmallInt(), {"1"}}, {Type::BigInt(), {"2"}}}, &result);
  EXPECT_EQ(result, Type::BigInt());
  Evaluate("*", {{Type::Integer(), {"1"}}, {Type::SmallInt(), {"2"}}}, &result);
  EXPECT_EQ(result, Type::Integer());
}

TEST(Arithmetic, OverflowOfEveryIntegerOperatorIs22003) {
  struct Limits {
    Type type;
    const char *lowest, *highest;
  };
  for (const Limits& limits :
       {Limits{Type::SmallInt(), "-32768", "32767"},
        Limits{Type::Integer(), "-2147483648", "2147483647"},
        Limits{Type::BigInt(), "-9223372036854775808", "9223372036854775807"}}) {
    Column low{limits.type, {"1", limits.lowest}}, high{limits.type, {"1", limits.highest}};
    Column one{limits.type, {"1", "1"}}, minus_one{limits.type, {"1", "-1"}},
        two{limits.type, {"1", "2"}};
    EXPECT_EQ(StateOfCall("+", {high, one}), "22003");
    EXPECT_EQ(StateOfCall("+", {low, minus_one}), "22003");
    EXPECT_EQ(StateOfCall("-", {low, one}), "22003");
    EXPECT_EQ(StateOfCall("*", {high, two}), "22003");
    EXPECT_EQ(StateOfCall("*", {low, minus_one}), "22003");
    EXPECT_EQ(StateOfCall("/", {low, minus_one}), "22003");
    EXPECT_EQ(StateOfCall("NEG", {low}), "22003");
    EXPECT_EQ(StateOfCall("ABS", {low}), "22003");
    EXPECT_EQ(Evaluate("MOD", {low, minus_one}), (Texts{"0", "0"}));
    EXPECT_EQ(Evaluate("+", {low, one})[1].substr(0, 1), "-");
  }
}

TEST(Arithmetic, DivisionByZeroIs22012ForEveryType) {
  for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt(), Type::Decimal(5, 2),
                           Type::Decimal(30, 2), Type::Real(), Type::Double()}) {
    EXPECT_EQ(StateOfCall("/", {{type, {"1", "1"}}, {type, {"1", "0"}}}), "22012")
        << type.ToString();
    EXPECT_EQ(StateOfCall("MOD", {{type, {"1", "1"}}, {type, {"1", "0"}}}), "22012");
  }
}

TEST(Arithmetic, NullRowsRaiseNothing) {
  for (const Type& type :
       {Type::Integer(), Type::Decimal(5, 2), Type::Decimal(30, 2), Type::Double()}) {
    EXPECT_EQ(Evaluate("/", {{type, {kNull, kNull}}, {type, {"0", "0"}}}), (Texts{"NULL", "NULL"}));
    EXPECT_EQ(Evaluate("/", {{type, {"1", kNull}}, {type, {kNull, "0"}}}), (Texts{"NULL", "NULL"}));
  }
}

TEST(Arithmetic, AFailingRowOutsideTheListOfRowsRaisesNothing) {
  std::vector<Type> types{Type::Integer(), Type::Integer()};
  BoundFunction divide = ResolveFunction("/", types);
  std::vector<Vector> arguments;
  arguments.push_back(MakeVector({Type::Integer(), {"1", "8"}}));
  arguments.push_back(MakeVector({Type::Integer(), {"0", "2"}}));
  uint16_t second = 1;
  Vector result(divide.result);
  RunKernel(divide, arguments, {&second, 1}, &result);
  EXPECT_EQ(Value::FromVector(result, 1).ToString(), "4");
}

TEST(Arithmetic, DecimalsKeepEveryDigit) {
  Column a{Type::Decimal(10, 2), {"1.25", "-1.25", kNull}},
      b{Type::Decimal(6, 3), {"0.125", "2.000", "1"}};
  Type result;
  EXPECT_EQ(Evaluate("+", {a, b}, &result), (Texts{"1.375", "0.750", "NULL"}));
  EXPECT_EQ(result, Type::Decimal(12, 3));
  EXPECT_EQ(Evaluate("-", {a, b}), (Texts{"1.125", "-3.250", "NULL"}));
  EXPECT_EQ(Evaluate("*", {a, b}, &result), (Texts{"0.15625", "-2.50000", "NULL"}));
  EXPECT_EQ(result, Type::Decimal(16, 5));
  EXPECT_EQ(Evaluate("/", {a, b}, &result), (Texts{"10.000000", "-0.625000", "NULL"}));
  EXPECT_EQ(result, Type::Decimal(17, 6));
  EXPECT_EQ(Evaluate("NEG", {a}), (Texts{"-1.25", "1.25", "NULL"}));
}

TEST(Arithmetic, DecimalQuotientsAreRoundedHalfUpAwayFromZero) {
  for (int precision : {5, 12, 30}) {
    Type type = Type::Decimal(precision, 0);
    Column dividend{type, {"1", "2", "-2", "1", "-1"}}, divisor{type, {"3", "3", "3", "-1", "-1"}};
    Texts quotients = Evaluate("/", {dividend, divisor});
    EXPECT_EQ(quotients, (Texts{"0.333333", "0.666667", "-0.666667", "-1.000000", "1.000000"}))
        << precision;
  }
}

TEST(Arithmetic, WideDecimalsAreExactAndTheirOverflowIs22003) {
  const char* highest = "99999999999999999999999999999999999999";
  Type wide = Type::Decimal(38, 0);
  EXPECT_EQ(Evaluate("+", {{Type::Decimal(18, 0), {"999999999999999999"}},
                           {Type::Decimal(18, 0), {"1"}}}),
            Texts{"1000000000000000000"});
  EXPECT_EQ(Evaluate("*", {{Type::Decimal(18, 0), {"999999999999999999"}},
                           {Type::Decimal(18, 0), {"-999999999999999999"}}}),
            Texts{"-999999999999999998000000000000000001"});
  EXPECT_EQ(Evaluate("-", {{wide, {highest}}, {wide, {"1"}}}),
            Texts{"99999999999999999999999999999999999998"});
  EXPECT_EQ(StateOfCall("+", {{wide, {highest}}, {wide, {"1"}}}), "22003");
  EXPECT_EQ(StateOfCall("*", {{wide, {highest}}, {Type::Integer(), {"2"}}}), "22003");
  EXPECT_EQ(Evaluate("/", {{wide, {highest}}, {wide, {highest}}}), Texts{"1.000000"});
  EXPECT_EQ(StateOfCall("/", {{wide, {highest}}, {wide, {"1"}}}), "22003");
  EXPECT_EQ(Evaluate("*", {{Type::Decimal(38, 30), {"0.5"}}, {Type::Decimal(38, 30), {"0.5"}}}),
            Texts{"0.25000000000000000000000000000000000000"});
}

TEST(Arithmetic, IntegersAndDecimalsMix) {
  Type result;
  EXPECT_EQ(Evaluate("*", {{Type::Integer(), {"3"}}, {Type::Decimal(4, 2), {"1.05"}}}, &result),
            Texts{"3.15"});
  EXPECT_EQ(result, Type::Decimal(14, 2));
  EXPECT_EQ(
      Evaluate("+", {{Type::BigInt(), {"9223372036854775807"}}, {Type::Decimal(2, 1), {"0.5"}}}),
      Texts{"9223372036854775807.5"});
  EXPECT_EQ(Evaluate("-", {{Type::Decimal(2, 1), {"0.5"}}, {Type::SmallInt(), {"3"}}}),
            Texts{"-2.5"});
}

TEST(Arithmetic, ApproximateNumbersOverflowTo22003) {
  Type result;
  EXPECT_EQ(Evaluate("+", {{Type::Real(), {"1.5"}}, {Type::Real(), {"2"}}}, &result), Texts{"3.5"});
  EXPECT_EQ(result, Type::Real());
  EXPECT_EQ(Evaluate("*", {{Type::Real(), {"1.5"}}, {Type::Decimal(4, 2), {"2"}}}, &result),
            Texts{"3"});
  EXPECT_EQ(result, Type::Double());
  EXPECT_EQ(Evaluate("/", {{Type::Double(), {"1", kNull}}, {Type::Integer(), {"4", "0"}}}),
            (Texts{"0.25", "NULL"}));
  EXPECT_EQ(StateOfCall("*", {{Type::Double(), {"1e308"}}, {Type::Double(), {"10"}}}), "22003");
  EXPECT_EQ(StateOfCall("*", {{Type::Real(), {"1e38"}}, {Type::Real(), {"10"}}}), "22003");
  EXPECT_EQ(StateOfCall("+", {{Type::Double(), {"1.7e308"}}, {Type::Double(), {"1.7e308"}}}),
            "22003");
  EXPECT_EQ(StateOfCall("-", {{Type::Double(), {"-1.7e308"}}, {Type::Double(), {"1.7e308"}}}),
            "22003");
  EXPECT_EQ(Evaluate("NEG", {{Type::Double(), {"1.5"}}}), Texts{"-1.5"});
}

TEST(Arithmetic, AStoredInfinityIsPassedOn) {
  std::vector<Type> types{Type::Double(), Type::Double()};
  std::vector<Vector> arguments;
  arguments.push_back(MakeVector({Type::Double(), {"1", "2"}}));
  arguments.push_back(MakeVector({Type::Double(), {"1", "2"}}));
  arguments[0].MutableData<double>()[1] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(EvaluateAllForms(ResolveFunction("+", types), arguments, 2), (Texts{"2", "Infinity"}));
  arguments[1].MutableData<double>()[1] = 0;
  Vector result(Type::Double());
  EXPECT_EQ(StateOf([&] {
              RunKernel(ResolveFunction("/", types), arguments, {nullptr, 2}, &result);
            }),
            "22012");
}

TEST(Arithmetic, UntypedNullTakesTheOtherSidesType) {
  Type result;
  EXPECT_EQ(Evaluate("+", {{Type::Null(), {kNull}}, {Type::Integer(), {"1"}}}, &result),
            Texts{"NULL"});
  EXPECT_EQ(result, Type::Integer());
}

TEST(Arithmetic, AWholeVectorIsCalculatedAndItsOneBadRowFound) {
  std::vector<Type> types{Type::Integer(), Type::Integer()};
  BoundFunction add = ResolveFunction("+", types);
  std::vector<Vector> arguments(2);
  for (Vector& argument : arguments) {
    argument.SetType(Type::Integer());
    argument.PrepareWrite(kVectorSize);
    for (uint32_t row = 0; row < kVectorSize; ++row)
      argument.MutableData<int32_t>()[row] = static_cast<int32_t>(row);
  }
  Vector result(add.result);
  RunKernel(add, arguments, {nullptr, kVectorSize}, &result);
  for (uint32_t row = 0; row < kVectorSize; ++row)
    ASSERT_EQ(result.At<int32_t>(row), int32_t(2 * row));
  arguments[0].MutableData<int32_t>()[777] = INT32_MAX;
  EXPECT_EQ(StateOf([&] { RunKernel(add, arguments, {nullptr, kVectorSize}, &result); }), "22003");
  arguments[0].SetNull(777);
  RunKernel(add, arguments, {nullptr, kVectorSize}, &result);
  EXPECT_FALSE(result.IsValid(777));
  EXPECT_EQ(result.At<int32_t>(778), 2 * 778);
}

TEST(Arithmetic, TextAndBooleansAreNoNumbers) {
  EXPECT_EQ(StateOfCall("+", {{Type::Varchar(), {"1"}}, {Type::Integer(), {"1"}}}), "42883");
  EXPECT_EQ(StateOfCall("*", {{Type::Boolean(), {"TRUE"}}, {Type::Integer(), {"1"}}}), "42883");
  EXPECT_EQ(StateOfCall("NO_SUCH_FUNCTION", {}), "42883");
  EXPECT_FALSE(FunctionExists("NO_SUCH_FUNCTION"));
  EXPECT_TRUE(FunctionExists("+"));
}

}  // namespace
}  // namespace tupelo::testing
