// sql/parse_from.cpp: tables, derived tables and joins of FROM.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

const TableReference* Parser::ParseTableReference() {
  Nesting nesting(*this);
  return ParseJoins(ParseTablePrimary());
}

List<const TableReference*> Parser::ParseTableReferences() {
  NodeList<const TableReference*> tables = NewList<const TableReference*>();
  do {
    tables.Add(ParseTableReference());
  } while (Accept(TokenKind::kComma));
  return tables.Finish();
}

TableReference* Parser::ParseTablePrimary() {
  Position begin = token_.position;
  if (At(TokenKind::kLeftParen)) return ParseParenthesizedTable();
  if (Accept(Keyword::kLateral)) return ParseLateral(begin);
  if (At(Keyword::kOnly)) FailUnsupported("ONLY", begin);
  auto* table = New<NamedTable>();
  table->name = ParseQualifiedName("a table name");
  if (At(TokenKind::kLeftParen)) return ParseTableFunction(table->name, begin);
  table->position = begin;
  ParseTableAlias(table);
  return table;
}

// Behind the name, at the parenthesis. Its arguments may be columns of tables before it, so it is a
// LATERAL table; its column is called like the table, unless the alias says otherwise, and that of
// WITH ORDINALITY, behind it, ORDINALITY.
TableReference* Parser::ParseTableFunction(const QualifiedName& name, Position begin) {
  static constexpr std::string_view kSeries = "GENERATE_SERIES";
  static constexpr std::string_view kOrdinality = "ordinality";
  bool is_series = name.parts.size() == 1 &&
                   std::ranges::equal(name.last().text, kSeries, [](char c, char upper) {
                     return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) == upper;
                   });
  if (!is_series) {
    FailUnsupported("a function in FROM other than GENERATE_SERIES", begin);
  }
  Advance();
  uint32_t height = 0;
  auto* body = New<SeriesBody>();
  body->position = begin;
  body->arguments = ParseExpressionList(&height);
  Expect(TokenKind::kRightParen);
  body->end = previous_end_;
  if (body->arguments.size() != 2 && body->arguments.size() != 3) {
    throw Error(ErrorCode::kUndefinedFunction, "GENERATE_SERIES takes a start, a stop and a step",
                begin);
  }
  if (Accept(Keyword::kWith)) {
    if (!AtWord("ORDINALITY")) FailSyntax("ORDINALITY");
    Advance();
    body->with_ordinality = true;
  }
  auto* query = New<QueryExpression>();
  query->position = begin;
  query->end = previous_end_;
  query->body = body;
  query->height = static_cast<uint16_t>(height + 1);
  auto* derived = New<DerivedTable>();
  derived->lateral = true;
  derived->query = query;
  derived->position = begin;
  ParseTableAlias(derived);
  if (derived->alias.name.empty()) derived->alias.name = name.last();
  if (derived->alias.columns.size() < (body->with_ordinality ? 2 : 1)) {
    NodeList<Identifier> columns(arena_, 2);
    columns.Add(derived->alias.columns.empty() ? derived->alias.name : derived->alias.columns[0]);
    if (body->with_ordinality) columns.Add({kOrdinality, false, begin});
    derived->alias.columns = columns.Finish();
  }
  return derived;
}

TableReference* Parser::ParseLateral(Position begin) {
  if (!At(TokenKind::kLeftParen)) {
    if (AtName()) {
      QualifiedName name = ParseQualifiedName("a table name");
      if (!At(TokenKind::kLeftParen)) FailSyntax("\"(\"");
      return ParseTableFunction(name, begin);
    }
    FailSyntax("\"(\"");
  }
  TableReference* table = ParseParenthesizedTable();
  if (table->kind != TableReferenceKind::kDerived) {
    throw Error(ErrorCode::kSyntaxError, "LATERAL stands before a derived table, not before a join",
                begin);
  }
  static_cast<DerivedTable*>(table)->lateral = true;
  table->position = begin;
  return table;
}

