// sql/parse_primary.cpp: what stands between operators: columns, parameters, parentheses, CASE,
// rows.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

const Expression* Parser::ParsePrimary() {
  switch (token_.kind) {
    case TokenKind::kWord: return ParseWordPrimary();
    case TokenKind::kQuotedName: return ParseNameOrCall();
    case TokenKind::kExactNumber: return ParseNumber(LiteralKind::kExact);
    case TokenKind::kApproximateNumber: return ParseNumber(LiteralKind::kApproximate);
    case TokenKind::kString: return ParseString(LiteralKind::kCharacter);
    case TokenKind::kNationalString: return ParseString(LiteralKind::kNational);
    case TokenKind::kBinaryString: return ParseBinaryString();
    case TokenKind::kBitString: FailUnsupported("a bit string literal", token_.position);
    case TokenKind::kQuestionMark:
    case TokenKind::kNamedParameter: return ParseParameter();
    case TokenKind::kLeftParen: return ParseParenthesizedPrimary();
    default: FailSyntax("an expression");
  }
}

// Reserved words with a meaning of their own; else a name or what begins like one.
const Expression* Parser::ParseWordPrimary() {
  switch (token_.keyword) {
    case Keyword::kNone: return ParseNameOrCall();
    case Keyword::kNull: return ParseConstant(LiteralKind::kNull);
    case Keyword::kTrue: return ParseConstant(LiteralKind::kTrue);
    case Keyword::kFalse: return ParseConstant(LiteralKind::kFalse);
    case Keyword::kUnknown: return ParseConstant(LiteralKind::kUnknown);
    case Keyword::kCase: return ParseCase();
    case Keyword::kCast: return ParseCast();
    case Keyword::kCurrentDate: return ParseSpecialValue(SpecialValue::kCurrentDate, false);
    case Keyword::kCurrentTime: return ParseSpecialValue(SpecialValue::kCurrentTime, true);
    case Keyword::kCurrentTimestamp:
      return ParseSpecialValue(SpecialValue::kCurrentTimestamp, true);
    case Keyword::kLocaltime: return ParseSpecialValue(SpecialValue::kLocalTime, true);
    case Keyword::kLocaltimestamp: return ParseSpecialValue(SpecialValue::kLocalTimestamp, true);
    case Keyword::kCurrentUser:
    case Keyword::kUser: return ParseSpecialValue(SpecialValue::kCurrentUser, false);
    case Keyword::kSessionUser: return ParseSpecialValue(SpecialValue::kSessionUser, false);
    case Keyword::kSystemUser: return ParseSpecialValue(SpecialValue::kSystemUser, false);
    case Keyword::kDefault:
      throw Error(
          ErrorCode::kSyntaxError,
          "syntax error at \"DEFAULT\": it is allowed only as a whole value in INSERT and UPDATE",
          token_.position);
    default: break;
  }
  return ParseUsableWordPrimary();
}

// Words that mean something before a parenthesis or a string, and are names elsewhere.
const Expression* Parser::ParseUsableWordPrimary() {
  const TokenKind next = Peek().kind;
  if (next == TokenKind::kLeftParen) {
    switch (token_.keyword) {
      case Keyword::kAny:
      case Keyword::kSome: {
        Position begin = token_.position;
        const Expression* call = ParseAnyOrSomeCall();
        if (call->kind != ExpressionKind::kSubquery) return call;
        throw Error(ErrorCode::kSyntaxError,
                    "ANY or SOME with a query stands only behind a comparison operator", begin);
      }
      case Keyword::kCoalesce: return ParseCoalesce();
      case Keyword::kExists: return ParseExists();
      case Keyword::kExtract: return ParseExtract();
      case Keyword::kNullif: return ParseNullIf();
      case Keyword::kOverlay: return ParseOverlay();
      case Keyword::kPosition: return ParsePosition();
      case Keyword::kRow: return ParseRow();
      case Keyword::kSubstring: return ParseSubstring();
      case Keyword::kTreat: FailUnsupported("TREAT", token_.position);
      case Keyword::kTrim: return ParseTrim();
      case Keyword::kUnique: return ParseUnique();
      case Keyword::kLeft:
      case Keyword::kRight: return ParseNameOrCall();  // functions, though reserved for joins
      default: break;
    }
  }
  if (next == TokenKind::kString) {
    switch (token_.keyword) {
      case Keyword::kDate: return ParseDatetimeLiteral(LiteralKind::kDate);
      case Keyword::kTime: return ParseDatetimeLiteral(LiteralKind::kTime);
      case Keyword::kTimestamp: return ParseDatetimeLiteral(LiteralKind::kTimestamp);
      default: break;
    }
  }
  if (AtZonedLiteral()) return ParseZonedLiteral();
  if (At(Keyword::kInterval)) {
    bool sign = next == TokenKind::kPlus || next == TokenKind::kMinus;
    if (next == TokenKind::kString || (sign && Peek(2).kind == TokenKind::kString))
      return ParseIntervalLiteral();
  }
  if (At(Keyword::kNext) && Peek().keyword == Keyword::kValue && Peek(2).keyword == Keyword::kFor)
    return ParseNextValue();
  return ParseNameOrCall();
}

