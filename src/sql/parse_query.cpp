// sql/parse_query.cpp: queries: set operations, SELECT, VALUES, TABLE, ORDER BY, LIMIT.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

bool Parser::AtQuery() const {
  return At(Keyword::kSelect) || At(Keyword::kValues) || At(Keyword::kTable) || At(Keyword::kWith);
}

// What follows an operand of a query, and cannot follow an expression.
bool Parser::AtQueryTail() const {
  switch (token_.keyword) {
    case Keyword::kUnion:
    case Keyword::kExcept:
    case Keyword::kIntersect:
    case Keyword::kOrder:
    case Keyword::kLimit:
    case Keyword::kOffset:
    case Keyword::kFetch: return true;
    default: return false;
  }
}

const QueryExpression* Parser::ParseQuery() { return ParseQueryAfter(nullptr, token_.position, 0); }

// `first` is the first operand, and `with` the clause in front, when they were read already, with
// expressions `height` levels high.
const QueryExpression* Parser::ParseQueryAfter(const QueryBody* first, Position begin,
                                               uint32_t height, const WithClause* with) {
  Nesting nesting(*this);
  uint32_t highest_outside = highest_;
  highest_ = height;
  auto* query = New<QueryExpression>();
  query->with = with;
  if (At(Keyword::kWith) && first == nullptr && with == nullptr) query->with = ParseWith();
  query->body = ParseUnionTerms(first);
  if (At(Keyword::kOrder)) query->order_by = ParseOrderBy();
  ParseLimits(query);
  if (At(Keyword::kFor)) query->lock = ParseLock();
  query->position = begin;
  query->end = previous_end_;
  if (highest_ >= kMaxNestingDepth) FailNesting();
  query->height = static_cast<uint16_t>(highest_ + 1);
  highest_ = std::max<uint32_t>(highest_outside, query->height);
  return query;
}

SetOperationLink Parser::ParseSetOperator(SetOperator op) {
  SetOperationLink link;
  link.op = op;
  link.position = token_.position;
  Advance();
  link.all = Accept(Keyword::kAll);
  if (!link.all) Accept(Keyword::kDistinct);
  link.corresponding = Accept(Keyword::kCorresponding);
  if (link.corresponding && Accept(Keyword::kBy)) link.by = ParseNameList("a column name");
  return link;
}

const QueryBody* Parser::ParseUnionTerms(const QueryBody* first) {
  first = ParseIntersectTerms(first);
  if (!At(Keyword::kUnion) && !At(Keyword::kExcept)) return first;
  auto* node = New<SetOperationBody>();
  node->first = first;
  NodeList<SetOperationLink> links = NewList<SetOperationLink>();
  while (At(Keyword::kUnion) || At(Keyword::kExcept)) {
    SetOperationLink link =
        ParseSetOperator(At(Keyword::kUnion) ? SetOperator::kUnion : SetOperator::kExcept);
    link.operand = ParseIntersectTerms(nullptr);
    links.Add(link);
  }
  node->links = links.Finish();
  node->position = first->position;
  node->end = previous_end_;
  return node;
}

const QueryBody* Parser::ParseIntersectTerms(const QueryBody* first) {
  if (first == nullptr) first = ParseQueryPrimary();
  if (!At(Keyword::kIntersect)) return first;
  auto* node = New<SetOperationBody>();
  node->first = first;
  NodeList<SetOperationLink> links = NewList<SetOperationLink>();
  while (At(Keyword::kIntersect)) {
    SetOperationLink link = ParseSetOperator(SetOperator::kIntersect);
    link.operand = ParseQueryPrimary();
    links.Add(link);
  }
  node->links = links.Finish();
  node->position = first->position;
  node->end = previous_end_;
  return node;
}

const QueryBody* Parser::NewNestedBody(const QueryExpression* query, Position begin) {
  auto* body = New<NestedBody>();
  body->query = query;
  body->position = begin;
  body->end = previous_end_;
  return body;
}

