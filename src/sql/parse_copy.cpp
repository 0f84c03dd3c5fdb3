// sql/parse_copy.cpp: COPY.
#include "sql/parser_state.h"

namespace tupelo::ast {

// COPY {table [(columns)] | (query)} {FROM | TO} 'file' [[WITH] (option [value], ...)]
const Statement* Parser::ParseCopy() {
  auto* copy = New<CopyStatement>();
  copy->position = token_.position;
  Advance();
  if (At(TokenKind::kLeftParen)) {
    Advance();
    copy->query = ParseQuery();
    Expect(TokenKind::kRightParen);
  } else {
    copy->table = ParseQualifiedName("a table name");
    if (At(TokenKind::kLeftParen)) copy->columns = ParseNameList("a column name");
  }
  copy->to_file = copy->query != nullptr;
  if (copy->query != nullptr) {
    Expect(Keyword::kTo);
  } else if (!Accept(Keyword::kFrom)) {
    Expect(Keyword::kTo);
    copy->to_file = true;
  }
  bool is_parameter = At(TokenKind::kQuestionMark) || At(TokenKind::kNamedParameter);
  if (!is_parameter && !At(TokenKind::kString)) {
    if (At(TokenKind::kWord))
      FailUnsupported("COPY with " + std::string(token_.text), token_.position);
    FailSyntax("the name of a file as a character string, or a parameter");
  }
  copy->path = is_parameter ? ParseParameter() : ParseString(LiteralKind::kCharacter);
  bool with = Accept(Keyword::kWith);
  if (with || At(TokenKind::kLeftParen)) copy->options = ParseCopyOptions();
  if (At(Keyword::kWhere)) FailUnsupported("WHERE in COPY", token_.position);
  copy->end = previous_end_;
  return copy;
}

List<CopyOption> Parser::ParseCopyOptions() {
  Expect(TokenKind::kLeftParen);
  NodeList<CopyOption> options(arena_, 4);
  do {
    CopyOption option;
    option.position = token_.position;
    if (!At(TokenKind::kWord)) FailSyntax("an option, such as HEADER or DELIMITER");
    option.name = token_.text;
    Advance();
    option.value_position = token_.position;
    if (At(TokenKind::kWord) || At(TokenKind::kString) || At(TokenKind::kExactNumber)) {
      option.has_value = true;
      option.value = token_.text;
      Advance();
    } else if (At(TokenKind::kLeftParen) || At(TokenKind::kStar)) {
      FailUnsupported("a list of columns in an option of COPY", token_.position);
    }
    options.Add(option);
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return options.Finish();
}

}  // namespace tupelo::ast
