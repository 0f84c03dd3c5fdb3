// exec/relational_test.cpp: joins, grouping, sorting and set operations against naive models.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "exec/operator.h"
#include "functions/function.h"

namespace tupelo {
namespace {

using Row = std::vector<Value>;
using Table = std::vector<Row>;
using Texts = std::vector<std::vector<std::string>>;

const Type kInt = Type::Integer();
const Type kBig = Type::BigInt();
const Type kText = Type::Varchar();

Value Int(int64_t value) { return Value::Integer(kInt, value); }
Value NoInt() { return Value::Null(kInt); }
Value Text(std::string value) { return Value::Text(kText, std::move(value)); }

PlanPtr ValuesNode(const std::vector<Type>& types, const Table& table, ColumnId first_id) {
  auto node = std::make_unique<PlanNode>(PlanKind::kValues);
  for (size_t i = 0; i < types.size(); ++i) {
    node->output.push_back({first_id + static_cast<ColumnId>(i), types[i], true, {}});
  }
  for (const Row& row : table) {
    auto& values = node->rows.emplace_back();
    for (const Value& value : row) values.push_back(MakeConstant(value));
  }
  return node;
}

ExpressionPtr Compare(std::string_view name, ExpressionPtr left, ExpressionPtr right) {
  Type types[] = {left->type, right->type};
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(left));
  arguments.push_back(std::move(right));
  return MakeCall(ResolveFunction(name, types), std::move(arguments), kNoPosition);
}

std::vector<std::string> TextOf(const Row& row) {
  std::vector<std::string> texts;
  for (const Value& value : row) texts.push_back(value.ToString());
  return texts;
}

Texts Drain(Operator& root) {
  Texts rows;
  while (Chunk* chunk = root.Next()) {
    EXPECT_GT(chunk->row_count(), 0u);
    EXPECT_LE(chunk->row_count(), kVectorSize);
    EXPECT_EQ(chunk, &root.output());
    for (uint32_t i = 0; i < chunk->row_count(); ++i) {
      Row row;
      for (size_t c = 0; c < chunk->column_count(); ++c) {
        row.push_back(Value::FromVector(chunk->column(c), chunk->rows()[i]));
      }
      rows.push_back(TextOf(row));
    }
  }
  return rows;
}

// Runs the plan, breaks a second run off, runs it a third time, and once more after Close.
Texts RunPlan(const PlanNode& plan) {
  ExecutionContext context;
  OperatorPtr root = BuildOperator(plan, &context, nullptr);
  root->Open();
  Texts rows = Drain(*root);
  root->Open();
  root->Next();
  root->Open();
  EXPECT_EQ(Drain(*root), rows);
  root->Close();
  root->Close();
  root->Open();
  EXPECT_EQ(Drain(*root), rows);
  root->Close();
  return rows;
}

Texts Sorted(Texts rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// Rows (key with nulls, number, text). Some texts are too long for a StringRef itself.
Table RandomTable(uint32_t seed, size_t count, int keys) {
  std::mt19937 random(seed);
  Table table;
  for (size_t i = 0; i < count; ++i) {
    int key = static_cast<int>(random() % static_cast<unsigned>(keys + 1));
    std::string text = "t" + std::to_string(random() % 50);
    if (random() % 2 == 0) text += " and more than twelve bytes";
    table.push_back({key == keys ? NoInt() : Int(key), Int(static_cast<int>(random() % 100)),
                     random() % 10 == 0 ? Value::Null(kText) : Text(text)});
  }
  return table;
}
const std::vector<Type> kRowTypes = {kInt, kInt, kText};

// ---- Joins. Left columns are 0, 1, 2; right ones 10, 11, 12. ----

struct JoinCase {
  JoinKind kind;
  bool has_key, has_residual;
  size_t left_count, right_count;
  int keys;
};

PlanPtr JoinPlan(const JoinCase& test, const Table& left, const Table& right) {
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

Texts NaiveJoin(const JoinCase& test, const Table& left, const Table& right) {
  Texts rows;
  std::vector<bool> right_matched(right.size());
  auto add = [&](const Row* a, const Row* b) {
    Row nulls = {NoInt(), NoInt(), Value::Null(kText)};
    auto texts = TextOf(a == nullptr ? nulls : *a);
    for (std::string& text : TextOf(b == nullptr ? nulls : *b)) texts.push_back(text);
    rows.push_back(texts);
  };
  for (const Row& a : left) {
    bool matched = false;
    for (size_t i = 0; i < right.size(); ++i) {
      const Row& b = right[i];
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
  Table left = RandomTable(1, test.left_count, test.keys);
  Table right = RandomTable(2, test.right_count, test.keys);
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
  Table left = RandomTable(1, 50, 10), right = RandomTable(2, 60, 10);
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
    Table left = RandomTable(1, 20, 5), right = RandomTable(2, right_count, 5);
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
                                  [&](const Row& row) { return row[1].integer < bound; });
      root->Open();
      EXPECT_EQ(Drain(*root).size(), 20 * static_cast<size_t>(std::max<ptrdiff_t>(passed, 1)));
    }
  }
}

TEST(HashJoin, TakesExpressionsAndConstantsForKeys) {
  Table left = RandomTable(1, 300, 20), right = RandomTable(2, 300, 20);
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
  std::erase_if(right, [](const Row& row) { return row[1].integer != 7; });
  EXPECT_EQ(RunPlan(*plan), NaiveJoin({JoinKind::kInner, true, false, 0, 0, 0}, left, right));
}

// ---- Grouping. ----

void AddAggregate(PlanNode& node, ColumnId id, std::string_view name, ExpressionPtr argument,
                  bool distinct = false, ExpressionPtr filter = nullptr) {
  AggregateColumn column;
  column.id = id;
  column.function = ResolveAggregate(name, argument == nullptr ? nullptr : &argument->type);
  column.argument = std::move(argument);
  column.filter = std::move(filter);
  column.distinct = distinct;
  node.output.push_back({id, column.function.result, true, {}});
  node.aggregates.push_back(std::move(column));
}

PlanPtr AggregatePlan(const Table& table, const std::vector<ColumnId>& groups) {
  auto node = std::make_unique<PlanNode>(PlanKind::kAggregate);
  node->children.push_back(ValuesNode(kRowTypes, table, 0));
  for (ColumnId group : groups) {
    node->computed.push_back({20 + group, MakeColumn(group, kRowTypes[group])});
    node->output.push_back({20 + group, kRowTypes[group], true, {}});
  }
  AddAggregate(*node, 30, "COUNT", nullptr);
  AddAggregate(*node, 31, "SUM", MakeColumn(1, kInt), false,
               Compare("<", MakeColumn(1, kInt), MakeConstant(Int(50))));
  AddAggregate(*node, 32, "MAX", MakeColumn(2, kText));
  AddAggregate(*node, 33, "COUNT", MakeColumn(2, kText), true);
  AddAggregate(*node, 34, "SUM", MakeColumn(1, kInt), true,
               Compare(">", MakeColumn(1, kInt), MakeConstant(Int(20))));
  AddAggregate(*node, 35, "COUNT", MakeColumn(0, kInt));
  return node;
}

Texts NaiveAggregate(const Table& table, const std::vector<ColumnId>& groups) {
  std::map<std::vector<std::string>, std::vector<const Row*>> rows_of;
  if (groups.empty()) rows_of[{}];
  for (const Row& row : table) {
    std::vector<std::string> key;
    for (ColumnId group : groups) key.push_back(row[group].ToString());
    rows_of[key].push_back(&row);
  }
  Texts result;
  for (auto& [key, rows] : rows_of) {
    int64_t small = 0, distinct_sum = 0, keys = 0;
    bool has_small = false;
    std::set<std::string> texts;
    std::set<int64_t> numbers;
    for (const Row* row : rows) {
      int64_t number = (*row)[1].integer;
      if (number < 50) small += number, has_small = true;
      if (number > 20 && numbers.insert(number).second) distinct_sum += number;
      if (!(*row)[2].is_null) texts.insert((*row)[2].text);
      keys += !(*row)[0].is_null;
    }
    std::vector<std::string> out = key;
    out.push_back(std::to_string(rows.size()));
    out.push_back(has_small ? std::to_string(small) : "NULL");
    out.push_back(texts.empty() ? "NULL" : *texts.rbegin());
    out.push_back(std::to_string(texts.size()));
    out.push_back(numbers.empty() ? "NULL" : std::to_string(distinct_sum));
    out.push_back(std::to_string(keys));
    result.push_back(out);
  }
  return Sorted(result);
}

TEST(Aggregate, GivesWhatAMapOfGroupsWould) {
  for (size_t count : {0, 1, 20, 5000}) {
    Table table = RandomTable(3, count, 40);
    for (const std::vector<ColumnId>& groups :
         {std::vector<ColumnId>{}, {0}, {2}, {0, 2}, {0, 1, 2}}) {
      EXPECT_EQ(Sorted(RunPlan(*AggregatePlan(table, groups))), NaiveAggregate(table, groups))
          << count << " rows, " << groups.size() << " groups";
    }
  }
}

TEST(Aggregate, MakesMoreGroupsThanAVectorSetHasRows) {
  Table table = RandomTable(4, 9000, 6000);
  Texts rows = RunPlan(*AggregatePlan(table, {0}));
  EXPECT_EQ(Sorted(rows), NaiveAggregate(table, {0}));
}

TEST(Aggregate, GroupsValuesThatAreEqualThoughTheyDiffer) {
  Type fixed = Type::Char(4), real = Type::Double();
  Table table = {{Value::Text(fixed, "a"), Value::Double(0.0)},
                 {Value::Text(fixed, "a  "), Value::Double(-0.0)},
                 {Value::Text(fixed, "b"), Value::Double(0.0)},
                 {Value::Null(fixed), Value::Null(real)},
                 {Value::Null(fixed), Value::Null(real)}};
  auto node = std::make_unique<PlanNode>(PlanKind::kAggregate);
  node->children.push_back(ValuesNode({fixed, real}, table, 0));
  node->computed.push_back({20, MakeColumn(0, fixed)});
  node->computed.push_back({21, MakeColumn(1, real)});
  AddAggregate(*node, 30, "COUNT", nullptr);
  EXPECT_EQ(RunPlan(*node), (Texts{{"2"}, {"1"}, {"2"}}));
}

TEST(Aggregate, DoesNotEvaluateArgumentsWhereTheFilterIsFalse) {
  auto node = std::make_unique<PlanNode>(PlanKind::kAggregate);
  node->children.push_back(ValuesNode({kInt}, {{Int(0)}, {Int(5)}}, 0));
  AddAggregate(*node, 1, "SUM", Compare("/", MakeConstant(Int(10)), MakeColumn(0, kInt)), false,
               Compare("<>", MakeColumn(0, kInt), MakeConstant(Int(0))));
  EXPECT_EQ(RunPlan(*node), (Texts{{"2"}}));
}

// ---- Distinct and set operations. ----

TEST(Distinct, PassesTheFirstOfEqualRowsInOrder) {
  for (size_t count : {0, 1, 5000}) {
    Table table = RandomTable(5, count, 8);
    auto node = std::make_unique<PlanNode>(PlanKind::kDistinct);
    node->children.push_back(ValuesNode(kRowTypes, table, 0));
    node->output = node->children[0]->output;
    std::set<std::vector<std::string>> seen;
    Texts expected;
    for (const Row& row : table) {
      if (seen.insert(TextOf(row)).second) expected.push_back(TextOf(row));
    }
    EXPECT_EQ(RunPlan(*node), expected);
  }
}

Texts NaiveSetOperation(SetOperationKind kind, const Table& left, const Table& right) {
  std::map<std::vector<std::string>, size_t> counts;
  std::set<std::vector<std::string>> given;
  Texts rows;
  for (const Row& row : right) ++counts[TextOf(row)];
  for (const Row& row : left) {
    std::vector<std::string> text = TextOf(row);
    size_t& count = counts[text];
    switch (kind) {
      case SetOperationKind::kUnionAll: rows.push_back(text); break;
      case SetOperationKind::kIntersect:
        if (count > 0 && given.insert(text).second) rows.push_back(text);
        break;
      case SetOperationKind::kExcept:
        if (count == 0 && given.insert(text).second) rows.push_back(text);
        break;
      case SetOperationKind::kIntersectAll:
        if (count > 0) --count, rows.push_back(text);
        break;
      case SetOperationKind::kExceptAll:
        if (count > 0) {
          --count;
        } else {
          rows.push_back(text);
        }
    }
  }
  if (kind == SetOperationKind::kUnionAll) {
    for (const Row& row : right) rows.push_back(TextOf(row));
  }
  return rows;
}

TEST(SetOperation, CountsEqualRowsAsTheStandardSays) {
  const std::vector<Type> types = {kInt, kInt};
  auto two_columns = [](uint32_t seed, size_t count) {
    Table table = RandomTable(seed, count, 30);
    for (Row& row : table) row = {row[0], Int(row[1].integer % 20)};
    return table;
  };
  for (SetOperationKind kind :
       {SetOperationKind::kUnionAll, SetOperationKind::kIntersect, SetOperationKind::kIntersectAll,
        SetOperationKind::kExcept, SetOperationKind::kExceptAll}) {
    for (auto [left_count, right_count] :
         {std::pair<size_t, size_t>{0, 0}, {0, 5}, {5, 0}, {60, 70}, {5000, 1000}, {1000, 5000}}) {
      Table left = two_columns(6, left_count), right = two_columns(7, right_count);
      auto node = std::make_unique<PlanNode>(PlanKind::kSetOperation);
      node->set_kind = kind;
      node->children.push_back(ValuesNode(types, left, 0));
      node->children.push_back(ValuesNode(types, right, 10));
      for (ColumnId i = 0; i < 2; ++i) node->output.push_back({20 + i, kInt, true, {}});
      EXPECT_EQ(RunPlan(*node), NaiveSetOperation(kind, left, right))
          << "kind " << static_cast<int>(kind) << " " << left_count << ", " << right_count;
    }
  }
}

// ---- Sorting. ----

PlanPtr SortPlan(const std::vector<Type>& types, const Table& table, std::vector<SortKey> keys) {
  auto node = std::make_unique<PlanNode>(PlanKind::kSort);
  node->children.push_back(ValuesNode(types, table, 0));
  node->output = node->children[0]->output;
  node->sort_keys = std::move(keys);
  return node;
}

Texts NaiveSort(const Table& table, const std::vector<SortKey>& keys) {
  std::vector<const Row*> rows;
  for (const Row& row : table) rows.push_back(&row);
  auto precedes = [&](const Row* a, const Row* b) {
    for (const SortKey& key : keys) {
      const Value &x = (*a)[key.column], &y = (*b)[key.column];
      if (x.is_null != y.is_null) return x.is_null == key.nulls_first;
      if (x.is_null) continue;
      bool is_text = x.type == kText;
      bool less = is_text ? x.text < y.text : x.integer < y.integer;
      bool greater = is_text ? y.text < x.text : y.integer < x.integer;
      if (less || greater) return key.descending ? greater : less;
    }
    return false;
  };
  std::stable_sort(rows.begin(), rows.end(), precedes);
  Texts texts;
  for (const Row* row : rows) texts.push_back(TextOf(*row));
  return texts;
}

const std::vector<std::vector<SortKey>> kSortKeys = {
    {{0, false, false}},
    {{0, true, true}, {1, false, false}},
    {{2, false, true}},
    {{2, true, false}, {0, false, false}},
    {{0, false, true}, {1, true, false}, {2, false, false}},
};

TEST(Sort, OrdersAsAStableSortOfRowsDoes) {
  for (size_t count : {0, 1, 300, 5000}) {
    Table table = RandomTable(8, count, 200);
    for (const auto& keys : kSortKeys) {
      EXPECT_EQ(RunPlan(*SortPlan(kRowTypes, table, keys)), NaiveSort(table, keys)) << count;
    }
  }
}

TEST(Sort, OrdersKeysOfManyWideColumns) {
  std::mt19937_64 random(9);
  Table table;
  for (int i = 0; i < 3000; ++i) {
    table.push_back({Value::Integer(kBig, static_cast<int64_t>(random() % 3)),
                     Value::Integer(kBig, -static_cast<int64_t>(random() % 3)),
                     Value::Integer(kBig, static_cast<int64_t>(random()))});
  }
  std::vector<SortKey> keys = {{0, false, false}, {1, true, false}, {2, false, false}};
  EXPECT_EQ(RunPlan(*SortPlan({kBig, kBig, kBig}, table, keys)), NaiveSort(table, keys));
}

TEST(Sort, WithALimitGivesTheFirstRowsOffsetIncluded) {
  Table table = RandomTable(10, 12000, 3000);
  for (const auto& keys : kSortKeys) {
    Texts all = NaiveSort(table, keys);
    for (auto [limit, offset] : {std::pair<int64_t, int64_t>{0, 0},
                                 {1, 0},
                                 {10, 5},
                                 {700, 900},
                                 {5000, 5000},
                                 {20000, 0}}) {
      PlanPtr plan = SortPlan(kRowTypes, table, keys);
      plan->limit = MakeConstant(Value::Integer(kBig, limit));
      plan->offset = MakeConstant(Value::Integer(kBig, offset));
      size_t wanted =
          limit == 0 ? 0 : std::min<size_t>(all.size(), static_cast<size_t>(limit + offset));
      EXPECT_EQ(RunPlan(*plan), Texts(all.begin(), all.begin() + static_cast<ptrdiff_t>(wanted)))
          << limit << " " << offset;
    }
  }
}

// ---- Interruption. ----

TEST(Join, EndsWhenTheStatementIsInterrupted) {
  JoinCase test{JoinKind::kInner, false, true, 2000, 2000, 5};
  Table left = RandomTable(1, 2000, 5), right = RandomTable(2, 2000, 5);
  for (Row& row : left) row[1] = Int(1000);  // nothing matches
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
