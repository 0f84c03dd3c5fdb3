// bench/cpp/tpcc_call.h: a prepared statement with its parameters, and the rows that it gives.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <tupelo/tupelo.h>

namespace tpcc {

struct Cents {
  int64_t value;
};
struct Microseconds {  // since 1970: a timestamp
  int64_t value;
};

// A row of a result; valid while it is being handled.
class Row {
 public:
  Row(const tupelo::Chunk& chunk, uint32_t row) : chunk_(chunk), row_(row) {}

  // Whole numbers of any size, and decimal fractions without their point.
  int64_t Integer(size_t column) const {
    const tupelo::Vector& vector = chunk_.column(column);
    switch (vector.physical()) {
      case tupelo::PhysicalType::kInt16: return vector.At<int16_t>(row_);
      case tupelo::PhysicalType::kInt32: return vector.At<int32_t>(row_);
      case tupelo::PhysicalType::kInt64: return vector.At<int64_t>(row_);
      default: return static_cast<int64_t>(vector.At<__int128>(row_));
    }
  }
  std::string_view Text(size_t column) const {
    return chunk_.column(column).At<tupelo::StringRef>(row_).view();
  }

 private:
  const tupelo::Chunk& chunk_;
  uint32_t row_;
};

// Not thread-safe, as its connection's transaction is one thread's.
class Call {
 public:
  Call(tupelo::Connection& connection, std::string_view sql)
      : statement_(connection.Prepare(sql)) {}

  // Runs a statement without rows: how many it changed.
  template <typename... Values>
  int64_t Change(const Values&... values) {
    return Execute(values...).row_count();
  }
  // Runs a query, or what has RETURNING, and reads it to its end: how many rows there were.
  template <typename Handler, typename... Values>
  int64_t Query(const Handler& handler, const Values&... values) {
    tupelo::Result result = Execute(values...);
    int64_t count = 0;
    while (const tupelo::Chunk* chunk = result.NextChunk()) {
      tupelo::ForEachRow(chunk->rows(), [&](uint32_t row) { handler(Row(*chunk, row)); });
      count += chunk->row_count();
    }
    return count;
  }

 private:
  template <typename... Values>
  tupelo::Result Execute(const Values&... values) {
    parameters_.Reset(sizeof...(values), statement_->parameter_targets());
    uint32_t i = 0;
    (Set(i++, values), ...);
    parameters_.EndRow();
    return statement_->Execute(parameters_);
  }
  void Set(uint32_t i, int64_t value) { parameters_.SetInteger(i, value); }
  void Set(uint32_t i, std::string_view value) { parameters_.SetText(i, value); }
  void Set(uint32_t i, Cents value) { parameters_.SetDecimal(i, value.value, 2); }
  void Set(uint32_t i, Microseconds value) { parameters_.SetTimestamp(i, value.value); }

  std::shared_ptr<tupelo::Statement> statement_;
  tupelo::ParameterSet parameters_;
};

}  // namespace tpcc
