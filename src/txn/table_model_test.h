// txn/table_model_test.h: rows for the tests of this layer, and reading a table in every way there
// is.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "txn/scan.h"
#include "txn/table.h"
#include "txn/transaction.h"
#include "types/chunk.h"

namespace tupelo {

// A row of (INTEGER, CHARACTER VARYING, DOUBLE PRECISION, BIGINT).
struct TestRow {
  std::optional<int32_t> number;
  std::optional<std::string> text;
  std::optional<double> real;
  std::optional<int64_t> big;
  friend bool operator==(const TestRow&, const TestRow&) = default;
};

using TestRows = std::map<RowId, TestRow>;

inline const std::vector<Type>& TestTypes() {
  static const std::vector<Type> types{Type::Integer(), Type::Varchar(), Type::Double(),
                                       Type::BigInt()};
  return types;
}
inline const std::vector<uint16_t>& AllTestColumns() {
  static const std::vector<uint16_t> columns{0, 1, 2, 3};
  return columns;
}

inline void PutRow(const TestRow& row, Chunk* chunk, uint32_t at) {
  auto put = [&](size_t column, const auto& value, auto convert) {
    Vector& vector = chunk->column(column);
    using Stored = decltype(convert(*value));
    if (value) {
      vector.MutableData<Stored>()[at] = convert(*value);
      vector.SetValid(at);
    } else {
      vector.MutableData<Stored>()[at] = Stored();
      vector.SetNull(at);
    }
  };
  put(0, row.number, [](int32_t value) { return value; });
  put(1, row.text, [&](const std::string& value) { return chunk->column(1).CopyToHeap(value); });
  put(2, row.real, [](double value) { return value; });
  put(3, row.big, [](int64_t value) { return value; });
}

inline void FillChunk(const std::vector<TestRow>& rows, Chunk* chunk) {
  for (size_t c = 0; c < chunk->column_count(); ++c) chunk->column(c).PrepareWrite(kVectorSize);
  for (uint32_t i = 0; i < rows.size(); ++i) PutRow(rows[i], chunk, i);
  chunk->SetRows(static_cast<uint32_t>(rows.size()));
}

inline TestRow GetRow(const Chunk& chunk, uint32_t row) {
  TestRow result;
  if (chunk.column(0).IsValid(row)) result.number = chunk.column(0).At<int32_t>(row);
  if (chunk.column(1).IsValid(row)) result.text = chunk.column(1).At<StringRef>(row).str();
  if (chunk.column(2).IsValid(row)) result.real = chunk.column(2).At<double>(row);
  if (chunk.column(3).IsValid(row)) result.big = chunk.column(3).At<int64_t>(row);
  return result;
}

inline void AddRows(const Chunk& chunk, const RowIds& ids, TestRows* rows,
                    std::vector<RowId>* order = nullptr) {
  for (uint32_t i = 0; i < chunk.row_count(); ++i) {
    uint32_t row = chunk.rows()[i];
    EXPECT_TRUE(rows->emplace(ids.ids[row], GetRow(chunk, row)).second) << "a row came twice";
    if (order != nullptr) order->push_back(ids.ids[row]);
  }
}

inline TestRows ScanAll(const Table& table, const ReadView& view) {
  TestRows rows;
  Chunk chunk(TestTypes());
  RowIds ids;
  TableScan scan;
  scan.Open(&table, view, AllTestColumns());
  while (scan.Next(&chunk, &ids)) AddRows(chunk, ids, &rows);
  return rows;
}

inline TestRows ScanIndex(const Table& table, const Index& index, const ReadView& view,
                          const KeyBound& low, const KeyBound& high, bool descending,
                          uint32_t limit = kVectorSize, std::vector<RowId>* order = nullptr) {
  TestRows rows;
  Chunk chunk(TestTypes());
  RowIds ids;
  IndexScan scan;
  scan.Open(&table, &index, view, AllTestColumns(), low, high, descending);
  while (scan.Next(&chunk, &ids, limit)) AddRows(chunk, ids, &rows, order);
  return rows;
}

// The key of `row` in an index whose columns are `index.columns()`.
inline bool TestKey(const Index& index, const TestRow& row, KeyBuffer* key) {
  Chunk chunk(TestTypes());
  FillChunk({row}, &chunk);
  std::vector<const Vector*> vectors;
  for (const IndexColumn& column : index.columns()) vectors.push_back(&chunk.column(column.column));
  return index.MakeKey(vectors.data(), 0, key);
}
inline std::string TestKey(const Index& index, const TestRow& row) {
  KeyBuffer key;
  TestKey(index, row, &key);
  return std::string(key.view());
}

}  // namespace tupelo