const QueryBody* Parser::ParseQueryPrimary() {
  Position begin = token_.position;
  if (At(Keyword::kSelect)) return ParseSelect();
  if (At(Keyword::kValues)) return ParseValues();
  if (At(TokenKind::kLeftParen)) {
    Advance();
    const QueryExpression* query = ParseQuery();
    Expect(TokenKind::kRightParen);
    return NewNestedBody(query, begin);
  }
  if (!At(Keyword::kTable)) FailSyntax("SELECT, VALUES, TABLE or \"(\"");
  Advance();
  auto* body = New<TableBody>();
  body->name = ParseQualifiedName("a table name");
  body->position = begin;
  body->end = previous_end_;
  return body;
}

const QueryBody* Parser::ParseSelect() {
  auto* select = New<SelectBody>();
  select->position = token_.position;
  Advance();
  select->distinct = Accept(Keyword::kDistinct);
  if (select->distinct && Accept(Keyword::kOn)) {
    uint32_t height = 0;
    Expect(TokenKind::kLeftParen);
    select->distinct_on = ParseExpressionList(&height);
    Expect(TokenKind::kRightParen);
  }
  if (!select->distinct) Accept(Keyword::kAll);
  NodeList<SelectItem> items = NewList<SelectItem>();
  do {
    items.Add(ParseSelectItem());
  } while (Accept(TokenKind::kComma));
  select->items = items.Finish();
  if (At(Keyword::kInto)) FailUnsupported("SELECT INTO", token_.position);
  if (Accept(Keyword::kFrom)) {
    select->from = ParseTableReferences();
    Remember(static_cast<uint16_t>(Keyword::kWhere));
  }
  if (At(Keyword::kWhere)) select->where = ParseWhere();
  if (At(Keyword::kGroup)) ParseGroupBy(select);
  if (At(Keyword::kHaving)) {
    Advance();
    select->having = ParseExpression();
  }
  if (At(Keyword::kWindow)) select->windows = ParseWindows();
  select->end = previous_end_;
  return select;
}

SelectItem Parser::ParseSelectItem() {
  SelectItem item;
  item.position = token_.position;
  if (At(TokenKind::kStar)) {
    Advance();
    item.kind = SelectItemKind::kStar;
    return item;
  }
  if (AtName() && Peek().kind == TokenKind::kPeriod) {
    // A name with periods: t.*, or the beginning of an expression.
    bool star = false;
    QualifiedName name = ParseQualifiedName("a name", &star);
    if (star) {
      item.kind = SelectItemKind::kQualifiedStar;
      item.qualifier = name;
      return item;
    }
    item.expression =
        ParseOperatorsAfter(ParseColumnOrCall(name, item.position), kOrLevel, kCastLevel);
  } else {
    item.expression = ParseExpression();
  }
  if (At(Keyword::kAs)) {
    Advance();
    item.alias = ExpectName("a column name");
  } else if (AtAlias()) {
    item.alias = ExpectName("a column name");
  }
  return item;
}

// A value of a row of VALUES.
const Expression* Parser::ParseValue() {
  if (!default_allowed_ || !At(Keyword::kDefault)) return ParseExpression();
  Position begin = token_.position;
  default_position_ = begin;
  Advance();
  return Seal(New<DefaultExpression>(), begin);
}

const QueryBody* Parser::ParseValues() {
  auto* values = New<ValuesBody>();
  values->position = token_.position;
  Advance();
  // Only the rows themselves may hold DEFAULT, not the queries in them.
  NodeList<const RowExpression*> rows = NewList<const RowExpression*>();
  bool default_allowed = default_allowed_;
  size_t degree = 4;
  do {
    Position begin = token_.position;
    auto* row = New<RowExpression>();
    uint32_t height = 0;
    NodeList<const Expression*> fields(arena_, degree);
    bool parentheses = At(TokenKind::kLeftParen);
    if (!parentheses && At(Keyword::kRow) && Peek().kind == TokenKind::kLeftParen) {
      Advance();
      parentheses = true;
    }
    if (!parentheses) FailSyntax("\"(\"");
    Advance();
    do {
      default_allowed_ = default_allowed && At(Keyword::kDefault);
      const Expression* field = ParseValue();
      height = std::max<uint32_t>(height, field->height);
      fields.Add(field);
    } while (Accept(TokenKind::kComma));
    Expect(TokenKind::kRightParen);
    degree = fields.size();
    row->fields = fields.Finish();
    rows.Add(Seal(row, begin, height));
  } while (Accept(TokenKind::kComma));
  default_allowed_ = false;
  values->rows = rows.Finish();
  values->end = previous_end_;
  return values;
}

