// functions/aggregate_test.cpp: aggregates, by group and alone, over every form of rows.
#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

std::string Finalize(const BoundAggregate& aggregate, char* state) {
  Vector result(aggregate.result);
  result.PrepareWrite(1);
  char* const states[] = {state};
  aggregate.finalize(states, 1, &result, 0, aggregate.data);
  return Value::FromVector(result, 0).ToString();
}

// A state as a hash table would hold it: zeroed, aligned to 8 bytes only.
struct State {
  explicit State(const BoundAggregate& aggregate) : words(aggregate.state_bytes / 8 + 2) {
    if (aggregate.init != nullptr) aggregate.init(bytes(), aggregate.data);
  }
  char* bytes() { return reinterpret_cast<char*>(words.data() + 1); }
  std::vector<uint64_t> words;
};

// The aggregate of all rows: alone dense and by list, as one group, and combined of two halves; one
// answer is expected.
std::string Aggregate(std::string_view name, const Column& column, Type* result_type = nullptr) {
  BoundAggregate aggregate = ResolveAggregate(name, &column.type);
  if (result_type != nullptr) *result_type = aggregate.result;
  auto count = static_cast<uint32_t>(column.texts.size());
  Vector argument =
      CastVector(MakeVector(column), count, aggregate.argument_type, CastKind::kImplicit);
  Arena heap;
  std::vector<uint16_t> list;
  for (uint32_t row = count; row-- > 0;) list.push_back(static_cast<uint16_t>(row));

  State dense(aggregate);
  aggregate.update_single(&argument, {nullptr, count}, dense.bytes(), &heap, aggregate.data);
  std::string expected = Finalize(aggregate, dense.bytes());

  State listed(aggregate);
  aggregate.update_single(&argument, {list.data(), count}, listed.bytes(), &heap, aggregate.data);
  EXPECT_EQ(Finalize(aggregate, listed.bytes()), expected) << "by a list of rows";

  State group(aggregate);
  std::vector<char*> states(count, group.bytes());
  aggregate.update({&argument, {nullptr, count}, states.data(), &heap, &aggregate.data});
  EXPECT_EQ(Finalize(aggregate, group.bytes()), expected) << "as a group";

  State first(aggregate), second(aggregate);
  uint32_t half = count / 2;
  aggregate.update_single(&argument, {list.data(), half}, first.bytes(), &heap, aggregate.data);
  std::vector<char*> others(count - half, second.bytes());
  aggregate.update(
      {&argument, {list.data() + half, count - half}, others.data(), &heap, &aggregate.data});
  aggregate.combine(first.bytes(), second.bytes(), &heap, aggregate.data);
  EXPECT_EQ(Finalize(aggregate, second.bytes()), expected) << "combined";
  return expected;
}

TEST(Aggregate, CountCountsValuesAndRows) {
  Column column{Type::Varchar(), {"a", kNull, "b"}};
  EXPECT_EQ(Aggregate("COUNT", column), "2");
  EXPECT_EQ(Aggregate("COUNT", {Type::Integer(), {}}), "0");
  BoundAggregate all = ResolveAggregate("COUNT", nullptr);
  State state(all);
  all.update_single(nullptr, {nullptr, 3}, state.bytes(), nullptr, all.data);
  char* const states[] = {state.bytes(), state.bytes()};
  all.update({nullptr, {nullptr, 2}, states, nullptr, &all.data});
  EXPECT_EQ(Finalize(all, state.bytes()), "5");
}

TEST(Aggregate, SumOfIntegersIsBigIntAndExact) {
  Type result;
  for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt()}) {
    EXPECT_EQ(Aggregate("SUM", {type, {"1", "-5", kNull, "10"}}, &result), "6");
    EXPECT_EQ(result, Type::BigInt());
    EXPECT_EQ(Aggregate("SUM", {type, {kNull}}), "NULL");
    EXPECT_EQ(Aggregate("SUM", {type, {}}), "NULL");
  }
  const char* highest = "9223372036854775807";
  EXPECT_EQ(Aggregate("SUM", {Type::BigInt(), {highest, highest, "-9223372036854775807"}}),
            highest);
  EXPECT_EQ(StateOf([&] { Aggregate("SUM", {Type::BigInt(), {highest, "1"}}); }), "22003");
}

