// sql/parse_with.cpp: WITH: common tables, their SEARCH and CYCLE (SQL:1999 part 2, 7.12).
#include "sql/parser_state.h"

namespace tupelo::ast {

// At WITH. Heights of the queries in it go to highest_.
const WithClause* Parser::ParseWith() {
  auto* with = New<WithClause>();
  with->position = token_.position;
  Advance();
  // RECURSIVE may be the name of the first table too.
  bool is_name = At(Keyword::kRecursive) &&
                 (Peek().keyword == Keyword::kAs || Peek().kind == TokenKind::kLeftParen);
  with->recursive = !is_name && Accept(Keyword::kRecursive);
  NodeList<CommonTable> tables(arena_, 1);
  do {
    tables.Add(ParseCommonTable());
  } while (Accept(TokenKind::kComma));
  with->tables = tables.Finish();
  return with;
}

CommonTable Parser::ParseCommonTable() {
  CommonTable table;
  table.name = ExpectName("a table name");
  if (At(TokenKind::kLeftParen)) table.columns = ParseNameList("a column name");
  Expect(Keyword::kAs);
  if (Accept(Keyword::kNot)) {
    Expect(Keyword::kMaterialized);
    table.materialization = Materialization::kNotMaterialized;
  } else if (Accept(Keyword::kMaterialized)) {
    table.materialization = Materialization::kMaterialized;
  }
  Expect(TokenKind::kLeftParen);
  if (At(Keyword::kInsert) || At(Keyword::kUpdate) || At(Keyword::kDelete)) {
    FailUnsupported("a statement that changes data in WITH", token_.position);
  }
  table.query = ParseQuery();
  Expect(TokenKind::kRightParen);
  if (At(Keyword::kSearch)) table.search = ParseSearch();
  if (At(Keyword::kCycle)) table.cycle = ParseCycle();
  return table;
}

List<Identifier> Parser::ParseNames(const char* what) {
  NodeList<Identifier> names(arena_, 2);
  do {
    names.Add(ExpectName(what));
  } while (Accept(TokenKind::kComma));
  return names.Finish();
}

const SearchClause* Parser::ParseSearch() {
  auto* search = New<SearchClause>();
  search->position = token_.position;
  Advance();
  search->depth_first = Accept(Keyword::kDepth);
  if (!search->depth_first) Expect(Keyword::kBreadth);
  Expect(Keyword::kFirst);
  Expect(Keyword::kBy);
  search->by = ParseNames("a column name");
  Expect(Keyword::kSet);
  search->column = ExpectName("a column name");
  return search;
}

const CycleClause* Parser::ParseCycle() {
  auto* cycle = New<CycleClause>();
  cycle->position = token_.position;
  Advance();
  cycle->columns = ParseNames("a column name");
  Expect(Keyword::kSet);
  cycle->mark = ExpectName("a column name");
  if (Accept(Keyword::kTo)) {
    cycle->value = ParseExpression();
    Expect(Keyword::kDefault);
    cycle->otherwise = ParseExpression();
  }
  Expect(Keyword::kUsing);
  cycle->path = ExpectName("a column name");
  return cycle;
}

// At the WITH that begins a statement: of a query, INSERT, UPDATE or DELETE.
const Statement* Parser::ParseAfterWith() {
  Position begin = token_.position;
  highest_ = 0;
  const WithClause* with = ParseWith();
  switch (token_.keyword) {
    case Keyword::kInsert:
    case Keyword::kReplace: return ParseInsert(with);
    case Keyword::kUpdate: return ParseUpdate(with);
    case Keyword::kDelete: return ParseDelete(with);
    default: break;
  }
  auto* statement = New<QueryStatement>();
  statement->query = ParseQueryAfter(nullptr, begin, highest_, with);
  statement->position = begin;
  statement->end = previous_end_;
  return statement;
}

}  // namespace tupelo::ast
