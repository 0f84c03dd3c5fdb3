// sql/parse_constraint.cpp: constraints of columns and of tables.
#include "sql/parser_state.h"

namespace tupelo::ast {

bool Parser::AtTableConstraint() {
  return At(Keyword::kConstraint) || At(Keyword::kPrimary) || At(Keyword::kUnique) ||
         At(Keyword::kCheck) || At(Keyword::kForeign);
}

// False when none begins at token_.
bool Parser::ParseColumnConstraint(NodeList<Constraint>* constraints) {
  Constraint constraint;
  constraint.position = token_.position;
  bool named = Accept(Keyword::kConstraint);
  if (named) constraint.name = ExpectName("a constraint name");
  if (Accept(Keyword::kNot, Keyword::kNull)) {
    constraint.kind = ConstraintKind::kNotNull;
  } else if (At(Keyword::kNull)) {
    if (named) FailSyntax("NOT NULL, PRIMARY KEY, UNIQUE, CHECK or REFERENCES");
    Advance();
    constraint.kind = ConstraintKind::kNull;
  } else if (Accept(Keyword::kPrimary)) {
    Expect(Keyword::kKey);
    constraint.kind = ConstraintKind::kPrimaryKey;
  } else if (Accept(Keyword::kUnique)) {
    constraint.kind = ConstraintKind::kUnique;
  } else if (At(Keyword::kCheck)) {
    ParseCheck(&constraint);
  } else if (At(Keyword::kReferences)) {
    ParseReferences(&constraint);
  } else {
    if (named) FailSyntax();
    return false;
  }
  ParseDeferrable(&constraint);
  constraint.end = previous_end_;
  constraints->Add(constraint);
  return true;
}

Constraint Parser::ParseTableConstraint() {
  Constraint constraint;
  constraint.position = token_.position;
  if (Accept(Keyword::kConstraint)) constraint.name = ExpectName("a constraint name");
  if (Accept(Keyword::kPrimary)) {
    Expect(Keyword::kKey);
    constraint.kind = ConstraintKind::kPrimaryKey;
    constraint.columns = ParseNameList("a column name");
  } else if (Accept(Keyword::kUnique)) {
    constraint.kind = ConstraintKind::kUnique;
    constraint.columns = ParseNameList("a column name");
  } else if (At(Keyword::kCheck)) {
    ParseCheck(&constraint);
  } else if (Accept(Keyword::kForeign)) {
    Expect(Keyword::kKey);
    constraint.columns = ParseNameList("a column name");
    if (!At(Keyword::kReferences)) FailSyntax("REFERENCES");
    ParseReferences(&constraint);
  } else {
    FailSyntax("CHECK");
  }
  ParseDeferrable(&constraint);
  constraint.end = previous_end_;
  return constraint;
}

// At CHECK.
void Parser::ParseCheck(Constraint* constraint) {
  constraint->kind = ConstraintKind::kCheck;
  Advance();
  Expect(TokenKind::kLeftParen);
  Position begin = token_.position;
  constraint->check = ParseExpression();
  constraint->check_text = TextBetween(begin, previous_end_);
  Expect(TokenKind::kRightParen);
}

// At REFERENCES.
void Parser::ParseReferences(Constraint* constraint) {
  constraint->kind = ConstraintKind::kForeignKey;
  Advance();
  constraint->referenced_table = ParseQualifiedName("a table name");
  if (At(TokenKind::kLeftParen)) constraint->referenced_columns = ParseNameList("a column name");
  if (Accept(Keyword::kMatch)) {
    if (Accept(Keyword::kFull)) {
      constraint->match = MatchType::kFull;
    } else if (Accept(Keyword::kPartial)) {
      constraint->match = MatchType::kPartial;
    } else {
      Expect(Keyword::kSimple);
    }
  }
  bool has_delete = false;
  bool has_update = false;
  while (At(Keyword::kOn)) {
    Position begin = token_.position;
    Advance();
    bool on_delete = Accept(Keyword::kDelete);
    if (!on_delete) Expect(Keyword::kUpdate);
    bool& given = on_delete ? has_delete : has_update;
    if (given) throw Error(ErrorCode::kSyntaxError, "a referential action stands twice", begin);
    given = true;
    (on_delete ? constraint->on_delete : constraint->on_update) = ParseReferentialAction();
  }
}

ReferentialAction Parser::ParseReferentialAction() {
  if (Accept(Keyword::kCascade)) return ReferentialAction::kCascade;
  if (Accept(Keyword::kRestrict)) return ReferentialAction::kRestrict;
  if (Accept(Keyword::kNo)) {
    Expect(Keyword::kAction);
    return ReferentialAction::kNoAction;
  }
  Expect(Keyword::kSet);
  if (Accept(Keyword::kNull)) return ReferentialAction::kSetNull;
  Expect(Keyword::kDefault);
  return ReferentialAction::kSetDefault;
}

// [NOT] DEFERRABLE and INITIALLY DEFERRED | IMMEDIATE, in either order.
void Parser::ParseDeferrable(Constraint* constraint) {
  bool not_deferrable = false;
  bool has_initially = false;
  for (;;) {
    Position begin = token_.position;
    bool has_deferrable = constraint->deferrable || not_deferrable;
    if (!has_deferrable && Accept(Keyword::kNot, Keyword::kDeferrable)) {
      not_deferrable = true;
    } else if (!has_deferrable && Accept(Keyword::kDeferrable)) {
      constraint->deferrable = true;
    } else if (!has_initially && Accept(Keyword::kInitially)) {
      has_initially = true;
      constraint->initially_deferred = Accept(Keyword::kDeferred);
      if (!constraint->initially_deferred) Expect(Keyword::kImmediate);
    } else {
      break;
    }
    if (constraint->deferrable_position == kNoPosition) constraint->deferrable_position = begin;
  }
  if (!constraint->initially_deferred) return;
  if (not_deferrable) {
    throw Error(ErrorCode::kSyntaxError,
                "a constraint that is NOT DEFERRABLE cannot be INITIALLY DEFERRED",
                constraint->deferrable_position);
  }
  constraint->deferrable = true;
}

}  // namespace tupelo::ast
