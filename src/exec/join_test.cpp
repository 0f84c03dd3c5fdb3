// exec/join_test.cpp: joins against a naive model.
#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <limits>

#include "exec/plan_by_hand.h"

namespace tupelo {
namespace {

// ---- Joins. Left columns are 0, 1, 2; right ones 10, 11, 12. ----

struct JoinCase {
  JoinKind kind;
  bool has_key, has_residual;
  size_t left_count, right_count;
  int keys;
};

PlanPtr JoinPlan(const JoinCase& test, const ConstantTable& left, const ConstantTable& right) {
  auto node = std::make_unique<PlanNode>(PlanKind::kJoin);
  node->join_kind = test.kind;
  node->children.push_back(ValuesNode(kRowTypes, left, 0));
  node->children.push_back(ValuesNode(kRowTypes, right, 10));
  for (const PlanPtr& child : node->children) {
    node->output.insert(node->output.end(), child->output.begin(), child->output.end());
  }
  if (test.has_key) {
    node->left_keys.push_back(MakeColumn(0, kInt));
    node->right_keys.push_back(MakeColumn(10, kInt));
  }
  if (test.has_residual) {
    node->condition = Compare("<", MakeColumn(1, kInt), MakeColumn(11, kInt));
  }
  return node;
}

Texts NaiveJoin(const JoinCase& test, const ConstantTable& left, const ConstantTable& right) {
  Texts rows;
  std::vector<bool> right_matched(right.size());
  auto add = [&](const ConstantRow* a, const ConstantRow* b) {
    ConstantRow nulls = {NoInt(), NoInt(), Value::Null(kText)};
    auto texts = TextOf(a == nullptr ? nulls : *a);
    for (std::string& text : TextOf(b == nullptr ? nulls : *b)) texts.push_back(text);
    rows.push_back(texts);
  };
  for (const ConstantRow& a : left) {
    bool matched = false;
    for (size_t i = 0; i < right.size(); ++i) {
      const ConstantRow& b = right[i];
      if (test.has_key && (a[0].is_null || b[0].is_null || a[0].integer != b[0].integer)) continue;
      if (test.has_residual && a[1].integer >= b[1].integer) continue;
      matched = right_matched[i] = true;
      add(&a, &b);
    }
    bool keeps = test.kind == JoinKind::kLeft || test.kind == JoinKind::kFull;
    if (!matched && keeps) add(&a, nullptr);
  }
  for (size_t i = 0; i < right.size(); ++i) {
    bool keeps = test.kind == JoinKind::kRight || test.kind == JoinKind::kFull;
    if (!right_matched[i] && keeps) add(nullptr, &right[i]);
  }
  return rows;
}

void CheckJoin(const JoinCase& test) {
  ConstantTable left = RandomTable(1, test.left_count, test.keys);
  ConstantTable right = RandomTable(2, test.right_count, test.keys);
  // Left order, and the right order within a left row, are kept.
  EXPECT_EQ(RunPlan(*JoinPlan(test, left, right)), NaiveJoin(test, left, right))
      << "kind " << static_cast<int>(test.kind) << " key " << test.has_key << " residual "
      << test.has_residual << " " << test.left_count << " x " << test.right_count;
}

constexpr JoinKind kKinds[] = {JoinKind::kInner, JoinKind::kLeft, JoinKind::kRight,
                               JoinKind::kFull};

TEST(HashJoin, GivesWhatNestedLoopsWouldForEachKindAndSize) {
  for (JoinKind kind : kKinds) {
    for (bool residual : {false, true}) {
      CheckJoin({kind, true, residual, 0, 0, 5});
      CheckJoin({kind, true, residual, 7, 0, 5});
      CheckJoin({kind, true, residual, 0, 7, 5});
      CheckJoin({kind, true, residual, 30, 40, 12});
      CheckJoin({kind, true, residual, 2500, 300, 500});
      CheckJoin({kind, true, residual, 300, 2500, 2000});
    }
  }
}

TEST(HashJoin, SplitsRowsWithManyPartnersOverVectorSets) {
  for (JoinKind kind : kKinds) {
    for (bool residual : {false, true}) CheckJoin({kind, true, residual, 12, 5000, 2});
  }
}

TEST(HashJoin, JoinsLargeSides) { CheckJoin({JoinKind::kFull, true, true, 5000, 5000, 3000}); }

// ---- Integer keys: addressed directly when they lie close together, else in slots. ----

// Tables of (key, number): their keys are each one of `keys` or, at `keys.size()`, null.
ConstantTable TableOfKeys(const Type& type, const std::vector<int64_t>& keys, uint32_t seed,
                          size_t count, bool is_unique) {
  std::mt19937 random(seed);
  std::vector<int64_t> own = keys;
  std::shuffle(own.begin(), own.end(), random);
  ConstantTable table;
  for (size_t i = 0; i < count; ++i) {
    size_t at = is_unique ? i : random() % (own.size() + 1);
    Value key = at < own.size() ? Value::Integer(type, own[at]) : Value::Null(type);
    table.push_back({key, Int(static_cast<int>(random() % 100)), Text("row " + std::to_string(i))});
  }
  return table;
}

void CheckKeys(const Type& type, const std::vector<int64_t>& keys) {
  for (JoinKind kind : kKinds) {
    for (bool residual : {false, true}) {
      for (bool is_unique : {false, true}) {
        size_t right_count = is_unique ? keys.size() + 3 : 2 * keys.size();  // three of null
        ConstantTable left = TableOfKeys(type, keys, 1, keys.size() + 5, false);
        ConstantTable right = TableOfKeys(type, keys, 2, right_count, is_unique);
        JoinCase test{kind, true, residual, 0, 0, 0};
        PlanPtr plan = JoinPlan(test, left, right);
        plan->left_keys[0] = MakeColumn(0, type);
        plan->right_keys[0] = MakeColumn(10, type);
        for (size_t side : {0, 1}) plan->children[side]->output[0].type = type;
        plan->output[0].type = plan->output[3].type = type;
        EXPECT_EQ(RunPlan(*plan), NaiveJoin(test, left, right))
            << "kind " << static_cast<int>(kind) << " residual " << residual << " unique "
            << is_unique << " of " << keys.size() << " keys from " << keys[0];
      }
    }
  }
}

std::vector<int64_t> KeysFrom(int64_t first, size_t count, int64_t step) {
  std::vector<int64_t> keys;
  for (size_t i = 0; i < count; ++i) keys.push_back(first + static_cast<int64_t>(i) * step);
  return keys;
}

TEST(HashJoin, FindsKeysThatLieCloseTogether) {
  CheckKeys(kBig, {0});
  CheckKeys(kBig, KeysFrom(-20, 40, 1));
  CheckKeys(kInt, KeysFrom(-3000, 3000, 3));
  CheckKeys(Type::SmallInt(), KeysFrom(-32768, 300, 1));
  CheckKeys(kBig, KeysFrom(std::numeric_limits<int64_t>::min(), 100, 2));
  CheckKeys(kBig, KeysFrom(std::numeric_limits<int64_t>::max() - 99, 100, 1));
}

TEST(HashJoin, FindsKeysThatLieFarApart) {
  CheckKeys(kBig, KeysFrom(-1'000'000, 3000, 100'000));
  CheckKeys(kBig, KeysFrom(0, 500, int64_t{1} << 50));
  CheckKeys(kInt, KeysFrom(std::numeric_limits<int32_t>::min(), 300, 10'000'000));
  CheckKeys(Type::SmallInt(), KeysFrom(-32768, 20, 3000));
}

TEST(HashJoin, FindsTheLowestAndTheHighestKeyOfAll) {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
  CheckKeys(kBig, {kLowest, kHighest});
  CheckKeys(kBig, {kLowest, -1, 0, 1, kHighest});
  CheckKeys(kInt, {std::numeric_limits<int32_t>::min(), 0, std::numeric_limits<int32_t>::max()});
}

// Left keys far outside of what the right side has, next to it, and at the ends of the type.
TEST(HashJoin, FindsNothingOutsideTheRangeOfTheRightKeys) {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
  std::vector<int64_t> wanted = {kLowest, kLowest + 1, -1, 9, 10, 12, 13, 1 << 20, kHighest};
  for (int64_t step : {int64_t{1}, int64_t{1} << 40}) {
    std::vector<int64_t> keys = KeysFrom(10, 3, step);
    ConstantTable left = TableOfKeys(kBig, wanted, 1, wanted.size(), true);
    ConstantTable right = TableOfKeys(kBig, keys, 2, keys.size(), true);
    JoinCase test{JoinKind::kLeft, true, false, 0, 0, 0};
    PlanPtr plan = JoinPlan(test, left, right);
    plan->left_keys[0] = MakeColumn(0, kBig);
    plan->right_keys[0] = MakeColumn(10, kBig);
    for (size_t side : {0, 1}) plan->children[side]->output[0].type = kBig;
    plan->output[0].type = plan->output[3].type = kBig;
    EXPECT_EQ(RunPlan(*plan), NaiveJoin(test, left, right));
  }
}

TEST(HashJoin, FindsNothingWhenAllRightKeysAreNull) {
  ConstantTable left = RandomTable(1, 50, 10), right = RandomTable(2, 60, 10);
  for (ConstantRow& row : right) row[0] = NoInt();
  for (JoinKind kind : kKinds) {
    JoinCase test{kind, true, false, 0, 0, 0};
    EXPECT_EQ(RunPlan(*JoinPlan(test, left, right)), NaiveJoin(test, left, right));
  }
}

// Two INTEGER keys fit 64 bits, three don't.
TEST(HashJoin, TakesSeveralIntegerKeysTogether) {
  for (int keys : {2, 3}) {
    ConstantTable left = RandomTable(1, 900, 20), right = RandomTable(2, 700, 20);
    for (ConstantTable* table : {&left, &right}) {
      for (ConstantRow& row : *table) row[1] = Int(row[1].integer % 7 - 3);  // negative ones too
    }
    JoinCase test{JoinKind::kFull, true, false, 0, 0, 0};
    PlanPtr plan = JoinPlan(test, left, right);
    for (int i = 1; i < keys; ++i) {
      plan->left_keys.push_back(MakeColumn(1, kInt));
      plan->right_keys.push_back(MakeColumn(11, kInt));
    }
    PlanPtr by_condition = JoinPlan({JoinKind::kFull, true, false, 0, 0, 0}, left, right);
    by_condition->condition = Compare("=", MakeColumn(1, kInt), MakeColumn(11, kInt));
    EXPECT_EQ(RunPlan(*plan), RunPlan(*by_condition));
  }
}

TEST(HashJoin, NeedsNoColumnOfTheRightSide) {
  ConstantTable left = RandomTable(1, 50, 10), right = RandomTable(2, 60, 10);
  JoinCase test{JoinKind::kLeft, true, false, 0, 0, 0};
  PlanPtr plan = JoinPlan(test, left, right);
  plan->output.resize(2);
  Texts expected = NaiveJoin(test, left, right);
  for (auto& row : expected) row.resize(2);
  EXPECT_EQ(RunPlan(*plan), expected);
}

TEST(NestedLoopJoin, GivesWhatNestedLoopsWouldForEachKindAndSize) {
  for (JoinKind kind : kKinds) {
    CheckJoin({kind, false, true, 0, 0, 5});
    CheckJoin({kind, false, true, 9, 0, 5});
    CheckJoin({kind, false, true, 0, 9, 5});
    CheckJoin({kind, false, true, 500, 30, 5});
    CheckJoin({kind, false, true, 30, 500, 5});
    CheckJoin({kind, false, true, 3, 5000, 5});
  }
}

TEST(NestedLoopJoin, MakesTheCrossProduct) {
  CheckJoin({JoinKind::kCross, false, false, 400, 7, 5});
  CheckJoin({JoinKind::kCross, false, false, 7, 400, 5});
  CheckJoin({JoinKind::kCross, false, false, 3, 2500, 5});
  CheckJoin({JoinKind::kCross, false, false, 3, 0, 5});
}

TEST(Join, OutputMayLeaveColumnsOut) {
  JoinCase test{JoinKind::kInner, true, true, 50, 60, 10};
  ConstantTable left = RandomTable(1, 50, 10), right = RandomTable(2, 60, 10);
  PlanPtr plan = JoinPlan(test, left, right);
  plan->output = {plan->output[5], plan->output[2]};
  Texts expected = NaiveJoin(test, left, right);
  for (auto& row : expected) row = {row[5], row[2]};
  EXPECT_EQ(RunPlan(*plan), expected);
}

TEST(HashJoin, ComparesCharacterKeysWithoutTrailingBlanks) {
  Type fixed = Type::Char(4);
  auto node = std::make_unique<PlanNode>(PlanKind::kJoin);
  node->children.push_back(ValuesNode({fixed}, {{Value::Text(fixed, "a")}}, 0));
  node->children.push_back(
      ValuesNode({fixed}, {{Value::Text(fixed, "a   ")}, {Value::Text(fixed, "b")}}, 1));
  node->output = {node->children[0]->output[0], node->children[1]->output[0]};
  node->left_keys.push_back(MakeColumn(0, fixed));
  node->right_keys.push_back(MakeColumn(1, fixed));
  EXPECT_EQ(RunPlan(*node).size(), 1u);
}

TEST(HashJoin, ComparesCharacterVaryingWithCharacterWithoutTrailingBlanks) {
  Type fixed = Type::Char(4), varying = Type::Varchar();
  ConstantTable fixed_rows = {{Value::Text(fixed, "a   ")}, {Value::Text(fixed, "b")}};
  ConstantTable varying_rows = {{Text("a")}, {Text("a ")}, {Text("b  ")}, {Text(" b")}};
  for (bool is_fixed_left : {false, true}) {
    auto node = std::make_unique<PlanNode>(PlanKind::kJoin);
    const Type& left = is_fixed_left ? fixed : varying;
    const Type& right = is_fixed_left ? varying : fixed;
    node->children.push_back(ValuesNode({left}, is_fixed_left ? fixed_rows : varying_rows, 0));
    node->children.push_back(ValuesNode({right}, is_fixed_left ? varying_rows : fixed_rows, 1));
    node->output = {node->children[0]->output[0], node->children[1]->output[0]};
    node->left_keys.push_back(MakeColumn(0, left));
    node->right_keys.push_back(MakeColumn(1, right));
    EXPECT_EQ(RunPlan(*node).size(), 3u);
  }
}

TEST(Join, ConditionMayReadColumnsOfAnEnclosingQuery) {
  for (size_t right_count : {3, 500}) {
    ConstantTable left = RandomTable(1, 20, 5), right = RandomTable(2, right_count, 5);
    JoinCase test{JoinKind::kLeft, false, false, 20, right_count, 5};
    PlanPtr plan = JoinPlan(test, left, right);
    plan->condition = Compare("<", MakeColumn(11, kInt), MakeColumn(99, kInt));
    Vector limit(kInt);
    ColumnMap outer;
    outer.Add(99, &limit);
    ExecutionContext context;
    OperatorPtr root = BuildOperator(*plan, &context, &outer);
    for (int bound : {-1, 40, 100}) {
      limit.PrepareWrite(1);
      Int(bound).ToVector(&limit, 0);
      limit.SetConstant(true);
      auto passed = std::count_if(right.begin(), right.end(),
                                  [&](const ConstantRow& row) { return row[1].integer < bound; });
      root->Open();
      EXPECT_EQ(Drain(*root).size(), 20 * static_cast<size_t>(std::max<ptrdiff_t>(passed, 1)));
    }
  }
}

TEST(HashJoin, TakesExpressionsAndConstantsForKeys) {
  ConstantTable left = RandomTable(1, 300, 20), right = RandomTable(2, 300, 20);
  PlanPtr plan = JoinPlan({JoinKind::kInner, true, false, 300, 300, 20}, left, right);
  Type types[] = {kInt, kInt};
  auto plus_one = [&](ColumnId id) {
    std::vector<ExpressionPtr> arguments;
    arguments.push_back(MakeColumn(id, kInt));
    arguments.push_back(MakeConstant(Int(1)));
    return MakeCall(ResolveFunction("+", types), std::move(arguments), kNoPosition);
  };
  plan->left_keys[0] = plus_one(0);
  plan->right_keys[0] = plus_one(10);
  plan->left_keys.push_back(MakeConstant(Int(7)));
  plan->right_keys.push_back(MakeColumn(11, kInt));
  std::erase_if(right, [](const ConstantRow& row) { return row[1].integer != 7; });
  EXPECT_EQ(RunPlan(*plan), NaiveJoin({JoinKind::kInner, true, false, 0, 0, 0}, left, right));
}

TEST(Join, EndsWhenTheStatementIsInterrupted) {
  JoinCase test{JoinKind::kInner, false, true, 2000, 2000, 5};
  ConstantTable left = RandomTable(1, 2000, 5), right = RandomTable(2, 2000, 5);
  for (ConstantRow& row : left) row[1] = Int(1000);  // nothing matches
  PlanPtr plan = JoinPlan(test, left, right);
  ExecutionContext context;
  std::atomic<bool> interrupted{true};
  context.interruption.Begin(&interrupted, nullptr, nullptr, 0);
  OperatorPtr root = BuildOperator(*plan, &context, nullptr);
  root->Open();
  EXPECT_THROW(root->Next(), Error);
  root->Close();
  interrupted = false;
  root->Open();
  EXPECT_EQ(root->Next(), nullptr);
}

}  // namespace
}  // namespace tupelo
