// sql/parse_table.cpp: CREATE TABLE and ALTER TABLE.
#include "sql/parser_state.h"

namespace tupelo::ast {

// [[GLOBAL | LOCAL] {TEMPORARY | TEMP}]
TableScope Parser::ParseTableScope() {
  bool global = At(Keyword::kGlobal), local = At(Keyword::kLocal);
  if (global || local) {
    Advance();
    if (!AtTemporary()) FailSyntax("TEMPORARY");
  }
  if (!AtTemporary()) return TableScope::kPermanent;
  Position begin = token_.position;
  Advance();
  if (At(Keyword::kSequence)) FailUnsupported("a temporary sequence", begin);
  if (global) return TableScope::kGlobalTemporary;
  return local ? TableScope::kLocalTemporary : TableScope::kTemporary;
}

// [ON COMMIT {PRESERVE ROWS | DELETE ROWS | DROP}]
void Parser::ParseOnCommit(CreateTableStatement* statement) {
  if (!At(Keyword::kOn)) return;
  if (statement->on_commit != OnCommit::kUnspecified) {
    throw Error(ErrorCode::kSyntaxError, "a table has ON COMMIT once", token_.position);
  }
  statement->on_commit_position = token_.position;
  Advance();
  Expect(Keyword::kCommit);
  if (Accept(Keyword::kDrop)) {
    statement->on_commit = OnCommit::kDrop;
    return;
  }
  if (Accept(Keyword::kPreserve)) {
    statement->on_commit = OnCommit::kPreserveRows;
  } else if (Accept(Keyword::kDelete)) {
    statement->on_commit = OnCommit::kDeleteRows;
  } else {
    FailSyntax("PRESERVE ROWS, DELETE ROWS or DROP");
  }
  Expect(Keyword::kRows);
}

// Before TABLE.
const Statement* Parser::ParseCreateTable(Position begin, TableScope scope) {
  auto* statement = New<CreateTableStatement>();
  statement->position = begin;
  statement->scope = scope;
  Expect(Keyword::kTable);
  statement->if_not_exists = ParseIfNotExists();
  statement->table = ParseQualifiedName("a table name");
  if (At(Keyword::kOf)) FailUnsupported("a typed table", token_.position);
  bool has_names = At(TokenKind::kLeftParen) &&
                   (Peek(2).kind == TokenKind::kComma || Peek(2).kind == TokenKind::kRightParen);
  bool has_on_commit = !has_names && At(Keyword::kOn);
  if (At(Keyword::kAs) || has_names || has_on_commit) {
    ParseTableQuery(statement);
  } else {
    ParseTableElements(statement);
  }
  ParseOnCommit(statement);
  statement->end = previous_end_;
  return statement;
}

// [(names)] [ON COMMIT ...] AS query [WITH [NO] DATA]
void Parser::ParseTableQuery(CreateTableStatement* statement) {
  if (At(TokenKind::kLeftParen)) {
    Position begin = token_.position;
    statement->names = ParseNameList("a column name");
    if (!At(Keyword::kAs) && !At(Keyword::kOn)) {
      throw Error(ErrorCode::kSyntaxError,
                  "a column of a table has a type, unless AS and a query follow: " +
                      std::string(statement->names[0].text),
                  begin);
    }
  }
  ParseOnCommit(statement);
  Expect(Keyword::kAs);
  statement->query = ParseQuery();
  if (!Accept(Keyword::kWith)) return;
  statement->with_data = !Accept(Keyword::kNo);
  Expect(Keyword::kData);
}

// LIKE table {INCLUDING | EXCLUDING} {DEFAULTS | IDENTITY} ...
LikeClause Parser::ParseLikeClause() {
  Advance();
  LikeClause like;
  like.table = ParseQualifiedName("a table name");
  while (At(Keyword::kIncluding) || At(Keyword::kExcluding)) {
    bool included = At(Keyword::kIncluding);
    Advance();
    if (Accept(Keyword::kDefaults)) {
      like.defaults = included;
    } else if (Accept(Keyword::kIdentity)) {
      like.identity = included;
    } else {
      FailUnsupported((included ? "INCLUDING " : "EXCLUDING ") + std::string(token_.text),
                      token_.position);
    }
  }
  return like;
}

void Parser::ParseTableElements(CreateTableStatement* statement) {
  Expect(TokenKind::kLeftParen);
  NodeList<ColumnDefinition> columns = NewList<ColumnDefinition>();
  NodeList<Constraint> constraints = NewList<Constraint>();
  NodeList<LikeClause> likes(arena_, 1);
  do {
    if (AtTableConstraint()) {
      constraints.Add(ParseTableConstraint());
    } else if (At(Keyword::kLike)) {
      LikeClause like = ParseLikeClause();
      like.before = columns.size();
      likes.Add(like);
    } else {
      columns.Add(ParseColumnDefinition());
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  if (columns.size() == 0 && likes.size() == 0) {
    throw Error(ErrorCode::kSyntaxError, "a table has at least one column",
                statement->table.position());
  }
  statement->columns = columns.Finish();
  statement->likes = likes.Finish();
  statement->constraints = constraints.Finish();
}

ColumnDefinition Parser::ParseColumnDefinition() {
  ColumnDefinition column;
  column.position = token_.position;
  column.name = ExpectName("a column name");
  column.type = ParseType();
  NodeList<Constraint> constraints(arena_, 2);
  for (;;) {
    Position begin = token_.position;
    if (At(Keyword::kDefault)) {
      if (column.default_value != nullptr)
        throw Error(ErrorCode::kSyntaxError, "a column has two defaults", begin);
      if (column.identity != IdentityKind::kNone || column.generated != nullptr) {
        FailDefaultOfIdentity(begin);
      }
      ParseDefault(&column.default_value, &column.default_text);
    } else if (At(Keyword::kGenerated)) {
      if (column.identity != IdentityKind::kNone || column.generated != nullptr) {
        throw Error(ErrorCode::kSyntaxError, "a column is generated twice", begin);
      }
      if (column.default_value != nullptr) FailDefaultOfIdentity(begin);
      ParseIdentity(&column);
    } else if (At(Keyword::kCollate)) {
      FailUnsupported("COLLATE", begin);
    } else if (ParseColumnConstraint(&constraints)) {
      CheckNullability(constraints);
    } else {
      break;
    }
  }
  column.constraints = constraints.Finish();
  column.end = previous_end_;
  return column;
}

// NULL only says that nulls are allowed: it stands in contradiction to NOT NULL.
void Parser::CheckNullability(const NodeList<Constraint>& constraints) {
  const Constraint& last = constraints[constraints.size() - 1];
  if (last.kind != ConstraintKind::kNull && last.kind != ConstraintKind::kNotNull) return;
  for (size_t i = 0; i + 1 < constraints.size(); ++i) {
    ConstraintKind kind = constraints[i].kind;
    if (kind == last.kind || (kind != ConstraintKind::kNull && kind != ConstraintKind::kNotNull)) {
      continue;
    }
    throw Error(ErrorCode::kSyntaxError, "a column is either NULL or NOT NULL, not both",
                last.position);
  }
}

void Parser::FailDefaultOfIdentity(Position position) {
  throw Error(ErrorCode::kSyntaxError, "a column has either DEFAULT or GENERATED, not both",
              position);
}

// At DEFAULT.
void Parser::ParseDefault(const Expression** value, std::string_view* text) {
  Advance();
  Position begin = token_.position;
  *value = ParseExpression();
  *text = TextBetween(begin, previous_end_);
}

// GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY [(options)], GENERATED ALWAYS AS (value) [STORED |
// VIRTUAL]
void Parser::ParseIdentity(ColumnDefinition* column) {
  Advance();
  if (Accept(Keyword::kAlways)) {
    column->identity = IdentityKind::kAlways;
  } else {
    Expect(Keyword::kBy);
    Expect(Keyword::kDefault);
    column->identity = IdentityKind::kByDefault;
  }
  Expect(Keyword::kAs);
  if (column->identity == IdentityKind::kAlways && Accept(TokenKind::kLeftParen)) {
    column->identity = IdentityKind::kNone;
    column->generated = ParseExpression();
    Expect(TokenKind::kRightParen);
    // Values depend on the row alone: whether they are kept or computed shows nowhere.
    if (!Accept(Keyword::kVirtual)) Accept(Keyword::kStored);
    return;
  }
  Expect(Keyword::kIdentity);
  if (!At(TokenKind::kLeftParen)) return;
  Advance();
  column->identity_options = ParseIdentityOptions(SequenceClause::kIdentity);
  Expect(TokenKind::kRightParen);
}

const Statement* Parser::ParseAlterTable() {
  auto* alter = New<AlterTableStatement>();
  alter->position = token_.position;
  if (Peek().keyword != Keyword::kTable) FailCreateOrDrop("ALTER");
  Advance();
  Advance();
  if (At(Keyword::kIf)) FailUnsupported("IF EXISTS in ALTER TABLE", token_.position);
  alter->table = ParseQualifiedName("a table name");
  if (Accept(Keyword::kAdd)) {
    ParseAlterAdd(alter);
  } else if (Accept(Keyword::kDrop)) {
    ParseAlterDrop(alter);
  } else if (Accept(Keyword::kAlter)) {
    ParseAlterColumn(alter);
  } else {
    Expect(Keyword::kRename);
    ParseAlterRename(alter);
  }
  alter->end = previous_end_;
  return alter;
}

void Parser::ParseAlterAdd(AlterTableStatement* alter) {
  if (AtTableConstraint()) {
    alter->action = AlterTableAction::kAddConstraint;
    auto* constraint = New<Constraint>();
    *constraint = ParseTableConstraint();
    alter->constraint = constraint;
    return;
  }
  Accept(Keyword::kColumn);
  alter->action = AlterTableAction::kAddColumn;
  auto* column = New<ColumnDefinition>();
  *column = ParseColumnDefinition();
  alter->column = column;
}

void Parser::ParseAlterDrop(AlterTableStatement* alter) {
  if (Accept(Keyword::kConstraint)) {
    alter->action = AlterTableAction::kDropConstraint;
    alter->name = ExpectName("a constraint name");
  } else {
    Accept(Keyword::kColumn);
    alter->action = AlterTableAction::kDropColumn;
    alter->name = ExpectName("a column name");
  }
  alter->behavior = ParseDropBehavior();
}

void Parser::ParseAlterColumn(AlterTableStatement* alter) {
  Accept(Keyword::kColumn);
  alter->name = ExpectName("a column name");
  if (Accept(Keyword::kDrop)) {
    if (Accept(Keyword::kDefault)) {
      alter->action = AlterTableAction::kDropDefault;
      return;
    }
    if (At(Keyword::kIdentity)) FailUnsupported("DROP IDENTITY", token_.position);
    Expect(Keyword::kNot);
    Expect(Keyword::kNull);
    alter->action = AlterTableAction::kDropNotNull;
    return;
  }
  if (Accept(Keyword::kRestart)) {
    alter->action = AlterTableAction::kRestart;
    if (Accept(Keyword::kWith)) alter->restart_with = ExpectSignedInteger();
    return;
  }
  Expect(Keyword::kSet);
  if (At(Keyword::kDefault)) {
    alter->action = AlterTableAction::kSetDefault;
    ParseDefault(&alter->default_value, &alter->default_text);
  } else if (Accept(Keyword::kNot)) {
    Expect(Keyword::kNull);
    alter->action = AlterTableAction::kSetNotNull;
  } else {
    Expect(Keyword::kData);
    Expect(Keyword::kType);
    alter->action = AlterTableAction::kSetType;
    alter->type = ParseType();
  }
}

void Parser::ParseAlterRename(AlterTableStatement* alter) {
  if (Accept(Keyword::kTo)) {
    alter->action = AlterTableAction::kRenameTable;
    alter->new_name = ExpectName("a table name");
    return;
  }
  if (At(Keyword::kConstraint)) FailUnsupported("RENAME CONSTRAINT", token_.position);
  Accept(Keyword::kColumn);
  alter->action = AlterTableAction::kRenameColumn;
  alter->name = ExpectName("a column name");
  Expect(Keyword::kTo);
  alter->new_name = ExpectName("a column name");
}

}  // namespace tupelo::ast
