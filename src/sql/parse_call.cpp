// sql/parse_call.cpp: function calls, those with a syntax of their own among them.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

namespace {

// The fields of EXTRACT are no keywords.
bool EqualsWord(std::string_view word, std::string_view upper) {
  return std::ranges::equal(word, upper, [](char c, char u) {
    return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) == u;
  });
}

}  // namespace

// At the parenthesis behind the name.
const Expression* Parser::ParseCall(QualifiedName name, Position begin) {
  auto* call = New<FunctionCall>();
  call->name = name;
  CallClauses* clauses = nullptr;
  uint32_t height = 0;
  Expect(TokenKind::kLeftParen);
  if (Accept(TokenKind::kStar)) {
    call->star = true;
    Expect(TokenKind::kRightParen);
  } else if (At(TokenKind::kRightParen)) {
    Advance();
  } else {
    if (Accept(Keyword::kDistinct)) {
      call->quantifier = SetQuantifier::kDistinct;
    } else if (Accept(Keyword::kAll)) {
      call->quantifier = SetQuantifier::kAll;
    }
    call->arguments = ParseExpressionList(&height);
    if (!At(TokenKind::kRightParen)) clauses = ParseArgumentClauses(&height);
    Expect(TokenKind::kRightParen);
  }
  return ParseCallTail(call, clauses, begin, height);
}

// ANY(..), SOME(..), ALL(..): a subquery node when a query stands inside, else the call of an
// aggregate.
const Expression* Parser::ParseAnyOrSomeCall() {
  Position begin = token_.position;
  FunctionCall* call = NewNamedCall();
  Keyword next = Peek().keyword;
  if (next == Keyword::kDistinct || next == Keyword::kAll) return ParseCall(call->name, begin);
  bool all = TextBetween(begin, previous_end_).size() == 3 &&
             FindKeyword(call->name.last().text) == Keyword::kAll;
  Parenthesized inside = ParseParenthesized();
  if (inside.query == nullptr && inside.items.size() == 1 &&
      inside.items[0]->kind == ExpressionKind::kSubquery) {
    inside.query = As<SubqueryExpression>(*inside.items[0]).query;
  }
  if (inside.query != nullptr) return ParseSubqueryOf(inside.query, begin);
  if (all) {
    throw Error(ErrorCode::kSyntaxError,
                "syntax error at \"ALL\": expected a query in its parentheses", begin);
  }
  call->arguments = inside.items;
  uint32_t height = 0;
  for (const Expression* item : inside.items) height = std::max<uint32_t>(height, item->height);
  return ParseCallTail(call, nullptr, begin, height);
}

// A call named by the word at token_, which is read.
FunctionCall* Parser::NewNamedCall() {
  auto* call = New<FunctionCall>();
  NodeList<Identifier> parts = NewList<Identifier>();
  parts.Add({token_.text, false, token_.position});
  call->name = {parts.Finish()};
  Advance();
  return call;
}

const Expression* Parser::ParseCast() {
  Position begin = token_.position;
  Advance();
  Expect(TokenKind::kLeftParen);
  auto* node = New<CastExpression>();
  node->operand = ParseExpression();
  Expect(Keyword::kAs);
  node->type = ParseType();
  Expect(TokenKind::kRightParen);
  return Seal(node, begin, node->operand->height);
}

const Expression* Parser::ParseCoalesce() {
  Position begin = token_.position;
  Advance();
  Expect(TokenKind::kLeftParen);
  auto* node = New<CoalesceExpression>();
  uint32_t height = 0;
  node->operands = ParseExpressionList(&height);
  Expect(TokenKind::kRightParen);
  return Seal(node, begin, height);
}

const Expression* Parser::ParseNullIf() {
  Position begin = token_.position;
  Advance();
  Expect(TokenKind::kLeftParen);
  auto* node = New<NullIfExpression>();
  node->left = ParseExpression();
  Expect(TokenKind::kComma);
  node->right = ParseExpression();
  Expect(TokenKind::kRightParen);
  return Seal(node, begin, std::max(node->left->height, node->right->height));
}

