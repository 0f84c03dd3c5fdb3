// sql/parse_setting.cpp: SET name = value, RESET, SHOW, SET TIME ZONE, ANALYZE, VACUUM.
#include "sql/parser_state.h"

namespace tupelo::ast {

// Whether a name and = or TO stand behind so many tokens.
bool Parser::AtSetting(int distance) {
  const Token name = Peek(distance);
  if (name.kind != TokenKind::kWord && name.kind != TokenKind::kQuotedName) return false;
  const Token& next = Peek(distance + 1);
  return next.kind == TokenKind::kEqual || next.keyword == Keyword::kTo;
}

const Statement* Parser::ParseSet() {
  if (AtSetting(1)) return ParseSetting();
  if (Peek().keyword == Keyword::kTransaction) return ParseSetTransaction();
  if (Peek().keyword == Keyword::kConstraints) return ParseSetConstraints();
  bool is_session = Peek().keyword == Keyword::kSession;
  if (is_session && Peek(2).keyword == Keyword::kCharacteristics) return ParseSetTransaction();
  int first = is_session || Peek().keyword == Keyword::kLocal ? 2 : 1;
  bool is_zone = Peek(first).keyword == Keyword::kTime && Peek(first + 1).keyword == Keyword::kZone;
  if (!is_zone && (first == 1 || !AtSetting(first))) FailStatement();
  // What holds until the transaction ends, in PostgreSQL.
  if (first == 2 && !is_session) FailUnsupported("SET LOCAL", token_.position);
  return is_zone ? ParseSetTimeZone() : ParseSetting();
}

// SET [SESSION] name {= | TO} value
const Statement* Parser::ParseSetting() {
  auto* statement = New<SetStatement>();
  statement->position = token_.position;
  if (!AtSetting(1)) Advance();
  Advance();
  statement->name = {token_.text, token_.kind == TokenKind::kQuotedName, token_.position};
  Advance();
  Advance();
  ParseSettingValue(statement);
  statement->end = previous_end_;
  return statement;
}

void Parser::ParseSettingValue(SetStatement* statement) {
  Position begin = statement->value_position = token_.position;
  if (At(TokenKind::kString)) {
    statement->value = ParseStringText(TokenKind::kString);
    return;
  }
  if (Accept(Keyword::kDefault)) {
    statement->to_default = true;
    return;
  }
  bool has_sign = Accept(TokenKind::kMinus) || Accept(TokenKind::kPlus);
  bool is_number = At(TokenKind::kExactNumber) || At(TokenKind::kApproximateNumber);
  bool is_word = At(TokenKind::kWord) || At(TokenKind::kQuotedName);
  if (!is_number && (has_sign || !is_word)) FailSyntax("a literal, a word or DEFAULT");
  statement->value = token_.text;
  Advance();
  if (has_sign) statement->value = TextBetween(begin, previous_end_);
}

// RESET {name | ALL}
const Statement* Parser::ParseReset() {
  auto* statement = New<SetStatement>();
  statement->position = token_.position;
  statement->to_default = true;
  Advance();
  if (!Accept(Keyword::kAll)) statement->name = ParseSettingName();
  statement->end = previous_end_;
  return statement;
}

// SHOW {name | TIME ZONE | ALL}
const Statement* Parser::ParseShow() {
  auto* statement = New<ShowStatement>();
  statement->position = token_.position;
  Advance();
  if (At(Keyword::kTransaction)) FailUnsupported("SHOW TRANSACTION", statement->position);
  if (!Accept(Keyword::kAll)) statement->name = ParseSettingName();
  statement->end = previous_end_;
  return statement;
}

// TIME ZONE is PostgreSQL's other name for timezone.
Identifier Parser::ParseSettingName() {
  if (At(Keyword::kTime) && Peek().keyword == Keyword::kZone) {
    Position begin = token_.position;
    Advance();
    Advance();
    return {"timezone", false, begin};
  }
  return ExpectName("the name of a setting or ALL");
}

// SET [SESSION] TIME ZONE {value | LOCAL | DEFAULT}
const Statement* Parser::ParseSetTimeZone() {
  auto* statement = New<SetTimeZoneStatement>();
  statement->position = token_.position;
  Advance();
  Accept(Keyword::kSession);
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

const Statement* Parser::ParseVacuum() {
  auto* statement = New<VacuumStatement>();
  statement->position = token_.position;
  Advance();
  if (At(TokenKind::kWord) || At(TokenKind::kQuotedName)) {
    FailUnsupported("VACUUM of one table; VACUUM alone is for all of them", token_.position);
  }
  statement->end = previous_end_;
  return statement;
}

}  // namespace tupelo::ast