TEST(Aggregate, SumOfDecimalsKeepsTheScale) {
  Type result;
  EXPECT_EQ(Aggregate("SUM", {Type::Decimal(5, 2), {"1.25", "2.50", kNull}}, &result), "3.75");
  EXPECT_EQ(result, Type::Decimal(38, 2));
  EXPECT_EQ(Aggregate("SUM", {Type::Decimal(38, 2), {"1.25", "2.50", kNull}}), "3.75");
  const char* highest = "99999999999999999999999999999999999999";
  EXPECT_EQ(StateOf([&] { Aggregate("SUM", {Type::Decimal(38, 0), {highest, "1"}}); }), "22003");
  EXPECT_EQ(StateOf([&] {
              Aggregate("SUM", {Type::Decimal(38, 0), {highest, highest, highest}});
            }),
            "22003");
}

TEST(Aggregate, SumOfApproximateNumbersIsDouble) {
  Type result;
  EXPECT_EQ(Aggregate("SUM", {Type::Real(), {"1.5", "2.5", kNull}}, &result), "4");
  EXPECT_EQ(result, Type::Double());
  EXPECT_EQ(Aggregate("SUM",
                      {Type::Double(), {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "0.5"}}),
            "55.5");
  EXPECT_EQ(StateOf([] { Aggregate("SUM", {Type::Double(), {"1.7e308", "1.7e308"}}); }), "22003");
  EXPECT_EQ(Aggregate("AVG", {Type::Double(), {"1", "2", kNull}}), "1.5");
  EXPECT_EQ(Aggregate("AVG", {Type::Double(), {kNull}}), "NULL");
}

TEST(Aggregate, AverageOfExactNumbersIsExactAndRoundedHalfUp) {
  Type result;
  EXPECT_EQ(Aggregate("AVG", {Type::Integer(), {"1", "2", kNull}}, &result), "1.500000");
  EXPECT_EQ(result, Type::Decimal(16, 6));
  EXPECT_EQ(Aggregate("AVG", {Type::SmallInt(), {"1", "1", "0"}}), "0.666667");
  EXPECT_EQ(Aggregate("AVG", {Type::SmallInt(), {"-1", "-1", "0"}}), "-0.666667");
  const char* highest = "9223372036854775807";
  EXPECT_EQ(Aggregate("AVG", {Type::BigInt(), {highest, highest}}, &result),
            "9223372036854775807.000000");
  EXPECT_EQ(result, Type::Decimal(25, 6));
  EXPECT_EQ(Aggregate("AVG", {Type::Decimal(5, 2), {"1.25", "1.26"}}, &result), "1.255000");
  EXPECT_EQ(result, Type::Decimal(9, 6));
  EXPECT_EQ(Aggregate("AVG", {Type::Decimal(38, 0), {"1", "2"}}), "1.500000");
  EXPECT_EQ(Aggregate("AVG", {Type::Decimal(10, 8), {"0.00000001", "0.00000002"}}), "0.00000002");
}

TEST(Aggregate, IntervalsAreSummedAndAveraged) {
  Type hours = Type::Interval(IntervalField::kHour, IntervalField::kMinute, 3);
  EXPECT_EQ(Aggregate("SUM", {hours, {"1:30", "2:45", kNull}}), "4:15");
  EXPECT_EQ(Aggregate("AVG", {hours, {"1:30", "2:30"}}), "2:00");
  Type months = Type::Interval(IntervalField::kYear, IntervalField::kMonth);
  EXPECT_EQ(Aggregate("SUM", {months, {"1-6", "0-7"}}), "2-1");
  EXPECT_EQ(Aggregate("AVG", {months, {"1-0", "2-1"}}), "1-7");
}

TEST(Aggregate, MinimumAndMaximumTakeEveryType) {
  for (const Type& type : {Type::SmallInt(), Type::Integer(), Type::BigInt(), Type::Decimal(5, 0),
                           Type::Decimal(30, 0), Type::Real(), Type::Double()}) {
    Column column{type, {"3", kNull, "-4", "12", "0"}};
    EXPECT_EQ(Aggregate("MIN", column), "-4") << type.ToString();
    EXPECT_EQ(Aggregate("MAX", column), "12") << type.ToString();
    EXPECT_EQ(Aggregate("MAX", {type, {kNull}}), "NULL");
  }
  Column text{
      Type::Varchar(),
      {"b", "a string longer than twelve bytes", kNull, "z string longer than twelve bytes"}};
  EXPECT_EQ(Aggregate("MIN", text), "a string longer than twelve bytes");
  EXPECT_EQ(Aggregate("MAX", text), "z string longer than twelve bytes");
  EXPECT_EQ(Aggregate("MAX", {Type::Char(3), {"ab ", "abc"}}), "abc");
  EXPECT_EQ(Aggregate("MIN", {Type::Date(), {"2024-01-31", "2023-12-31"}}), "2023-12-31");
  EXPECT_EQ(Aggregate("MAX", {Type::TimestampTz(0),
                              {"2024-01-01 12:00:00+05:00", "2024-01-01 08:00:00+00:00"}}),
            "2024-01-01 08:00:00+00:00");
  EXPECT_EQ(Aggregate("MIN", {Type::Boolean(), {"TRUE", "FALSE"}}), "FALSE");
  EXPECT_EQ(Aggregate("MIN", {Type::Integer(), {"2147483647"}}), "2147483647");
  EXPECT_EQ(Aggregate("MAX", {Type::Integer(), {"-2147483648"}}), "-2147483648");
}