const Expression* Parser::ParseExtract() {
  Position begin = token_.position;
  Advance();
  Expect(TokenKind::kLeftParen);
  auto* node = New<ExtractExpression>();
  size_t field = 0;
  while (field < std::size(kExtractFieldNames) &&
         !(At(TokenKind::kWord) && EqualsWord(token_.text, kExtractFieldNames[field]))) {
    ++field;
  }
  if (field == std::size(kExtractFieldNames)) {
    FailSyntax("YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, TIMEZONE_HOUR or TIMEZONE_MINUTE");
  }
  node->field = static_cast<ExtractField>(field);
  Advance();
  Expect(Keyword::kFrom);
  node->source = ParseExpression();
  Expect(TokenKind::kRightParen);
  return Seal(node, begin, node->source->height);
}

// TRIM(source), TRIM([side] [characters] FROM source)
const Expression* Parser::ParseTrim() {
  Position begin = token_.position;
  Advance();
  Expect(TokenKind::kLeftParen);
  auto* node = New<TrimExpression>();
  bool has_side = true;
  if (Accept(Keyword::kLeading)) {
    node->side = TrimSide::kLeading;
  } else if (Accept(Keyword::kTrailing)) {
    node->side = TrimSide::kTrailing;
  } else {
    has_side = Accept(Keyword::kBoth);
  }
  uint32_t height = 0;
  if (!(has_side && At(Keyword::kFrom))) {
    const Expression* first = ParseExpression();
    height = first->height;
    if (has_side || At(Keyword::kFrom)) {
      node->characters = first;
    } else {
      node->source = first;
    }
  }
  if (node->source == nullptr) {
    Expect(Keyword::kFrom);
    node->source = ParseExpression();
    height = std::max<uint32_t>(height, node->source->height);
  }
  Expect(TokenKind::kRightParen);
  return Seal(node, begin, height);
}

// SUBSTRING(x FROM n [FOR m]), SUBSTRING(x, n [, m]), SUBSTRING(x SIMILAR p ESCAPE e)
const Expression* Parser::ParseSubstring() {
  Position begin = token_.position;
  FunctionCall* call = NewNamedCall();
  Expect(TokenKind::kLeftParen);
  NodeList<const Expression*> arguments = NewList<const Expression*>();
  uint32_t height = 0;
  auto argument = [&](int lowest_level) {
    const Expression* expression = ParseOperators(lowest_level);
    height = std::max<uint32_t>(height, expression->height);
    arguments.Add(expression);
  };
  argument(kConcatenateLevel);
  if (Accept(Keyword::kSimilar)) {
    call->syntax = CallSyntax::kSimilar;
    argument(kConcatenateLevel);
    Expect(Keyword::kEscape);
    argument(kConcatenateLevel);
  } else if (Accept(Keyword::kFrom)) {
    call->syntax = CallSyntax::kSubstring;
    argument(kOrLevel);
    if (Accept(Keyword::kFor)) argument(kOrLevel);
  } else {
    Expect(TokenKind::kComma);
    argument(kOrLevel);
    if (Accept(TokenKind::kComma)) argument(kOrLevel);
  }
  Expect(TokenKind::kRightParen);
  call->arguments = arguments.Finish();
  return Seal(call, begin, height);
}

// POSITION(a IN b)
const Expression* Parser::ParsePosition() {
  Position begin = token_.position;
  FunctionCall* call = NewNamedCall();
  Expect(TokenKind::kLeftParen);
  NodeList<const Expression*> arguments = NewList<const Expression*>();
  const Expression* needle = ParseOperators(kConcatenateLevel);
  Expect(Keyword::kIn);
  const Expression* text = ParseOperators(kConcatenateLevel);
  Expect(TokenKind::kRightParen);
  arguments.Add(needle);
  arguments.Add(text);
  call->syntax = CallSyntax::kPosition;
  call->arguments = arguments.Finish();
  return Seal(call, begin, std::max(needle->height, text->height));
}

// OVERLAY(x PLACING y FROM n [FOR m])
const Expression* Parser::ParseOverlay() {
  Position begin = token_.position;
  FunctionCall* call = NewNamedCall();
  call->syntax = CallSyntax::kOverlay;
  Expect(TokenKind::kLeftParen);
  NodeList<const Expression*> arguments = NewList<const Expression*>();
  uint32_t height = 0;
  auto argument = [&] {
    const Expression* expression = ParseExpression();
    height = std::max<uint32_t>(height, expression->height);
    arguments.Add(expression);
  };
  argument();
  Expect(Keyword::kPlacing);
  argument();
  Expect(Keyword::kFrom);
  argument();
  if (Accept(Keyword::kFor)) argument();
  Expect(TokenKind::kRightParen);
  call->arguments = arguments.Finish();
  return Seal(call, begin, height);
}

}  // namespace tupelo::ast
