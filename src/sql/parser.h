// sql/parser.h: SQL text to syntax trees.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "sql/ast_statement.h"

namespace tupelo {

// All functions throw Error with the position in `sql`: kSyntaxError (what was found, what was
// expected), kFeatureNotSupported (naming it), kInvalidCharacter (not UTF-8, or a zero byte),
// kNameTooLong, kStatementTooComplex (nested deeper than ast::kMaxNestingDepth),
// kTooManyParameters, kProgramLimit (text of 4 GiB or more). Time is linear in the text, stack
// bounded. Thread-safe.

struct ParsedStatement {
  const ast::Statement* statement = nullptr;
  uint32_t parameter_count = 0;
  // Names of `:name` parameters by index, as typed, without the colon; empty when they are `?`.
  ast::List<std::string_view> parameter_names;
};

// Exactly one statement; one semicolon may follow it. `sql` and `arena` must outlive the tree.
ParsedStatement ParseStatement(std::string_view sql, Arena& arena);

// The statement that begins at `*offset` of a script; sets `*offset` behind its semicolon. False
// when only white space, comments and semicolons are left. `statement` gets its text, without the
// semicolon. Statements are split by their tokens alone; what they say is not looked at.
bool NextStatement(std::string_view script, size_t* offset, std::string_view* statement);

// One value expression and nothing after it: a stored default or check. Parameters are
// kSyntaxError.
const ast::Expression* ParseExpression(std::string_view text, Arena& arena);

}  // namespace tupelo
