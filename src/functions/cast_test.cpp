// functions/cast_test.cpp: the matrix of conversions.
#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

constexpr CastKind kExplicit = CastKind::kExplicit;
constexpr CastKind kAssignment = CastKind::kAssignment;
constexpr CastKind kImplicit = CastKind::kImplicit;

Texts CastParameter(const Column& column, const Type& to) {
  BoundFunction cast;
  if (!ResolveParameterCast(column.type, to, &cast)) return {"no cast"};
  std::vector<Vector> arguments;
  arguments.push_back(MakeVector(column));
  auto count = static_cast<uint32_t>(column.texts.size());
  if (cast.kernel == nullptr) return ToTexts(arguments[0], count);
  return EvaluateAllForms(cast, arguments, count);
}

TEST(Cast, IntegersAreWidenedAndNarrowed) {
  EXPECT_EQ(Cast({Type::SmallInt(), {"-5", kNull}}, Type::BigInt(), kImplicit),
            (Texts{"-5", "NULL"}));
  EXPECT_EQ(Cast({Type::BigInt(), {"-32768", "32767", kNull}}, Type::SmallInt()),
            (Texts{"-32768", "32767", "NULL"}));
  EXPECT_EQ(StateOfCast({Type::BigInt(), {"1", "32768"}}, Type::SmallInt()), "22003");
  EXPECT_EQ(StateOfCast({Type::Integer(), {"-32769"}}, Type::SmallInt(), kAssignment), "22003");
  EXPECT_EQ(StateOfCast({Type::BigInt(), {"2147483648"}}, Type::Integer(), kAssignment), "22003");
  EXPECT_EQ(Cast({Type::BigInt(), {"1"}}, Type::Integer(), kImplicit), Texts{"no cast"});
}

TEST(Cast, ExactNumbersAreRoundedHalfUpAwayFromZero) {
  for (int precision : {6, 30}) {
    Column number{Type::Decimal(precision, 3), {"1.500", "-1.500", "2.499", "0.005", kNull}};
    EXPECT_EQ(Cast(number, Type::Integer()), (Texts{"2", "-2", "2", "0", "NULL"}));
    EXPECT_EQ(Cast(number, Type::Decimal(10, 2), kAssignment),
              (Texts{"1.50", "-1.50", "2.50", "0.01", "NULL"}));
    EXPECT_EQ(Cast(number, Type::Decimal(38, 5)),
              (Texts{"1.50000", "-1.50000", "2.49900", "0.00500", "NULL"}));
    EXPECT_EQ(Cast(number, Type::Double(), kImplicit),
              (Texts{"1.5", "-1.5", "2.499", "0.005", "NULL"}));
    EXPECT_EQ(Cast(number, Type::Real(), kImplicit),
              (Texts{"1.5", "-1.5", "2.499", "0.005", "NULL"}));
  }
  EXPECT_EQ(Cast({Type::Integer(), {"7"}}, Type::Decimal(12, 2), kImplicit), Texts{"7.00"});
  EXPECT_EQ(Cast({Type::Integer(), {"7"}}, Type::Decimal(3, 2)), Texts{"7.00"});
  EXPECT_EQ(StateOfCast({Type::Integer(), {"10"}}, Type::Decimal(3, 2)), "22003");
  EXPECT_EQ(StateOfCast({Type::Decimal(4, 1), {"99.5"}}, Type::Decimal(2, 0)), "22003");
  EXPECT_EQ(StateOfCast({Type::Decimal(38, 0), {"32768"}}, Type::SmallInt()), "22003");
  EXPECT_EQ(Cast({Type::Decimal(4, 1), {"1.0"}}, Type::Decimal(4, 0), kImplicit), Texts{"no cast"});
  EXPECT_EQ(Cast({Type::BigInt(), {"-9223372036854775808"}}, Type::Decimal(19, 0), kImplicit),
            Texts{"-9223372036854775808"});
}

