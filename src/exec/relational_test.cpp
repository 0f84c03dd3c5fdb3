// exec/relational_test.cpp: grouping, sorting and set operations against naive models.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "exec/plan_by_hand.h"

namespace tupelo {
namespace {

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

PlanPtr AggregatePlan(const ConstantTable& table, const std::vector<ColumnId>& groups) {
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

Texts NaiveAggregate(const ConstantTable& table, const std::vector<ColumnId>& groups) {
  std::map<std::vector<std::string>, std::vector<const ConstantRow*>> rows_of;
  if (groups.empty()) rows_of[{}];
  for (const ConstantRow& row : table) {
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
    for (const ConstantRow* row : rows) {
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
    ConstantTable table = RandomTable(3, count, 40);
    for (const std::vector<ColumnId>& groups :
         {std::vector<ColumnId>{}, {0}, {2}, {0, 2}, {0, 1, 2}}) {
      EXPECT_EQ(Sorted(RunPlan(*AggregatePlan(table, groups))), NaiveAggregate(table, groups))
          << count << " rows, " << groups.size() << " groups";
    }
  }
}

TEST(Aggregate, MakesMoreGroupsThanAVectorSetHasRows) {
  ConstantTable table = RandomTable(4, 9000, 6000);
  Texts rows = RunPlan(*AggregatePlan(table, {0}));
  EXPECT_EQ(Sorted(rows), NaiveAggregate(table, {0}));
}

TEST(Aggregate, GroupsValuesThatAreEqualThoughTheyDiffer) {
  Type fixed = Type::Char(4), real = Type::Double();
  ConstantTable table = {{Value::Text(fixed, "a"), Value::Double(0.0)},
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
    ConstantTable table = RandomTable(5, count, 8);
    auto node = std::make_unique<PlanNode>(PlanKind::kDistinct);
    node->children.push_back(ValuesNode(kRowTypes, table, 0));
    node->output = node->children[0]->output;
    std::set<std::vector<std::string>> seen;
    Texts expected;
    for (const ConstantRow& row : table) {
      if (seen.insert(TextOf(row)).second) expected.push_back(TextOf(row));
    }
    EXPECT_EQ(RunPlan(*node), expected);
  }
}

Texts NaiveSetOperation(SetOperationKind kind, const ConstantTable& left,
                        const ConstantTable& right) {
  std::map<std::vector<std::string>, size_t> counts;
  std::set<std::vector<std::string>> given;
  Texts rows;
  for (const ConstantRow& row : right) ++counts[TextOf(row)];
  for (const ConstantRow& row : left) {
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
    for (const ConstantRow& row : right) rows.push_back(TextOf(row));
  }
  return rows;
}

TEST(SetOperation, CountsEqualRowsAsTheStandardSays) {
  const std::vector<Type> types = {kInt, kInt};
  auto two_columns = [](uint32_t seed, size_t count) {
    ConstantTable table = RandomTable(seed, count, 30);
    for (ConstantRow& row : table) row = {row[0], Int(row[1].integer % 20)};
    return table;
  };
  for (SetOperationKind kind :
       {SetOperationKind::kUnionAll, SetOperationKind::kIntersect, SetOperationKind::kIntersectAll,
        SetOperationKind::kExcept, SetOperationKind::kExceptAll}) {
    for (auto [left_count, right_count] :
         {std::pair<size_t, size_t>{0, 0}, {0, 5}, {5, 0}, {60, 70}, {5000, 1000}, {1000, 5000}}) {
      ConstantTable left = two_columns(6, left_count), right = two_columns(7, right_count);
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

PlanPtr SortPlan(const std::vector<Type>& types, const ConstantTable& table,
                 std::vector<SortKey> keys) {
  auto node = std::make_unique<PlanNode>(PlanKind::kSort);
  node->children.push_back(ValuesNode(types, table, 0));
  node->output = node->children[0]->output;
  node->sort_keys = std::move(keys);
  return node;
}

Texts NaiveSort(const ConstantTable& table, const std::vector<SortKey>& keys) {
  std::vector<const ConstantRow*> rows;
  for (const ConstantRow& row : table) rows.push_back(&row);
  auto precedes = [&](const ConstantRow* a, const ConstantRow* b) {
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
  for (const ConstantRow* row : rows) texts.push_back(TextOf(*row));
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
    ConstantTable table = RandomTable(8, count, 200);
    for (const auto& keys : kSortKeys) {
      EXPECT_EQ(RunPlan(*SortPlan(kRowTypes, table, keys)), NaiveSort(table, keys)) << count;
    }
  }
}

TEST(Sort, OrdersKeysOfManyWideColumns) {
  std::mt19937_64 random(9);
  ConstantTable table;
  for (int i = 0; i < 3000; ++i) {
    table.push_back({Value::Integer(kBig, static_cast<int64_t>(random() % 3)),
                     Value::Integer(kBig, -static_cast<int64_t>(random() % 3)),
                     Value::Integer(kBig, static_cast<int64_t>(random()))});
  }
  std::vector<SortKey> keys = {{0, false, false}, {1, true, false}, {2, false, false}};
  EXPECT_EQ(RunPlan(*SortPlan({kBig, kBig, kBig}, table, keys)), NaiveSort(table, keys));
}

TEST(Sort, WithALimitGivesTheFirstRowsOffsetIncluded) {
  ConstantTable table = RandomTable(10, 12000, 3000);
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

}  // namespace
}  // namespace tupelo