const Expression* Parser::ParseSpecialValue(SpecialValue value, bool takes_precision) {
  Position begin = token_.position;
  auto* node = New<SpecialValueExpression>();
  node->value = value;
  Advance();
  if (takes_precision && At(TokenKind::kLeftParen)) {
    Advance();
    node->precision = ExpectInteger("the number of fractional digits");
    Expect(TokenKind::kRightParen);
  }
  return Seal(node, begin);
}

const Expression* Parser::ParseParameter() {
  if (!parameters_allowed_) {
    throw Error(ErrorCode::kSyntaxError, "a parameter is not allowed in a stored expression",
                token_.position);
  }
  bool question_mark = At(TokenKind::kQuestionMark);
  if (parameter_count_ > 0 && question_mark != has_question_marks_) {
    throw Error(ErrorCode::kSyntaxError, "a statement's parameters are all ? or all :name",
                token_.position);
  }
  auto* node = New<ParameterExpression>();
  node->index = parameter_count_;
  bool is_new = true;
  if (question_mark) {
    has_question_marks_ = true;
  } else {
    node->name = token_.text;
    auto [entry, inserted] = parameter_indexes_.try_emplace(token_.text, parameter_count_);
    is_new = inserted;
    node->index = entry->second;
    if (is_new) parameter_names_.Add(token_.text);
  }
  if (is_new && ++parameter_count_ > kMaxParameters) {
    throw Error(ErrorCode::kTooManyParameters,
                "a statement has more than " + std::to_string(kMaxParameters) + " parameters",
                token_.position);
  }
  Position begin = token_.position;
  Advance();
  return Seal(node, begin);
}

// Expressions in parentheses, `((SELECT 1) UNION SELECT 2)` and so on: a query in parentheses is
// read as an expression first, and becomes an operand of a query when UNION or the like follows.
Parser::Parenthesized Parser::ParseParenthesized() {
  Expect(TokenKind::kLeftParen);
  Parenthesized inside;
  if (AtQuery()) {
    inside.query = ParseQuery();
    Expect(TokenKind::kRightParen);
    return inside;
  }
  bool nested = At(TokenKind::kLeftParen);
  Position begin = token_.position;
  uint32_t highest_before = highest_;
  NodeList<const Expression*> items = NewList<const Expression*>();
  items.Add(ParseExpression());
  if (nested && items[0]->kind == ExpressionKind::kSubquery && AtQueryTail()) {
    const QueryExpression* first = As<SubqueryExpression>(*items[0]).query;
    inside.query = ParseQueryAfter(NewNestedBody(first, begin), begin, first->height);
    highest_ = std::max<uint32_t>(highest_before, inside.query->height);
    Expect(TokenKind::kRightParen);
    return inside;
  }
  while (Accept(TokenKind::kComma)) items.Add(ParseExpression());
  Expect(TokenKind::kRightParen);
  inside.items = items.Finish();
  return inside;
}

const Expression* Parser::ParseSubqueryOf(const QueryExpression* query, Position begin) {
  auto* node = New<SubqueryExpression>();
  node->query = query;
  return Seal(node, begin, query->height);
}

const Expression* Parser::ParseParenthesizedPrimary() {
  Position begin = token_.position;
  Parenthesized inside = ParseParenthesized();
  if (inside.query != nullptr) return ParseSubqueryOf(inside.query, begin);
  if (inside.items.size() == 1) return ParseIntervalDifference(inside.items[0], begin);
  auto* row = New<RowExpression>();
  row->fields = inside.items;
  uint32_t height = 0;
  for (const Expression* field : row->fields) height = std::max<uint32_t>(height, field->height);
  return Seal(row, begin, height);
}