TEST(Cast, ApproximateNumbersGoToExactOnesInRange) {
  Column number{Type::Double(), {"1.5", "-2.5", "1e3", kNull}};
  EXPECT_EQ(Cast(number, Type::Integer()), (Texts{"2", "-3", "1000", "NULL"}));
  EXPECT_EQ(Cast(number, Type::Decimal(20, 2), kAssignment),
            (Texts{"1.50", "-2.50", "1000.00", "NULL"}));
  EXPECT_EQ(Cast({Type::Real(), {"1.5"}}, Type::Double(), kImplicit), Texts{"1.5"});
  EXPECT_EQ(StateOfCast({Type::Double(), {"1e39"}}, Type::Decimal(38, 0)), "22003");
  EXPECT_EQ(StateOfCast({Type::Double(), {"32768"}}, Type::SmallInt()), "22003");
  EXPECT_EQ(StateOfCast({Type::Double(), {"1e300"}}, Type::Real(), kAssignment), "22003");
  EXPECT_EQ(Cast(number, Type::Integer(), kImplicit), Texts{"no cast"});
}

TEST(Cast, TextIsCutByCastAndKeptByAssignment) {
  Column text{Type::Varchar(), {"abc", "äöü", "ab ", "a longer text than twelve", kNull}};
  EXPECT_EQ(Cast(text, Type::Varchar(2)), (Texts{"ab", "äö", "ab", "a ", "NULL"}));
  EXPECT_EQ(Cast(text, Type::Char(4)), (Texts{"abc ", "äöü ", "ab  ", "a lo", "NULL"}));
  EXPECT_EQ(Cast({Type::Varchar(), {"ab   ", kNull}}, Type::Varchar(3), kAssignment),
            (Texts{"ab ", "NULL"}));
  EXPECT_EQ(Cast({Type::Varchar(), {"ab   "}}, Type::Char(3), kAssignment), Texts{"ab "});
  EXPECT_EQ(Cast({Type::Varchar(), {"a text of twenty byte"}}, Type::Char(25), kAssignment),
            Texts{"a text of twenty byte    "});
  EXPECT_EQ(StateOfCast({Type::Varchar(), {"abcd"}}, Type::Varchar(3), kAssignment), "22001");
  EXPECT_EQ(StateOfCast({Type::Varchar(), {"äöüß"}}, Type::Char(3), kAssignment), "22001");
  EXPECT_EQ(Cast({Type::Varchar(5), {"äöüßé"}}, Type::Varchar(5), kAssignment), Texts{"äöüßé"});
  EXPECT_EQ(Cast({Type::Varchar(2), {"ab"}}, Type::Varchar(5), kImplicit), Texts{"ab"});
  EXPECT_EQ(Cast({Type::Char(2), {"a "}}, Type::Clob(), kImplicit), Texts{"a "});
  EXPECT_EQ(Cast({Type::Varchar(5), {"ab"}}, Type::Varchar(2), kImplicit), Texts{"no cast"});
  EXPECT_EQ(Cast({Type::Blob(), {"abc"}}, Type::Blob(2)), Texts{"x'6162'"});
  EXPECT_EQ(StateOfCast({Type::Blob(), {"abc"}}, Type::Blob(2), kAssignment), "22001");
}

TEST(Cast, ValuesBecomeText) {
  Type text = Type::Varchar();
  EXPECT_EQ(Cast({Type::Integer(), {"-12", kNull}}, text), (Texts{"-12", "NULL"}));
  EXPECT_EQ(Cast({Type::Decimal(30, 2), {"-0.5"}}, text), Texts{"-0.50"});
  EXPECT_EQ(
      Cast({Type::Double(), {"1.5", "0", "-0", "-1.25e-7", "1e20", "100", "1e-100", "0.1"}}, text),
      (Texts{"1.5E0", "0E0", "0E0", "-1.25E-7", "1E20", "1E2", "1E-100", "1E-1"}));
  EXPECT_EQ(Cast({Type::Double(), {"1.7976931348623157e308", "5e-324"}}, text),
            (Texts{"1.7976931348623157E308", "5E-324"}));
  EXPECT_EQ(Cast({Type::Real(), {"0.1", "-16777216"}}, text), (Texts{"1E-1", "-1.6777216E7"}));
  EXPECT_EQ(Cast({Type::Boolean(), {"TRUE", "FALSE", kNull}}, Type::Char(5)),
            (Texts{"TRUE ", "FALSE", "NULL"}));
  EXPECT_EQ(Cast({Type::Date(), {"2024-01-31"}}, Type::Char(12)), Texts{"2024-01-31  "});
  EXPECT_EQ(Cast({Type::Timestamp(3), {"2024-01-31 10:00:00.25"}}, text),
            Texts{"2024-01-31 10:00:00.250"});
  EXPECT_EQ(Cast({Type::Interval(IntervalField::kYear, IntervalField::kMonth), {"1-2"}}, text),
            Texts{"1-2"});
  EXPECT_EQ(StateOfCast({Type::Integer(), {"12345"}}, Type::Varchar(4)), "22001");
  EXPECT_EQ(StateOfCast({Type::Date(), {"2024-01-31"}}, Type::Varchar(9)), "22001");
  EXPECT_EQ(StateOfCast({Type::Boolean(), {"TRUE"}}, Type::Varchar(3)), "22018");
  EXPECT_EQ(Cast({Type::Integer(), {"1"}}, text, kAssignment), Texts{"no cast"});
  EXPECT_EQ(Cast({Type::Integer(), {"1"}}, text, kImplicit), Texts{"no cast"});
  EXPECT_EQ(Cast({Type::Blob(), {"1"}}, text), Texts{"no cast"});
}

