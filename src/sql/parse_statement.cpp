// sql/parse_statement.cpp: which statement it is; EXPLAIN, UPDATE and DELETE.
#include "sql/parser_state.h"

namespace tupelo::ast {

const Statement* Parser::ParseStatement() {
  Position begin = token_.position;
  if (At(Keyword::kWith)) return ParseAfterWith();
  if (AtQuery() || At(TokenKind::kLeftParen)) {
    auto* statement = New<QueryStatement>();
    statement->query = ParseQuery();
    statement->position = begin;
    statement->end = previous_end_;
    return statement;
  }
  switch (token_.keyword) {
    case Keyword::kInsert: return ParseInsert();
    case Keyword::kReplace:
      if (Peek().keyword == Keyword::kInto) return ParseInsert();
      break;
    case Keyword::kUpdate: return ParseUpdate();
    case Keyword::kDelete: return ParseDelete();
    case Keyword::kMerge: return ParseMerge();
    case Keyword::kCopy: return ParseCopy();
    case Keyword::kCreate: return ParseCreate();
    case Keyword::kAlter:
      if (Peek().keyword != Keyword::kSequence) return ParseAlterTable();
      Advance();
      return ParseAlterSequence(begin);
    case Keyword::kDrop: return ParseDrop();
    case Keyword::kTruncate: return ParseTruncate();
    case Keyword::kStart:
    case Keyword::kBegin: return ParseStartTransaction();
    case Keyword::kSet: return ParseSet();
    case Keyword::kShow: return ParseShow();
    case Keyword::kCommit: return ParseCommit();
    case Keyword::kRollback: return ParseRollback();
    case Keyword::kSavepoint: return ParseSavepoint();
    case Keyword::kRelease: return ParseRelease();
    case Keyword::kExplain: return ParseExplain();
    case Keyword::kAnalyze: return ParseAnalyze();
    case Keyword::kVacuum: return ParseVacuum();
    default:
      if (AtWord("RESET")) return ParseReset();
      break;
  }
  FailStatement();
}

const Statement* Parser::ParseExplain() {
  auto* explain = New<ExplainStatement>();
  explain->position = token_.position;
  Advance();
  explain->analyze = Accept(Keyword::kAnalyze);
  bool explainable = AtQuery() || At(TokenKind::kLeftParen) || At(Keyword::kInsert) ||
                     At(Keyword::kUpdate) || At(Keyword::kDelete) || At(Keyword::kMerge);
  if (!explainable) FailSyntax("SELECT, VALUES, TABLE, INSERT, UPDATE, DELETE or MERGE");
  explain->statement = ParseStatement();
  explain->end = previous_end_;
  return explain;
}

// [[AS] alias] of UPDATE and DELETE.
Identifier Parser::ParseTargetAlias() {
  if (Accept(Keyword::kAs) || AtAlias()) return ExpectName("a table name");
  return {};
}

const Expression* Parser::ParseWhere() {
  if (!Accept(Keyword::kWhere)) return nullptr;
  if (At(Keyword::kCurrent) && Peek().keyword == Keyword::kOf)
    FailUnsupported("WHERE CURRENT OF", token_.position);
  return ParseExpression();
}

const Statement* Parser::ParseUpdate(const WithClause* with) {
  auto* update = New<UpdateStatement>();
  update->with = with;
  update->position = token_.position;
  Advance();
  if (At(Keyword::kOr)) FailUnsupported("UPDATE OR ...", token_.position);
  if (At(Keyword::kOnly)) FailUnsupported("ONLY", token_.position);
  update->table = ParseQualifiedName("a table name");
  update->alias = ParseTargetAlias();
  Expect(Keyword::kSet);
  update->assignments = ParseAssignments();
  if (Accept(Keyword::kFrom)) update->from = ParseTableReferences();
  update->where = ParseWhere();
  update->returning = ParseReturning();
  update->end = previous_end_;
  return update;
}

List<Assignment> Parser::ParseAssignments() {
  NodeList<Assignment> assignments = NewList<Assignment>();
  do {
    assignments.Add(ParseAssignment());
  } while (Accept(TokenKind::kComma));
  return assignments.Finish();
}

Assignment Parser::ParseAssignment() {
  Assignment assignment;
  NodeList<const Expression*> values(arena_, 1);
  auto value = [&] {
    default_allowed_ = At(Keyword::kDefault);
    values.Add(ParseValue());
    default_allowed_ = false;
  };
  if (!At(TokenKind::kLeftParen)) {
    NodeList<Identifier> columns(arena_, 1);
    columns.Add(ExpectName("a column name"));
    assignment.columns = columns.Finish();
    if (At(TokenKind::kPeriod)) FailUnsupported("a qualified column in SET", token_.position);
    Expect(TokenKind::kEqual);
    value();
    assignment.values = values.Finish();
    return assignment;
  }
  assignment.row = true;
  assignment.columns = ParseNameList("a column name");
  Expect(TokenKind::kEqual);
  if (At(Keyword::kRow) && Peek().kind == TokenKind::kLeftParen) Advance();
  if (!At(TokenKind::kLeftParen)) FailSyntax("\"(\"");
  Token open = token_;
  Token next = Peek();
  if (next.keyword == Keyword::kSelect || next.keyword == Keyword::kValues ||
      next.keyword == Keyword::kTable || next.keyword == Keyword::kWith) {
    assignment.query = ParseParenthesized().query;
    return assignment;
  }
  Advance();
  do {
    value();
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  assignment.values = values.Finish();
  if (assignment.values.size() == 1 && assignment.columns.size() != 1 &&
      assignment.values[0]->kind == ExpressionKind::kSubquery) {
    assignment.query =
        As<SubqueryExpression>(*assignment.values[0]).query;  // (a, b) = ((SELECT ...))
    assignment.values = {};
  } else if (assignment.values.size() != assignment.columns.size()) {
    throw Error(ErrorCode::kSyntaxError,
                "SET has " + std::to_string(assignment.columns.size()) + " columns, but " +
                    std::to_string(assignment.values.size()) + " values",
                open.position);
  }
  return assignment;
}

const Statement* Parser::ParseDelete(const WithClause* with) {
  auto* statement = New<DeleteStatement>();
  statement->with = with;
  statement->position = token_.position;
  Advance();
  Expect(Keyword::kFrom);
  if (At(Keyword::kOnly)) FailUnsupported("ONLY", token_.position);
  statement->table = ParseQualifiedName("a table name");
  statement->alias = ParseTargetAlias();
  if (Accept(Keyword::kUsing)) statement->from = ParseTableReferences();
  statement->where = ParseWhere();
  statement->returning = ParseReturning();
  statement->end = previous_end_;
  return statement;
}

}  // namespace tupelo::ast
