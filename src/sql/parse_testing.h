// sql/parse_testing.h: what the tests of this layer share: parsing to printed text, and errors as
// text.
#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "sql/parser.h"
#include "sql/print.h"

namespace tupelo {

// "42601 at 7: message" of what parsing `sql` throws; "no error" when it throws nothing.
inline std::string ErrorOf(std::string_view sql) {
  try {
    Arena arena;
    ParseStatement(sql, arena);
  } catch (const Error& error) {
    std::string position = error.position() == kNoPosition ? "-" : std::to_string(error.position());
    return std::string(error.sqlstate()) + " at " + position + ": " + error.message();
  }
  return "no error";
}

// The first `length` characters of ErrorOf: SQLSTATE and position.
inline std::string PlaceOf(std::string_view sql) {
  std::string error = ErrorOf(sql);
  return error.substr(0, error.find(':'));
}

// `text` as an expression, printed; or what was wrong.
inline std::string Reprint(std::string_view text) {
  try {
    Arena arena;
    return PrintExpression(*ParseExpression(text, arena));
  } catch (const Error& error) {
    return error.message();
  }
}

// `text` as a query statement, printed; or what was wrong.
inline std::string ReprintQuery(std::string_view text) {
  try {
    Arena arena;
    ParsedStatement parsed = ParseStatement(text, arena);
    return PrintQuery(*ast::As<ast::QueryStatement>(*parsed.statement).query);
  } catch (const Error& error) {
    return error.message();
  }
}

}  // namespace tupelo
