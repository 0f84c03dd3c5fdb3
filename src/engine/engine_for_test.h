// engine/engine_for_test.h: running SQL in tests in one line.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <tupelo/tupelo.h>

#include "types/value.h"

namespace tupelo {

// A parameter of a test: an integer, a number, text, or null.
struct Parameter {
  Parameter(int value) : kind(kInteger), integer(value) {}      // NOLINT(runtime/explicit)
  Parameter(int64_t value) : kind(kInteger), integer(value) {}  // NOLINT(runtime/explicit)
  Parameter(double value) : kind(kDouble), real(value) {}       // NOLINT(runtime/explicit)
  Parameter(const char* value) : kind(kText), text(value) {}    // NOLINT(runtime/explicit)
  Parameter(std::nullptr_t) : kind(kNull) {}                    // NOLINT(runtime/explicit)
  enum Kind { kInteger, kDouble, kText, kNull } kind;
  int64_t integer = 0;
  double real = 0;
  std::string text;
};

inline bool AddRow(ParameterSet& set, std::initializer_list<Parameter> row) {
  uint32_t i = 0;
  for (const Parameter& parameter : row) {
    switch (parameter.kind) {
      case Parameter::kInteger: set.SetInteger(i, parameter.integer); break;
      case Parameter::kDouble: set.SetDouble(i, parameter.real); break;
      case Parameter::kText: set.SetText(i, parameter.text); break;
      case Parameter::kNull: set.SetNull(i); break;
    }
    ++i;
  }
  return set.EndRow();
}

inline Result Execute(Statement& statement, std::initializer_list<Parameter> parameters = {}) {
  ParameterSet set;
  set.Reset(static_cast<uint32_t>(parameters.size()));
  AddRow(set, parameters);
  return statement.Execute(set);
}

inline Result Execute(Connection& connection, std::string_view sql,
                      std::initializer_list<Parameter> parameters = {}) {
  return Execute(*connection.Prepare(sql), parameters);
}

// Rows of one vector set as "1|a;2|b".
inline std::string TextOf(const Chunk& chunk) {
  std::string text;
  for (uint32_t i = 0; i < chunk.row_count(); ++i) {
    if (i > 0) text += ";";
    for (size_t c = 0; c < chunk.column_count(); ++c) {
      if (c > 0) text += "|";
      text += Value::FromVector(chunk.column(c), chunk.rows()[i]).ToString();
    }
  }
  return text;
}

// All rows that are left.
inline std::string RowsOf(Result& result) {
  std::string text;
  while (const Chunk* chunk = result.NextChunk()) {
    if (!text.empty()) text += ";";
    text += TextOf(*chunk);
  }
  return text;
}

inline std::string Rows(Connection& connection, std::string_view sql,
                        std::initializer_list<Parameter> parameters = {}) {
  Result result = Execute(connection, sql, parameters);
  return RowsOf(result);
}

// The SQLSTATE that `action` fails with; "" when it does not.
template <typename Action>
std::string StateOf(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_FALSE(error.message().empty());
    return std::string(error.sqlstate());
  }
  return "";
}

inline std::string StateOf(Connection& connection, std::string_view sql,
                           std::initializer_list<Parameter> parameters = {}) {
  return StateOf([&] { Rows(connection, sql, parameters); });
}

}  // namespace tupelo