// A derived table or a join. As in expressions, a query in two pairs of parentheses may go on with
// UNION or the like.
TableReference* Parser::ParseParenthesizedTable() {
  Nesting nesting(*this);
  Position begin = token_.position;
  Advance();
  const QueryExpression* query = nullptr;
  if (AtQuery()) {
    query = ParseQuery();
  } else {
    bool nested = At(TokenKind::kLeftParen);
    Position inside = token_.position;
    TableReference* table = ParseTablePrimary();
    bool bare_query = nested && table->kind == TableReferenceKind::kDerived &&
                      table->alias.name.empty() && !As<DerivedTable>(*table).lateral;
    if (bare_query && (AtQueryTail() || At(TokenKind::kRightParen))) {
      query = As<DerivedTable>(*table).query;
      if (AtQueryTail())
        query = ParseQueryAfter(NewNestedBody(query, inside), inside, query->height);
    } else {
      bool joined = table->kind == TableReferenceKind::kJoin && table->alias.name.empty();
      if (!joined && !AtJoin()) FailSyntax("JOIN");
      auto* join = const_cast<TableReference*>(ParseJoins(table));
      Expect(TokenKind::kRightParen);
      ParseTableAlias(join);
      return join;
    }
  }
  Expect(TokenKind::kRightParen);
  auto* derived = New<DerivedTable>();
  derived->query = query;
  derived->position = begin;
  ParseTableAlias(derived);
  return derived;
}

// [[AS] name [(columns)]]
void Parser::ParseTableAlias(TableReference* table) {
  bool as = Accept(Keyword::kAs);
  if (as || AtAlias()) {
    table->alias.name = ExpectName("a table name");
    if (At(TokenKind::kLeftParen)) table->alias.columns = ParseNameList("a column name");
  }
  table->end = previous_end_;
}

bool Parser::AtJoin() {
  switch (token_.keyword) {
    case Keyword::kJoin:
    case Keyword::kInner:
    case Keyword::kLeft:
    case Keyword::kRight:
    case Keyword::kFull:
    case Keyword::kCross:
    case Keyword::kNatural: return true;
    case Keyword::kUnion: {
      if (Peek().keyword == Keyword::kJoin) FailUnsupported("UNION JOIN", token_.position);
      return false;
    }
    default: return false;
  }
}

const TableReference* Parser::ParseJoins(const TableReference* first) {
  if (!AtJoin()) return first;
  auto* node = New<JoinedTable>();
  node->position = first->position;
  node->first = first;
  NodeList<JoinLink> links = NewList<JoinLink>();
  while (AtJoin()) links.Add(ParseJoin());
  node->links = links.Finish();
  node->end = previous_end_;
  return node;
}

JoinLink Parser::ParseJoin() {
  JoinLink link;
  link.position = token_.position;
  // 1. The operator.
  if (Accept(Keyword::kCross)) {
    link.kind = JoinKind::kCross;
    Expect(Keyword::kJoin);
    link.table = ParseTablePrimary();
    return link;
  }
  link.natural = Accept(Keyword::kNatural);
  if (Accept(Keyword::kLeft)) {
    link.kind = JoinKind::kLeft;
  } else if (Accept(Keyword::kRight)) {
    link.kind = JoinKind::kRight;
  } else if (Accept(Keyword::kFull)) {
    link.kind = JoinKind::kFull;
  } else {
    Accept(Keyword::kInner);
  }
  if (link.kind != JoinKind::kInner) Accept(Keyword::kOuter);
  Expect(Keyword::kJoin);
  // 2. The table. In `a JOIN b JOIN c ON x ON y` the second join is the right operand of the first
  // one.
  link.table = ParseTablePrimary();
  if (link.natural) return link;
  if (!At(Keyword::kOn) && !At(Keyword::kUsing) && AtJoin()) {
    Nesting nesting(*this);
    link.table = ParseJoins(link.table);
  }
  // 3. The condition.
  if (Accept(Keyword::kOn)) {
    link.on = ParseExpression();
    return link;
  }
  Expect(Keyword::kUsing);
  link.using_columns = ParseNameList("a column name");
  if (At(Keyword::kAs)) FailUnsupported("a name for USING", token_.position);
  return link;
}

}  // namespace tupelo::ast