TEST(Cast, TextBecomesNumbersOnlyByCast) {
  auto from = [](const char* text, const Type& to) { return Cast({Type::Varchar(), {text}}, to); };
  auto state = [](const char* text, const Type& to) {
    return StateOfCast({Type::Varchar(), {text}}, to);
  };
  EXPECT_EQ(from("  -12 ", Type::SmallInt()), Texts{"-12"});
  EXPECT_EQ(from("1.5", Type::Decimal(30, 1)), Texts{"1.5"});
  EXPECT_EQ(from("1e2", Type::Double()), Texts{"100"});
  EXPECT_EQ(from("0.5", Type::Real()), Texts{"0.5"});
  EXPECT_EQ(state("40000", Type::SmallInt()), "22003");
  EXPECT_EQ(state("99999999999999999999", Type::BigInt()), "22003");
  EXPECT_EQ(state("100", Type::Decimal(2, 0)), "22003");
  EXPECT_EQ(state("x", Type::Integer()), "22018");
  EXPECT_EQ(state("", Type::Double()), "22018");
  EXPECT_EQ(state("1 2", Type::Decimal(5, 0)), "22018");
  EXPECT_EQ(Cast({Type::Varchar(), {" true ", "False", "unknown", kNull}}, Type::Boolean()),
            (Texts{"TRUE", "FALSE", "NULL", "NULL"}));
  EXPECT_EQ(state("yes", Type::Boolean()), "22018");
  for (const Type& type : {Type::Integer(), Type::Double(), Type::Boolean(), Type::Decimal(5, 2)}) {
    EXPECT_EQ(Cast({Type::Varchar(), {"1"}}, type, kAssignment), Texts{"no cast"});
    EXPECT_EQ(Cast({Type::Varchar(), {"1"}}, type, kImplicit), Texts{"no cast"});
  }
}

TEST(Cast, TextBecomesDatetimesAsTheirLiterals) {
  for (CastKind kind : {kExplicit, kAssignment, kImplicit}) {
    EXPECT_EQ(Cast({Type::Char(10), {"2024-01-31"}}, Type::Date(), kind), Texts{"2024-01-31"});
    EXPECT_EQ(StateOfCast({Type::Varchar(), {"2024-02-30"}}, Type::Date(), kind), "22007");
  }
  TestContext().time_zone = TimeZone(60);
  EXPECT_EQ(Cast({Type::Varchar(), {"10:00:00.256", kNull}}, Type::Time(2)),
            (Texts{"10:00:00.26", "NULL"}));
  EXPECT_EQ(Cast({Type::Varchar(), {"10:00:00"}}, Type::TimeTz(0)), Texts{"10:00:00+01:00"});
  EXPECT_EQ(Cast({Type::Varchar(), {"2024-01-31 10:00:00"}}, Type::TimestampTz(0)),
            Texts{"2024-01-31 10:00:00+01:00"});
  TestContext().time_zone = TimeZone();
  EXPECT_EQ(StateOfCast({Type::Varchar(), {"2024-01-31 10:00:00+01:00"}}, Type::Timestamp()),
            "22007");
  EXPECT_EQ(StateOfCast({Type::Varchar(), {"hello"}}, Type::Timestamp()), "22007");
  Type interval = Type::Interval(IntervalField::kDay, IntervalField::kHour, 2);
  EXPECT_EQ(Cast({Type::Varchar(), {"1 02"}}, interval, kImplicit), Texts{"1 02"});
  EXPECT_EQ(StateOfCast({Type::Varchar(), {"1"}}, interval), "22007");
  EXPECT_EQ(StateOfCast({Type::Varchar(), {"100 02"}}, interval), "22015");
}

