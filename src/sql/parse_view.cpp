// sql/parse_view.cpp: CREATE VIEW and DROP VIEW (SQL:1999 part 2, 11.21 and 11.22).
#include "sql/parser_state.h"

namespace tupelo::ast {

// At CREATE: whether [OR REPLACE] [TEMPORARY | TEMP] [RECURSIVE] VIEW follows.
bool Parser::AtCreateView() {
  int next = 1;
  if (Peek(next).keyword == Keyword::kOr) {
    if (Peek(next + 1).keyword != Keyword::kReplace) return false;
    next += 2;
  }
  if (Peek(next).keyword == Keyword::kTemporary || Peek(next).keyword == Keyword::kTemp) ++next;
  return Peek(next).keyword == Keyword::kView || Peek(next).keyword == Keyword::kRecursive;
}

const Statement* Parser::ParseCreateView() {
  auto* view = New<CreateViewStatement>();
  view->position = token_.position;
  Advance();
  view->or_replace = Accept(Keyword::kOr, Keyword::kReplace);
  view->temporary = AtTemporary();
  if (view->temporary) Advance();
  bool recursive = Accept(Keyword::kRecursive);
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
  if (recursive) MakeRecursive(view);
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

// CREATE RECURSIVE VIEW v (a, b) AS query is CREATE VIEW v (a, b) AS WITH RECURSIVE v (a, b) AS
// (query) TABLE v.
void Parser::MakeRecursive(CreateViewStatement* view) {
  if (view->columns.empty()) FailSyntax("the names of the view's columns, as it is RECURSIVE");
  if (view->view.parts.size() > 1) {
    FailUnsupported("a schema in the name of a RECURSIVE view", view->view.position());
  }
  auto quoted = [](const Identifier& name) {
    std::string text = name.quoted ? "\"" : "";
    for (char c : name.text) text.append(name.quoted && c == '"' ? 2 : 1, c);
    return name.quoted ? text + '"' : text;
  };
  std::string name = quoted(view->view.last());
  std::string before = "WITH RECURSIVE " + name + " (";
  for (const Identifier& column : view->columns) {
    before += (&column == &view->columns.front() ? "" : ", ") + quoted(column);
  }
  before += ") AS (";
  std::string text = before + std::string(view->query_text) + ") TABLE " + name;
  view->query_text = arena_.CopyString(text);

  auto* with = New<WithClause>();
  with->recursive = true;
  with->position = view->query->position;
  NodeList<CommonTable> tables(arena_, 1);
  CommonTable table;
  table.name = view->view.last();
  table.columns = view->columns;
  table.query = view->query;
  tables.Add(table);
  with->tables = tables.Finish();
  auto* body = New<TableBody>();
  body->name = view->view;
  body->position = view->query->position;
  body->end = previous_end_;
  auto* query = New<QueryExpression>();
  query->with = with;
  query->body = body;
  query->height = view->query->height;
  // Places within the inner query are counted from the beginning of the text that is kept.
  query->position = view->query->position - static_cast<Position>(before.size());
  query->end = view->query->end;
  view->query = query;
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
