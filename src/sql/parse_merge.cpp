// sql/parse_merge.cpp: MERGE.
#include "sql/parser_state.h"

namespace tupelo::ast {

const Statement* Parser::ParseMerge() {
  auto* merge = New<MergeStatement>();
  merge->position = token_.position;
  Advance();
  Expect(Keyword::kInto);
  if (At(Keyword::kOnly)) FailUnsupported("ONLY", token_.position);
  merge->table = ParseQualifiedName("a table name");
  merge->alias = ParseTargetAlias();
  Expect(Keyword::kUsing);
  merge->source = ParseTableReference();
  Expect(Keyword::kOn);
  merge->on = ParseExpression();
  NodeList<MergeClause> clauses = NewList<MergeClause>();
  do {
    clauses.Add(ParseMergeClause());
  } while (At(Keyword::kWhen));
  merge->clauses = clauses.Finish();
  merge->returning = ParseReturning();
  merge->end = previous_end_;
  return merge;
}

// WHEN [NOT] MATCHED [AND condition] THEN action
MergeClause Parser::ParseMergeClause() {
  MergeClause clause;
  clause.position = token_.position;
  Expect(Keyword::kWhen);
  clause.matched = !Accept(Keyword::kNot);
  Expect(Keyword::kMatched);
  if (At(Keyword::kBy)) FailUnsupported("MATCHED BY", token_.position);
  if (Accept(Keyword::kAnd)) clause.condition = ParseExpression();
  Expect(Keyword::kThen);
  if (Accept(Keyword::kDo, Keyword::kNothing)) return clause;
  if (!clause.matched) {
    Expect(Keyword::kInsert);
    ParseMergeInsert(&clause);
  } else if (Accept(Keyword::kUpdate)) {
    Expect(Keyword::kSet);
    clause.action = MergeAction::kUpdate;
    clause.assignments = ParseAssignments();
  } else {
    Expect(Keyword::kDelete);
    clause.action = MergeAction::kDelete;
  }
  return clause;
}

// [(columns)] [OVERRIDING ...] {VALUES (values) | DEFAULT VALUES}
void Parser::ParseMergeInsert(MergeClause* clause) {
  clause->action = MergeAction::kInsert;
  if (At(TokenKind::kLeftParen)) clause->columns = ParseNameList("a column name");
  clause->overriding = ParseOverriding();
  clause->values_position = token_.position;
  if (Accept(Keyword::kDefault)) {
    Expect(Keyword::kValues);
    clause->default_values = true;
    return;
  }
  Expect(Keyword::kValues);
  Expect(TokenKind::kLeftParen);
  NodeList<const Expression*> values(arena_, 4);
  do {
    default_allowed_ = At(Keyword::kDefault);
    values.Add(ParseValue());
    default_allowed_ = false;
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  clause->values = values.Finish();
}

}  // namespace tupelo::ast
