// sql/fuzz/parser_fuzz.cpp: any text is parsed or refused, and what is printed parses to what
// prints the same.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/arena.h"
#include "sql/parser.h"
#include "sql/print.h"

namespace {

using namespace tupelo;

[[noreturn]] void Fail(const char* what, const std::string& first, const std::string& second) {
  std::fprintf(stderr, "%s\n%s\n%s\n", what, first.c_str(), second.c_str());
  std::abort();
}

void CheckPosition(const Error& error, size_t size) {
  if (error.position() != kNoPosition && error.position() > size) {
    Fail("an error's position lies behind the text", error.message(), "");
  }
}

void CheckExpression(std::string_view text) {
  std::string first;
  try {
    Arena arena;
    first = PrintExpression(*ParseExpression(text, arena));
  } catch (const Error& error) {
    return CheckPosition(error, text.size());
  }
  try {
    Arena arena;
    std::string second = PrintExpression(*ParseExpression(first, arena));
    if (first != second) Fail("printed twice, an expression differs", first, second);
  } catch (const Error& error) {
    // Parentheses that the text did without count as levels.
    if (error.code() != ErrorCode::kStatementTooComplex)
      Fail("a printed expression does not parse", first, error.message());
  }
}

void CheckStatement(std::string_view text) {
  std::string first;
  try {
    Arena arena;
    const ast::Statement& statement = *ParseStatement(text, arena).statement;
    if (statement.kind != ast::StatementKind::kQuery) return;
    first = PrintQuery(*ast::As<ast::QueryStatement>(statement).query);
  } catch (const Error& error) {
    return CheckPosition(error, text.size());
  }
  try {
    Arena arena;
    const ast::Statement& statement = *ParseStatement(first, arena).statement;
    std::string second = PrintQuery(*ast::As<ast::QueryStatement>(statement).query);
    if (first != second) Fail("printed twice, a query differs", first, second);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kStatementTooComplex)
      Fail("a printed query does not parse", first, error.message());
  }
}

void CheckScript(std::string_view text) {
  size_t offset = 0;
  std::string_view statement;
  try {
    while (NextStatement(text, &offset, &statement)) {
      if (statement.empty() || offset > text.size())
        Fail("a script is split wrongly", std::string(text), "");
    }
  } catch (const Error& error) {
    CheckPosition(error, text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckExpression(text);
  CheckStatement(text);
  CheckScript(text);
  return 0;
}