TEST(Cast, DatetimesTakeWhatTheyHaveFromEachOther) {
  TestContext() = {0, TimeZone(60), ""};
  EXPECT_EQ(Cast({Type::Date(), {"2024-01-31", kNull}}, Type::Timestamp(0)),
            (Texts{"2024-01-31 00:00:00", "NULL"}));
  EXPECT_EQ(Cast({Type::Date(), {"2024-01-31"}}, Type::TimestampTz(0)),
            Texts{"2024-01-31 00:00:00+01:00"});
  Column stamp{Type::Timestamp(6), {"2024-01-31 23:59:59.7"}};
  EXPECT_EQ(Cast(stamp, Type::Date()), Texts{"2024-01-31"});
  EXPECT_EQ(Cast(stamp, Type::Time(1)), Texts{"23:59:59.7"});
  EXPECT_EQ(Cast(stamp, Type::Timestamp(0), kAssignment), Texts{"2024-02-01 00:00:00"});
  EXPECT_EQ(Cast(stamp, Type::TimestampTz(6), kImplicit),
            Texts{"2024-01-31 23:59:59.700000+01:00"});
  EXPECT_EQ(Cast(stamp, Type::TimeTz(1)), Texts{"23:59:59.7+01:00"});
  Column zoned{Type::TimestampTz(0), {"2024-01-31 23:00:00+05:00"}};
  EXPECT_EQ(Cast(zoned, Type::Timestamp(0), kAssignment), Texts{"2024-01-31 23:00:00"});
  EXPECT_EQ(Cast(zoned, Type::Date()), Texts{"2024-01-31"});
  EXPECT_EQ(Cast(zoned, Type::TimeTz(0)), Texts{"23:00:00+05:00"});
  EXPECT_EQ(Cast({Type::Time(), {"10:00:00"}}, Type::Timestamp(0)), Texts{"1970-01-01 10:00:00"});
  EXPECT_EQ(Cast({Type::Time(), {"10:00:00"}}, Type::TimeTz(0), kImplicit),
            Texts{"10:00:00+01:00"});
  EXPECT_EQ(Cast({Type::TimeTz(), {"10:00:00+03:00"}}, Type::Time(0)), Texts{"10:00:00"});
  EXPECT_EQ(Cast(stamp, Type::Date(), kAssignment), Texts{"no cast"});
  EXPECT_EQ(Cast(zoned, Type::Timestamp(0), kImplicit), Texts{"no cast"});
  EXPECT_EQ(Cast({Type::Date(), {"2024-01-31"}}, Type::Time()), Texts{"no cast"});
  EXPECT_EQ(Cast({Type::Date(), {"2024-01-31"}}, Type::Integer()), Texts{"no cast"});
  TestContext() = {};
}

TEST(Cast, IntervalsChangeTheirFieldsAndBecomeNumbers) {
  Type day_second = Type::Interval(IntervalField::kDay, IntervalField::kSecond, 4);
  Type hours = Type::Interval(IntervalField::kHour, IntervalField::kHour, 4);
  Type months = Type::Interval(IntervalField::kMonth, IntervalField::kMonth, 3);
  Type years = Type::Interval(IntervalField::kYear, IntervalField::kYear, 2);
  EXPECT_EQ(Cast({day_second, {"1 02:30:00", kNull}}, hours), (Texts{"26", "NULL"}));
  EXPECT_EQ(Cast({hours, {"26"}}, day_second, kImplicit), Texts{"1 02:00:00.000000"});
  EXPECT_EQ(Cast({months, {"25"}}, years), Texts{"2"});
  EXPECT_EQ(Cast({months, {"25"}}, years, kImplicit), Texts{"no cast"});
  EXPECT_EQ(StateOfCast({day_second, {"9999 00:00:00"}},
                        Type::Interval(IntervalField::kDay, IntervalField::kDay, 2)),
            "22015");
  EXPECT_EQ(Cast({hours, {"26"}}, Type::SmallInt()), Texts{"26"});
  EXPECT_EQ(Cast({Type::Integer(), {"26"}}, hours), Texts{"26"});
  EXPECT_EQ(Cast({Type::Decimal(4, 1), {"1.5"}},
                 Type::Interval(IntervalField::kSecond, IntervalField::kSecond)),
            Texts{"1.500000"});
  EXPECT_EQ(Cast({Type::Interval(IntervalField::kSecond, IntervalField::kSecond), {"1.5"}},
                 Type::Decimal(4, 2)),
            Texts{"1.50"});
  EXPECT_EQ(StateOfCast({Type::Integer(), {"10000"}}, hours), "22015");
  EXPECT_EQ(Cast({hours, {"1"}}, months), Texts{"no cast"});
  EXPECT_EQ(Cast({day_second, {"1 00:00:00"}}, Type::Integer()), Texts{"no cast"});
  EXPECT_EQ(Cast({hours, {"1"}}, Type::Integer(), kAssignment), Texts{"no cast"});
}