TEST(Aggregate, EveryAndAnyFollowThreeValuedLogic) {
  EXPECT_EQ(Aggregate("EVERY", {Type::Boolean(), {"TRUE", kNull, "TRUE"}}), "TRUE");
  EXPECT_EQ(Aggregate("EVERY", {Type::Boolean(), {"TRUE", "FALSE"}}), "FALSE");
  EXPECT_EQ(Aggregate("EVERY", {Type::Boolean(), {kNull}}), "NULL");
  EXPECT_EQ(Aggregate("ANY", {Type::Boolean(), {"FALSE", "TRUE", kNull}}), "TRUE");
  EXPECT_EQ(Aggregate("SOME", {Type::Boolean(), {"FALSE", kNull}}), "FALSE");
}

TEST(Aggregate, ConstantArgumentsCountOncePerRow) {
  Type type = Type::Integer();
  Vector constant = ConstantOf(MakeVector({type, {"3"}}), 0);
  for (auto [name, expected] :
       {std::pair{"SUM", "12"}, {"COUNT", "4"}, {"MAX", "3"}, {"AVG", "3.000000"}}) {
    BoundAggregate aggregate = ResolveAggregate(name, &type);
    Arena heap;
    State alone(aggregate), group(aggregate);
    aggregate.update_single(&constant, {nullptr, 4}, alone.bytes(), &heap, aggregate.data);
    EXPECT_EQ(Finalize(aggregate, alone.bytes()), expected);
    std::vector<char*> states(4, group.bytes());
    aggregate.update({&constant, {nullptr, 4}, states.data(), &heap, &aggregate.data});
    EXPECT_EQ(Finalize(aggregate, group.bytes()), expected);
  }
}

TEST(Aggregate, AWholeVectorWithAndWithoutNullsIsSummed) {
  Type type = Type::Integer();
  BoundAggregate sum = ResolveAggregate("SUM", &type), count = ResolveAggregate("COUNT", &type);
  Vector argument(type);
  argument.PrepareWrite(kVectorSize);
  for (uint32_t row = 0; row < kVectorSize; ++row) argument.MutableData<int32_t>()[row] = INT32_MAX;
  State dense(sum);
  sum.update_single(&argument, {nullptr, kVectorSize}, dense.bytes(), nullptr, sum.data);
  EXPECT_EQ(Finalize(sum, dense.bytes()), std::to_string(int64_t{INT32_MAX} * kVectorSize));
  for (uint32_t row = 0; row < kVectorSize; row += 3) argument.SetNull(row);
  State partial(sum), counted(count);
  sum.update_single(&argument, {nullptr, 100}, partial.bytes(), nullptr, sum.data);
  count.update_single(&argument, {nullptr, 100}, counted.bytes(), nullptr, count.data);
  EXPECT_EQ(Finalize(sum, partial.bytes()), std::to_string(int64_t{INT32_MAX} * 66));
  EXPECT_EQ(Finalize(count, counted.bytes()), "66");
}

TEST(Aggregate, UnknownNamesAndTypesAreRefused) {
  Type text = Type::Varchar();
  EXPECT_EQ(StateOf([&] { ResolveAggregate("SUM", &text); }), "42883");
  EXPECT_EQ(StateOf([&] { ResolveAggregate("SUM", nullptr); }), "42883");
  EXPECT_EQ(StateOf([&] { ResolveAggregate("EVERY", &text); }), "42883");
  EXPECT_EQ(StateOf([&] { ResolveAggregate("MEDIAN", &text); }), "42883");
  EXPECT_TRUE(AggregateExists("AVG"));
  EXPECT_FALSE(AggregateExists("MIDDLE"));
}

}  // namespace
}  // namespace tupelo::testing