// Behind (a - b): an interval qualifier makes it an interval (SQL:1999 part 2, 6.29), so there a
// column name needs AS, if it is the name of a field. `inside` itself when there is none.
const Expression* Parser::ParseIntervalDifference(const Expression* inside, Position begin) {
  if (inside->kind != ExpressionKind::kChain || !AtIntervalField()) return inside;
  const auto& chain = As<ChainExpression>(*inside);
  if (chain.links[chain.links.size() - 1].op != BinaryOperator::kSubtract) return inside;
  auto* node = New<IntervalDifferenceExpression>();
  node->difference = &chain;
  node->qualifier = ParseIntervalQualifier();
  return Seal(node, begin, chain.height);
}

const Expression* Parser::ParseRow() {
  Position begin = token_.position;
  Advance();
  Expect(TokenKind::kLeftParen);
  auto* row = New<RowExpression>();
  uint32_t height = 0;
  row->fields = ParseExpressionList(&height);
  Expect(TokenKind::kRightParen);
  return Seal(row, begin, height);
}

const Expression* Parser::ParseCase() {
  Position begin = token_.position;
  Advance();
  auto* node = New<CaseExpression>();
  uint32_t height = 0;
  auto part = [&] {
    const Expression* expression = ParseExpression();
    height = std::max<uint32_t>(height, expression->height);
    return expression;
  };
  if (!At(Keyword::kWhen)) node->operand = part();
  NodeList<CaseBranch> branches = NewList<CaseBranch>();
  Expect(Keyword::kWhen);
  do {
    CaseBranch branch;
    branch.when = part();
    Expect(Keyword::kThen);
    branch.then = part();
    branches.Add(branch);
  } while (Accept(Keyword::kWhen));
  if (Accept(Keyword::kElse)) node->otherwise = part();
  Expect(Keyword::kEnd);
  node->branches = branches.Finish();
  return Seal(node, begin, height);
}

List<const Expression*> Parser::ParseExpressionList(uint32_t* height) {
  NodeList<const Expression*> items = NewList<const Expression*>();
  do {
    const Expression* item = ParseExpression();
    *height = std::max<uint32_t>(*height, item->height);
    items.Add(item);
  } while (Accept(TokenKind::kComma));
  return items.Finish();
}

// With `star`, the name may end with .*: then *star is true and the name is what stood before it.
QualifiedName Parser::ParseQualifiedName(const char* what, bool* star) {
  NodeList<Identifier> parts = NewList<Identifier>();
  parts.Add(ExpectName(what));
  while (At(TokenKind::kPeriod)) {
    Advance();
    if (star != nullptr && At(TokenKind::kStar)) {
      Advance();
      *star = true;
      break;
    }
    // Behind a period no word can be anything but a name.
    if (!At(TokenKind::kWord) && !At(TokenKind::kQuotedName)) FailSyntax("a name");
    parts.Add({token_.text, At(TokenKind::kQuotedName), token_.position});
    Advance();
  }
  return {parts.Finish()};
}

// (name, ...)
List<Identifier> Parser::ParseNameList(const char* what) {
  Expect(TokenKind::kLeftParen);
  NodeList<Identifier> names = NewList<Identifier>();
  do {
    names.Add(ExpectName(what));
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParen);
  return names.Finish();
}

const Expression* Parser::ParseNameOrCall() {
  Position begin = token_.position;
  if (Keyword word = token_.keyword; word == Keyword::kLeft || word == Keyword::kRight) {
    if (Peek().kind == TokenKind::kLeftParen) {
      NodeList<Identifier> parts = NewList<Identifier>();
      parts.Add({token_.text, false, begin});
      Advance();
      return ParseCall({parts.Finish()}, begin);
    }
  }
  if (!AtName()) FailSyntax("an expression");
  return ParseColumnOrCall(ParseQualifiedName("an expression"), begin);
}

const Expression* Parser::ParseColumnOrCall(QualifiedName name, Position begin) {
  if (At(TokenKind::kLeftParen)) return ParseCall(name, begin);
  auto* node = New<ColumnReference>();
  node->name = name;
  return Seal(node, begin);
}

}  // namespace tupelo::ast