TEST(Cast, UntypedNullBecomesAnything) {
  for (const Type& type :
       {Type::Boolean(), Type::Decimal(30, 2), Type::Varchar(2), Type::TimestampTz()}) {
    EXPECT_EQ(Cast({Type::Null(), {kNull, kNull}}, type, kImplicit), (Texts{"NULL", "NULL"}));
  }
}

TEST(ParameterCast, IntegersGoIntoEveryNumber) {
  Column number{Type::BigInt(), {"7", kNull}};
  EXPECT_EQ(CastParameter(number, Type::SmallInt()), (Texts{"7", "NULL"}));
  EXPECT_EQ(CastParameter(number, Type::Decimal(5, 2)), (Texts{"7.00", "NULL"}));
  EXPECT_EQ(CastParameter(number, Type::Double()), (Texts{"7", "NULL"}));
  EXPECT_EQ(StateOf([] { CastParameter({Type::BigInt(), {"70000"}}, Type::SmallInt()); }), "22003");
  EXPECT_EQ(CastParameter(number, Type::Boolean()), Texts{"no cast"});
  EXPECT_EQ(CastParameter(number, Type::Varchar()), Texts{"no cast"});
}

TEST(ParameterCast, DecimalsKeepEveryDigit) {
  EXPECT_EQ(CastParameter({Type::Decimal(4, 2), {"1.50"}}, Type::Decimal(4, 1)), Texts{"1.5"});
  EXPECT_EQ(CastParameter({Type::Decimal(4, 2), {"2.00"}}, Type::Integer()), Texts{"2"});
  EXPECT_EQ(CastParameter({Type::Decimal(30, 2), {"2.00"}}, Type::Integer()), Texts{"2"});
  EXPECT_EQ(StateOf([] {
              CastParameter({Type::Decimal(4, 2), {"1.55"}}, Type::Decimal(4, 1));
            }),
            "22003");
  EXPECT_EQ(StateOf([] {
              CastParameter({Type::Decimal(4, 2), {"1.50"}}, Type::Integer());
            }),
            "22003");
  EXPECT_EQ(CastParameter({Type::Decimal(4, 2), {"1.50"}}, Type::Double()), Texts{"no cast"});
}

TEST(ParameterCast, FloatsGoIntoExactTypesOnlyWhenWhole) {
  EXPECT_EQ(CastParameter({Type::Double(), {"3"}}, Type::Integer()), Texts{"3"});
  EXPECT_EQ(CastParameter({Type::Double(), {"3"}}, Type::Decimal(5, 2)), Texts{"3.00"});
  EXPECT_EQ(CastParameter({Type::Double(), {"1.5"}}, Type::Real()), Texts{"1.5"});
  EXPECT_EQ(StateOf([] { CastParameter({Type::Double(), {"1.5"}}, Type::Integer()); }), "22003");
  EXPECT_EQ(StateOf([] {
              CastParameter({Type::Double(), {"1.5"}}, Type::Decimal(5, 2));
            }),
            "22003");
  EXPECT_EQ(StateOf([] { CastParameter({Type::Double(), {"1e300"}}, Type::Real()); }), "22003");
}

TEST(ParameterCast, TextIsNeverANumberButMayBeADatetime) {
  EXPECT_EQ(CastParameter({Type::Varchar(), {"1"}}, Type::Integer()), Texts{"no cast"});
  EXPECT_EQ(CastParameter({Type::Varchar(), {"TRUE"}}, Type::Boolean()), Texts{"no cast"});
  EXPECT_EQ(CastParameter({Type::Varchar(), {"2024-01-31"}}, Type::Date()), Texts{"2024-01-31"});
  EXPECT_EQ(StateOf([] { CastParameter({Type::Varchar(), {"x"}}, Type::Date()); }), "22007");
  EXPECT_EQ(StateOf([] { CastParameter({Type::Varchar(), {"abc"}}, Type::Varchar(2)); }), "22001");
}

}  // namespace
}  // namespace tupelo::testing
