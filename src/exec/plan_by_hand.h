// exec/plan_by_hand.h: plans over constant tables, and running them: for tests of operators.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "exec/operator.h"
#include "functions/function.h"

namespace tupelo {

using ConstantRow = std::vector<Value>;
using ConstantTable = std::vector<ConstantRow>;
using Texts = std::vector<std::vector<std::string>>;

inline const Type kInt = Type::Integer();
inline const Type kBig = Type::BigInt();
inline const Type kText = Type::Varchar();

inline Value Int(int64_t value) { return Value::Integer(kInt, value); }
inline Value NoInt() { return Value::Null(kInt); }
inline Value Text(std::string value) { return Value::Text(kText, std::move(value)); }

inline PlanPtr ValuesNode(const std::vector<Type>& types, const ConstantTable& table,
                          ColumnId first_id) {
  auto node = std::make_unique<PlanNode>(PlanKind::kValues);
  for (size_t i = 0; i < types.size(); ++i) {
    node->output.push_back({first_id + static_cast<ColumnId>(i), types[i], true, {}});
  }
  for (const ConstantRow& row : table) {
    auto& values = node->rows.emplace_back();
    for (const Value& value : row) values.push_back(MakeConstant(value));
  }
  return node;
}

inline ExpressionPtr Compare(std::string_view name, ExpressionPtr left, ExpressionPtr right) {
  Type types[] = {left->type, right->type};
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(left));
  arguments.push_back(std::move(right));
  return MakeCall(ResolveFunction(name, types), std::move(arguments), kNoPosition);
}

inline std::vector<std::string> TextOf(const ConstantRow& row) {
  std::vector<std::string> texts;
  for (const Value& value : row) texts.push_back(value.ToString());
  return texts;
}

inline Texts Drain(Operator& root) {
  Texts rows;
  while (Chunk* chunk = root.Next()) {
    EXPECT_GT(chunk->row_count(), 0u);
    EXPECT_LE(chunk->row_count(), kVectorSize);
    EXPECT_EQ(chunk, &root.output());
    for (uint32_t i = 0; i < chunk->row_count(); ++i) {
      ConstantRow row;
      for (size_t c = 0; c < chunk->column_count(); ++c) {
        row.push_back(Value::FromVector(chunk->column(c), chunk->rows()[i]));
      }
      rows.push_back(TextOf(row));
    }
  }
  return rows;
}

// Runs the plan, breaks a second run off, runs it a third time, and once more after Close.
inline Texts RunPlan(const PlanNode& plan) {
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

inline Texts Sorted(Texts rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// Rows (key with nulls, number, text). Some texts are too long for a StringRef itself.
inline ConstantTable RandomTable(uint32_t seed, size_t count, int keys) {
  std::mt19937 random(seed);
  ConstantTable table;
  for (size_t i = 0; i < count; ++i) {
    int key = static_cast<int>(random() % static_cast<unsigned>(keys + 1));
    std::string text = "t" + std::to_string(random() % 50);
    if (random() % 2 == 0) text += " and more than twelve bytes";
    table.push_back({key == keys ? NoInt() : Int(key), Int(static_cast<int>(random() % 100)),
                     random() % 10 == 0 ? Value::Null(kText) : Text(text)});
  }
  return table;
}
inline const std::vector<Type> kRowTypes = {kInt, kInt, kText};

}  // namespace tupelo
