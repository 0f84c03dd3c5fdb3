// sql/parse_predicate.cpp: predicates: comparison, BETWEEN, IN, IS, EXISTS, UNIQUE.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

namespace {

ComparisonOperator ComparisonOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEqual: return ComparisonOperator::kEqual;
    case TokenKind::kNotEqual: return ComparisonOperator::kNotEqual;
    case TokenKind::kLess: return ComparisonOperator::kLess;
    case TokenKind::kLessOrEqual: return ComparisonOperator::kLessOrEqual;
    case TokenKind::kGreater: return ComparisonOperator::kGreater;
    default: return ComparisonOperator::kGreaterOrEqual;
  }
}

}  // namespace

const Expression* Parser::ParseComparison(const Expression* left) {
  ComparisonOperator op = ComparisonOf(token_.kind);
  Position operator_position = token_.position;
  Advance();
  bool quantified = (At(Keyword::kAny) || At(Keyword::kSome) || At(Keyword::kAll)) &&
                    Peek().kind == TokenKind::kLeftParen;
  if (quantified) {
    // ANY and SOME are aggregates too, and only what stands in the parentheses tells.
    Keyword word = token_.keyword;
    const Expression* right = ParseAnyOrSomeCall();
    if (right->kind == ExpressionKind::kSubquery) {
      auto* node = New<QuantifiedExpression>();
      node->op = op;
      node->operator_position = operator_position;
      node->quantifier = word == Keyword::kAll ? Quantifier::kAll : Quantifier::kAny;
      node->value = left;
      node->query = As<SubqueryExpression>(*right).query;
      return Seal(node, left->position, std::max(left->height, right->height));
    }
    auto* node = New<ComparisonExpression>();
    node->op = op;
    node->operator_position = operator_position;
    node->left = left;
    node->right = ParseOperatorsAfter(right, kRangeLevel, kCastLevel);
    return Seal(node, left->position, std::max(left->height, node->right->height));
  }
  auto* node = New<ComparisonExpression>();
  node->op = op;
  node->operator_position = operator_position;
  node->left = left;
  node->right = ParseOperators(kRangeLevel);
  return Seal(node, left->position, std::max(left->height, node->right->height));
}

const Expression* Parser::ParseIs(const Expression* value) {
  Position begin = value->position;
  Advance();
  bool negated = Accept(Keyword::kNot);
  if (Accept(Keyword::kNull)) {
    auto* node = New<IsNullExpression>();
    node->negated = negated;
    node->value = value;
    return Seal(node, begin, value->height);
  }
  if (Accept(Keyword::kDistinct)) {
    Expect(Keyword::kFrom);
    auto* node = New<IsDistinctExpression>();
    node->negated = negated;
    node->left = value;
    node->right = ParseOperators(kRangeLevel);
    return Seal(node, begin, std::max(value->height, node->right->height));
  }
  if (AtNormalized()) return ParseIsNormalized(value, negated);
  auto* node = New<IsTruthExpression>();
  node->negated = negated;
  node->value = value;
  if (Accept(Keyword::kTrue)) {
    node->truth = TruthValue::kTrue;
  } else if (Accept(Keyword::kFalse)) {
    node->truth = TruthValue::kFalse;
  } else if (Accept(Keyword::kUnknown)) {
    node->truth = TruthValue::kUnknown;
  } else {
    if (At(Keyword::kOf)) FailUnsupported("IS OF", token_.position);
    FailSyntax();
  }
  return Seal(node, begin, value->height);
}

const Expression* Parser::ParseRange(const Expression* value) {
  bool negated = Accept(Keyword::kNot);
  switch (token_.keyword) {
    case Keyword::kBetween: return ParseBetween(value, negated);
    case Keyword::kIn: return ParseIn(value, negated);
    case Keyword::kLike:
    case Keyword::kIlike:
    case Keyword::kGlob:
    case Keyword::kLikeRegex:
    case Keyword::kRegexp:
    case Keyword::kSimilar: return ParsePattern(value, negated);
    case Keyword::kOverlaps: return ParseOverlaps(value);
    case Keyword::kMatch: return ParseMatch(value);
    default: FailSyntax("BETWEEN, IN or LIKE");
  }
}

const Expression* Parser::ParseBetween(const Expression* value, bool negated) {
  Advance();
  auto* node = New<BetweenExpression>();
  node->negated = negated;
  node->value = value;
  node->symmetric = Accept(Keyword::kSymmetric);
  if (!node->symmetric) Accept(Keyword::kAsymmetric);
  node->low = ParseOperators(kConcatenateLevel);
  Expect(Keyword::kAnd);
  node->high = ParseOperators(kConcatenateLevel);
  return Seal(node, value->position,
              std::max({value->height, node->low->height, node->high->height}));
}

const Expression* Parser::ParseIn(const Expression* value, bool negated) {
  Advance();
  if (!At(TokenKind::kLeftParen)) FailSyntax("\"(\"");
  Parenthesized inside = ParseParenthesized();
  const QueryExpression* query = inside.query;
  if (query == nullptr && inside.items.size() == 1 &&
      inside.items[0]->kind == ExpressionKind::kSubquery) {
    query = As<SubqueryExpression>(*inside.items[0]).query;  // IN ((SELECT ...))
  }
  if (query != nullptr) {
    auto* node = New<InQueryExpression>();
    node->negated = negated;
    node->value = value;
    node->query = query;
    return Seal(node, value->position, std::max(value->height, query->height));
  }
  auto* node = New<InListExpression>();
  node->negated = negated;
  node->value = value;
  node->items = inside.items;
  uint32_t height = value->height;
  for (const Expression* item : inside.items) height = std::max<uint32_t>(height, item->height);
  return Seal(node, value->position, height);
}

// The query in the parentheses of EXISTS and its kin.
const QueryExpression* Parser::ParseQueryOf(const char* predicate) {
  Parenthesized inside = ParseParenthesized();
  if (inside.query == nullptr && inside.items.size() == 1 &&
      inside.items[0]->kind == ExpressionKind::kSubquery) {
    inside.query = As<SubqueryExpression>(*inside.items[0]).query;
  }
  if (inside.query != nullptr) return inside.query;
  throw Error(ErrorCode::kSyntaxError,
              "syntax error in " + std::string(predicate) + ": expected a query in its parentheses",
              inside.items.front()->position);
}

const Expression* Parser::ParseExists() {
  Position begin = token_.position;
  Advance();
  auto* node = New<ExistsExpression>();
  node->query = ParseQueryOf("EXISTS");
  return Seal(node, begin, node->query->height);
}

const Expression* Parser::ParseUnique() {
  Position begin = token_.position;
  Advance();
  auto* node = New<UniqueExpression>();
  node->query = ParseQueryOf("UNIQUE");
  return Seal(node, begin, node->query->height);
}

}  // namespace tupelo::ast
