// functions/aggregate_list_test.cpp: LISTAGG at its longest result, and aggregates of pairs
// combined.
#include "functions/evaluate_for_test.h"

namespace tupelo::testing {
namespace {

// Of 'aa', 'bb', 'cc', 'dd' with commas, in at most `limit` bytes.
std::string List(int64_t limit, ListOverflow overflow) {
  Type type = Type::Varchar();
  Type more_types[] = {type, type};
  BoundAggregate aggregate = ResolveAggregate("LISTAGG", &type, more_types);
  aggregate.data.a = limit;
  aggregate.data.b = static_cast<int64_t>(overflow);
  Vector values = MakeVector({type, {"aa", "bb", kNull, "cc", "dd"}});
  Vector separators = MakeVector({type, {",", ",", ",", ",", ","}});
  Vector fillers = MakeVector({type, {"~", "~", "~", "~", "~"}});
  const Vector* const more[] = {&separators, &fillers};
  std::vector<uint64_t> state(aggregate.state_bytes / 8 + 1);
  std::vector<char*> states(5, reinterpret_cast<char*>(state.data()));
  Arena heap;
  aggregate.update({&values, {nullptr, 5}, states.data(), &heap, &aggregate.data, more});
  Vector result(aggregate.result);
  result.PrepareWrite(1);
  aggregate.finalize(states.data(), 1, &result, 0, aggregate.data);
  return Value::FromVector(result, 0).ToString();
}

TEST(Listagg, TakesWholeValuesUpToItsLongestResult) {
  EXPECT_EQ(List(11, ListOverflow::kError), "aa,bb,cc,dd");
  EXPECT_EQ(List(11, ListOverflow::kTruncateWithCount), "aa,bb,cc,dd");
  EXPECT_EQ(List(10, ListOverflow::kTruncate), "aa,bb,cc,~");
  EXPECT_EQ(List(10, ListOverflow::kTruncateWithCount), "aa,bb,cc,~(1)");
  EXPECT_EQ(List(5, ListOverflow::kTruncateWithCount), "aa,bb,~(2)");
  EXPECT_EQ(List(1, ListOverflow::kTruncateWithCount), "~(4)");
  EXPECT_THROW(List(10, ListOverflow::kError), Error);
}

TEST(Regression, StatesCombineToThatOfAllPairs) {
  Type type = Type::Double();
  for (const char* name : {"CORR", "REGR_SLOPE", "REGR_INTERCEPT", "REGR_R2", "COVAR_SAMP"}) {
    BoundAggregate aggregate = ResolveAggregate(name, &type, {&type, 1});
    Vector ys = MakeVector({type, {"1", "4", "2", kNull, "8", "3"}});
    Vector xs = MakeVector({type, {"2", "3", kNull, "1", "9", "5"}});
    const Vector* const more[] = {&xs};
    auto value_of = [&](uint32_t split) {
      std::vector<uint64_t> first(aggregate.state_bytes / 8 + 1), second = first;
      char* bytes[] = {reinterpret_cast<char*>(first.data()),
                       reinterpret_cast<char*>(second.data())};
      std::vector<char*> states(split, bytes[0]);
      states.resize(6, bytes[1]);
      aggregate.update({&ys, {nullptr, 6}, states.data(), nullptr, &aggregate.data, more});
      aggregate.combine(bytes[1], bytes[0], nullptr, aggregate.data);
      Vector result(aggregate.result);
      result.PrepareWrite(1);
      aggregate.finalize(bytes, 1, &result, 0, aggregate.data);
      return result.At<double>(0);
    };
    for (uint32_t split = 0; split < 6; ++split) {
      EXPECT_NEAR(value_of(split), value_of(6), 1e-12) << name << " " << split;
    }
  }
}

}  // namespace
}  // namespace tupelo::testing
