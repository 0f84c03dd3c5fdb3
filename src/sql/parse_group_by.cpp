// sql/parse_group_by.cpp: GROUP BY: expressions, ROLLUP, CUBE, GROUPING SETS.
#include "sql/parser_state.h"

namespace tupelo::ast {

void Parser::ParseGroupBy(SelectBody* select) {
  Advance();
  Expect(Keyword::kBy);
  select->has_group_by = true;
  select->group_distinct = Accept(Keyword::kDistinct);
  if (!select->group_distinct) Accept(Keyword::kAll);
  NodeList<GroupingElement> elements = NewList<GroupingElement>();
  do {
    elements.Add(ParseGroupingElement());
  } while (Accept(TokenKind::kComma));
  select->group_by = elements.Finish();
}

GroupingElement Parser::ParseGroupingElement() {
  GroupingElement element;
  element.position = token_.position;
  bool call = Peek().kind == TokenKind::kLeftParen;
  if (At(Keyword::kGrouping) && Peek().keyword == Keyword::kSets) {
    Advance();
    element.kind = GroupingKind::kSets;
  } else if (At(Keyword::kRollup) && call) {
    element.kind = GroupingKind::kRollup;
  } else if (At(Keyword::kCube) && call) {
    element.kind = GroupingKind::kCube;
  } else {
    return ParseGroupingSet();
  }
  Advance();
  Nesting nesting(*this);
  Expect(TokenKind::kLeftParen);
  NodeList<GroupingElement> elements = NewList<GroupingElement>();
  do {
    bool any_kind = element.kind == GroupingKind::kSets;
    elements.Add(any_kind ? ParseGroupingElement() : ParseGroupingSet());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  element.elements = elements.Finish();
  return element;
}

// a, (a, b), ()
GroupingElement Parser::ParseGroupingSet() {
  GroupingElement element;
  element.position = token_.position;
  bool parentheses = At(TokenKind::kLeftParen);
  if (parentheses && Peek().kind == TokenKind::kRightParen) {
    Advance();
    Advance();
    return element;
  }
  const Expression* expression = ParseExpression();
  if (parentheses && expression->kind == ExpressionKind::kRow &&
      expression->position == element.position) {
    element.expressions = As<RowExpression>(*expression).fields;
    return element;
  }
  NodeList<const Expression*> expressions(arena_, 1);
  expressions.Add(expression);
  element.expressions = expressions.Finish();
  return element;
}

}  // namespace tupelo::ast
