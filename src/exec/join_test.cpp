// exec/join_test.cpp: joins against a naive model.
#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>

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
  context.interrupted = &interrupted;
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