NullOrder Parser::ParseNullOrder() {
  if (!Accept(Keyword::kNulls)) return NullOrder::kUnspecified;
  if (Accept(Keyword::kFirst)) return NullOrder::kFirst;
  Expect(Keyword::kLast);
  return NullOrder::kLast;
}

List<SortKey> Parser::ParseOrderBy() {
  Advance();
  Expect(Keyword::kBy);
  NodeList<SortKey> keys = NewList<SortKey>();
  do {
    SortKey key;
    key.expression = ParseExpression();
    key.descending = Accept(Keyword::kDesc);
    if (!key.descending) Accept(Keyword::kAsc);
    key.nulls = ParseNullOrder();
    keys.Add(key);
  } while (Accept(TokenKind::kComma));
  return keys.Finish();
}

// FETCH FIRST ROW ONLY is FETCH FIRST 1 ROW ONLY.
const Expression* Parser::NewOne(Position position) {
  auto* node = New<LiteralExpression>();
  node->literal = LiteralKind::kExact;
  node->text = "1";
  return Seal(node, position);
}

// LIMIT ALL, LIMIT n, or LIMIT m, n: the offset first, as sqlite3 and MySQL have it.
void Parser::ParseLimit(QueryExpression* query) {
  Advance();
  if (Accept(Keyword::kAll)) return;
  query->limit = ParseOperators(kConcatenateLevel);
  if (!At(TokenKind::kComma)) return;
  if (query->offset != nullptr) {
    throw Error(ErrorCode::kSyntaxError, "the offset stands twice: in LIMIT and OFFSET",
                token_.position);
  }
  Advance();
  query->offset = query->limit;
  query->limit = ParseOperators(kConcatenateLevel);
}

// FETCH {FIRST | NEXT} [n] {ROW | ROWS} {ONLY | WITH TIES}
void Parser::ParseFetch(QueryExpression* query) {
  Position begin = token_.position;
  Advance();
  if (!Accept(Keyword::kFirst)) Expect(Keyword::kNext);
  bool one = At(Keyword::kRow) || At(Keyword::kRows);
  query->limit = one ? NewOne(begin) : ParseOperators(kConcatenateLevel);
  if (!Accept(Keyword::kRow)) Expect(Keyword::kRows);
  if (!Accept(Keyword::kWith)) return Expect(Keyword::kOnly);
  Expect(Keyword::kTies);
  if (query->order_by.empty()) {
    throw Error(ErrorCode::kSyntaxError,
                "WITH TIES needs ORDER BY, which says what rows are tied by", begin);
  }
  query->with_ties = true;
}

// LIMIT, OFFSET n [ROWS], FETCH: each once, in any order.
void Parser::ParseLimits(QueryExpression* query) {
  for (;;) {
    Position begin = token_.position;
    bool limit = At(Keyword::kLimit) || At(Keyword::kFetch);
    if (!limit && !At(Keyword::kOffset)) return;
    if (limit ? query->limit != nullptr : query->offset != nullptr) {
      throw Error(ErrorCode::kSyntaxError, "the clause stands twice: " + std::string(token_.text),
                  begin);
    }
    if (Accept(Keyword::kOffset)) {
      query->offset = ParseOperators(kConcatenateLevel);
      if (At(Keyword::kRow) || At(Keyword::kRows)) Advance();
    } else if (At(Keyword::kLimit)) {
      ParseLimit(query);
    } else {
      ParseFetch(query);
    }
  }
}

}  // namespace tupelo::ast
