// sql/parse_definition.cpp: CREATE and DROP, of indexes and schemas too; TRUNCATE.
#include "sql/parser_state.h"

namespace tupelo::ast {

const Statement* Parser::ParseCreate() {
  Position begin = token_.position;
  if (AtCreateView()) return ParseCreateView();
  switch (Peek().keyword) {
    case Keyword::kTable:
    case Keyword::kGlobal:
    case Keyword::kLocal:
    case Keyword::kTemporary:
    case Keyword::kTemp: {
      Advance();
      TableScope scope = ParseTableScope();
      return ParseCreateTable(begin, scope);
    }
    case Keyword::kUnique:
      Advance();
      Advance();
      if (!At(Keyword::kIndex)) FailSyntax("INDEX");
      return ParseCreateIndex(begin, true);
    case Keyword::kIndex: Advance(); return ParseCreateIndex(begin, false);
    case Keyword::kSchema: Advance(); return ParseCreateSchema(begin);
    case Keyword::kSequence: Advance(); return ParseCreateSequence(begin);
    default: FailCreateOrDrop("CREATE");
  }
}

bool Parser::ParseIfNotExists() {
  if (!At(Keyword::kIf) || Peek().keyword != Keyword::kNot) return false;
  Advance();
  Advance();
  Expect(Keyword::kExists);
  return true;
}

bool Parser::ParseIfExists() { return Accept(Keyword::kIf, Keyword::kExists); }

DropBehavior Parser::ParseDropBehavior() {
  if (Accept(Keyword::kCascade)) return DropBehavior::kCascade;
  if (Accept(Keyword::kRestrict)) return DropBehavior::kRestrict;
  return DropBehavior::kUnspecified;
}

const Statement* Parser::ParseCreateIndex(Position begin, bool unique) {
  auto* statement = New<CreateIndexStatement>();
  statement->position = begin;
  statement->unique = unique;
  Advance();
  statement->if_not_exists = ParseIfNotExists();
  statement->index = ParseQualifiedName("an index name");
  Expect(Keyword::kOn);
  statement->table = ParseQualifiedName("a table name");
  if (At(Keyword::kUsing)) FailUnsupported("USING in CREATE INDEX", token_.position);
  Expect(TokenKind::kLeftParen);
  NodeList<IndexColumn> columns = NewList<IndexColumn>();
  do {
    IndexColumn column;
    if (!AtName() || Peek().kind == TokenKind::kLeftParen) {
      if (At(TokenKind::kLeftParen) || AtName())
        FailUnsupported("an index on an expression", token_.position);
    }
    column.name = ExpectName("a column name");
    if (At(Keyword::kCollate)) FailUnsupported("COLLATE", token_.position);
    column.descending = Accept(Keyword::kDesc);
    if (!column.descending) Accept(Keyword::kAsc);
    column.nulls = ParseNullOrder();
    columns.Add(column);
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  statement->columns = columns.Finish();
  if (At(Keyword::kWhere)) FailUnsupported("a partial index", token_.position);
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseCreateSchema(Position begin) {
  auto* statement = New<CreateSchemaStatement>();
  statement->position = begin;
  Advance();
  statement->if_not_exists = ParseIfNotExists();
  statement->schema = ExpectName("a schema name");
  if (At(Keyword::kCreate) || At(Keyword::kGrant))
    FailUnsupported("elements of CREATE SCHEMA", token_.position);
  statement->end = previous_end_;
  return statement;
}

List<QualifiedName> Parser::ParseQualifiedNames(const char* what) {
  NodeList<QualifiedName> names(arena_, 1);
  do {
    names.Add(ParseQualifiedName(what));
  } while (Accept(TokenKind::kComma));
  return names.Finish();
}

const Statement* Parser::ParseTruncate() {
  auto* statement = New<TruncateStatement>();
  statement->position = token_.position;
  Advance();
  Accept(Keyword::kTable);
  if (At(Keyword::kOnly)) FailUnsupported("ONLY", token_.position);
  statement->tables = ParseQualifiedNames("a table name");
  statement->restart_identity = Accept(Keyword::kRestart);
  if (statement->restart_identity || Accept(Keyword::kContinue)) Expect(Keyword::kIdentity);
  statement->behavior = ParseDropBehavior();
  statement->end = previous_end_;
  return statement;
}

const Statement* Parser::ParseDrop() {
  Position begin = token_.position;
  switch (Peek().keyword) {
    case Keyword::kTable: {
      Advance();
      Advance();
      auto* statement = New<DropTableStatement>();
      statement->position = begin;
      statement->if_exists = ParseIfExists();
      statement->tables = ParseQualifiedNames("a table name");
      statement->behavior = ParseDropBehavior();
      statement->end = previous_end_;
      return statement;
    }
    case Keyword::kIndex: {
      Advance();
      Advance();
      auto* statement = New<DropIndexStatement>();
      statement->position = begin;
      statement->if_exists = ParseIfExists();
      statement->indexes = ParseQualifiedNames("an index name");
      statement->behavior = ParseDropBehavior();
      statement->end = previous_end_;
      return statement;
    }
    case Keyword::kSequence: Advance(); return ParseDropSequence(begin);
    case Keyword::kSchema: {
      Advance();
      Advance();
      auto* statement = New<DropSchemaStatement>();
      statement->position = begin;
      statement->if_exists = ParseIfExists();
      statement->schema = ExpectName("a schema name");
      statement->behavior = ParseDropBehavior();
      statement->end = previous_end_;
      return statement;
    }
    case Keyword::kView: return ParseDropView();
    default: FailCreateOrDrop("DROP");
  }
}

}  // namespace tupelo::ast
