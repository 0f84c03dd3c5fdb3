// sql/parse_view.cpp: CREATE VIEW and DROP VIEW (SQL:1999 part 2, 11.21 and 11.22).
#include "sql/parser_state.h"

namespace tupelo::ast {

// At CREATE: whether [OR REPLACE] [RECURSIVE] VIEW follows.
bool Parser::AtCreateView() {
  int next = 1;
  if (Peek(next).keyword == Keyword::kOr) {
    if (Peek(next + 1).keyword != Keyword::kReplace) return false;
    next += 2;
  }
  return Peek(next).keyword == Keyword::kView || Peek(next).keyword == Keyword::kRecursive;
}

const Statement* Parser::ParseCreateView() {
  auto* view = New<CreateViewStatement>();
  view->position = token_.position;
  Advance();
  view->or_replace = Accept(Keyword::kOr, Keyword::kReplace);
  if (At(Keyword::kRecursive)) FailUnsupported("CREATE RECURSIVE VIEW", view->position);
  Expect(Keyword::kView);
  view->if_not_exists = ParseIfNotExists();
  view->view = ParseQualifiedName("a view name");
  if (At(Keyword::kOf)) FailUnsupported("a typed view", token_.position);
  if (At(TokenKind::kLeftParen)) view->columns = ParseNameList("a column name");
  Expect(Keyword::kAs);
  Position begin = token_.position;
  uint32_t parameters = parameter_count_;
  view->query = ParseQuery();
  view->query_text = TextBetween(begin, previous_end_);
  if (parameter_count_ != parameters) {
    FailUnsupported("a parameter in CREATE VIEW, which outlives the statement,", begin);
  }
  if (At(Keyword::kWith)) {
    view->check_position = token_.position;
    Advance();
    view->check = ViewCheck::kCascaded;
    if (Accept(Keyword::kLocal)) {
      view->check = ViewCheck::kLocal;
    } else {
      Accept(Keyword::kCascaded);
    }
    Expect(Keyword::kCheck);
    Expect(Keyword::kOption);
  }
  view->end = previous_end_;
  return view;
}

// At DROP.
const Statement* Parser::ParseDropView() {
  auto* statement = New<DropViewStatement>();
  statement->position = token_.position;
  Advance();
  Advance();
  statement->if_exists = ParseIfExists();
  statement->views = ParseQualifiedNames("a view name");
  statement->behavior = ParseDropBehavior();
  statement->end = previous_end_;
  return statement;
}

}  // namespace tupelo::ast
