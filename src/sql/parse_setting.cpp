// sql/parse_setting.cpp: SET name = value, SET TIME ZONE, ANALYZE.
#include "sql/parser_state.h"

namespace tupelo::ast {

bool Parser::AtSetting() {
  const Token name = Peek();
  if (name.kind != TokenKind::kWord && name.kind != TokenKind::kQuotedName) return false;
  const Token& next = Peek(2);
  return next.kind == TokenKind::kEqual || next.keyword == Keyword::kTo;
}

const Statement* Parser::ParseSet() {
  auto* statement = New<SetStatement>();
  statement->position = token_.position;
  Advance();
  statement->name = {token_.text, token_.kind == TokenKind::kQuotedName, token_.position};
  Advance();
  Advance();
  statement->value_position = token_.position;
  if (At(TokenKind::kString)) {
    statement->value = token_.text;
  } else if (At(TokenKind::kExactNumber) || At(TokenKind::kWord)) {
    if (!At(Keyword::kDefault)) statement->value = token_.text;
  } else {
    FailSyntax("a literal, a word or DEFAULT");
  }
  Advance();
  statement->end = previous_end_;
  return statement;
}

// SET TIME ZONE {value | LOCAL | DEFAULT}
const Statement* Parser::ParseSetTimeZone() {
  auto* statement = New<SetTimeZoneStatement>();
  statement->position = token_.position;
  Advance();
  Advance();
  Advance();
  bool is_name = Peek().kind == TokenKind::kPeriod || Peek().kind == TokenKind::kLeftParen;
  if ((At(Keyword::kLocal) && !is_name) || At(Keyword::kDefault)) {
    Advance();
  } else {
    uint32_t parameters = parameter_count_;
    statement->zone = ParseExpression();
    if (parameter_count_ != parameters) {
      FailUnsupported("a parameter in SET TIME ZONE", statement->zone->position);
    }
  }
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseAnalyze() {
  auto* statement = New<AnalyzeStatement>();
  statement->position = token_.position;
  Advance();
  if (At(TokenKind::kWord) || At(TokenKind::kQuotedName)) {
    statement->table = ParseQualifiedName("a table name");
  }
  statement->end = previous_end_;
  return statement;
}

}  // namespace tupelo::ast
