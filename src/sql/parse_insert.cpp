// sql/parse_insert.cpp: INSERT, OR IGNORE and OR REPLACE, ON CONFLICT, and RETURNING.
#include "sql/parser_state.h"

namespace tupelo::ast {

const Statement* Parser::ParseInsert(const WithClause* with) {
  auto* insert = New<InsertStatement>();
  insert->with = with;
  insert->position = token_.position;
  if (!At(Keyword::kReplace)) Advance();
  if (At(Keyword::kOr) || At(Keyword::kReplace)) insert->conflict = ParseOrAction();
  Expect(Keyword::kInto);
  insert->table = ParseQualifiedName("a table name");
  if (Accept(Keyword::kAs)) insert->alias = ExpectName("a table name");
  if (At(TokenKind::kLeftParen)) {
    Token next = Peek();
    bool query = next.kind == TokenKind::kLeftParen || next.keyword == Keyword::kSelect ||
                 next.keyword == Keyword::kValues || next.keyword == Keyword::kTable ||
                 next.keyword == Keyword::kWith;
    if (!query) insert->columns = ParseNameList("a column name");
  }
  insert->overriding = ParseOverriding();
  if (At(Keyword::kDefault)) {
    Advance();
    Expect(Keyword::kValues);
  } else {
    if (!AtQuery() && !At(TokenKind::kLeftParen)) {
      FailSyntax(insert->columns.empty() ? "\"(\", VALUES, SELECT, TABLE or DEFAULT VALUES"
                                         : "VALUES, SELECT or TABLE");
    }
    default_allowed_ = At(Keyword::kValues);
    insert->source = ParseQuery();
    default_allowed_ = false;
    if (default_position_ != kNoPosition && insert->source->body->kind != QueryBodyKind::kValues) {
      throw Error(ErrorCode::kSyntaxError,
                  "syntax error at \"DEFAULT\": it is not allowed in a set operation",
                  default_position_);
    }
  }
  if (At(Keyword::kOn)) {
    if (insert->conflict != nullptr) {
      throw Error(ErrorCode::kSyntaxError,
                  "ON CONFLICT can't stand together with OR IGNORE or OR REPLACE", token_.position);
    }
    insert->conflict = ParseOnConflict();
  }
  insert->returning = ParseReturning();
  insert->end = previous_end_;
  return insert;
}

// At REPLACE of REPLACE INTO, or at OR: OR ABORT is what happens anyway, and gives nullptr.
const ConflictClause* Parser::ParseOrAction() {
  auto* conflict = New<ConflictClause>();
  conflict->position = token_.position;
  Accept(Keyword::kOr);
  if (Accept(Keyword::kReplace)) {
    conflict->replaces = true;
    return conflict;
  }
  if (Accept(Keyword::kIgnore)) return conflict;
  if (At(Keyword::kRollback) || AtWord("FAIL")) {
    FailUnsupported("INSERT OR " + std::string(token_.text), token_.position);
  }
  if (!AtWord("ABORT")) FailSyntax();
  Advance();
  return nullptr;
}

// [OVERRIDING {SYSTEM | USER} VALUE]
Overriding Parser::ParseOverriding() {
  if (!Accept(Keyword::kOverriding)) return Overriding::kNone;
  Overriding overriding = Overriding::kSystemValue;
  if (!Accept(Keyword::kSystem)) {
    Expect(Keyword::kUser);
    overriding = Overriding::kUserValue;
  }
  Expect(Keyword::kValue);
  return overriding;
}

// At ON.
const ConflictClause* Parser::ParseOnConflict() {
  auto* conflict = New<ConflictClause>();
  conflict->position = token_.position;
  Advance();
  Expect(Keyword::kConflict);
  if (Accept(Keyword::kOn)) {
    Expect(Keyword::kConstraint);
    conflict->constraint = ExpectName("a constraint name");
  } else if (At(TokenKind::kLeftParen)) {
    if (Peek().kind == TokenKind::kLeftParen || Peek(2).kind == TokenKind::kLeftParen) {
      FailUnsupported("an expression in ON CONFLICT", token_.position);
    }
    conflict->columns = ParseNameList("a column name");
    if (At(Keyword::kWhere)) FailUnsupported("WHERE in front of DO", token_.position);
  }
  Expect(Keyword::kDo);
  if (Accept(Keyword::kUpdate)) {
    conflict->updates = true;
    if (conflict->columns.empty() && conflict->constraint.empty()) {
      throw Error(ErrorCode::kSyntaxError,
                  "ON CONFLICT DO UPDATE needs the columns of a key or ON CONSTRAINT",
                  conflict->position);
    }
    Expect(Keyword::kSet);
    conflict->assignments = ParseAssignments();
    conflict->where = ParseWhere();
  } else if (!Accept(Keyword::kNothing)) {
    FailSyntax();
  }
  return conflict;
}

// [RETURNING items]; an empty list when there is none.
List<SelectItem> Parser::ParseReturning() {
  if (!Accept(Keyword::kReturning)) return {};
  NodeList<SelectItem> items(arena_, 4);
  do {
    items.Add(ParseSelectItem());
  } while (Accept(TokenKind::kComma));
  return items.Finish();
}

}  // namespace tupelo::ast
