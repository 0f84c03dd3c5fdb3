// sql/parse_expression.cpp: operators, by precedence climbing.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

const Expression* Parser::ParseOperators(int lowest_level) {
  Nesting nesting(*this);
  int highest_level = kCastLevel;
  const Expression* left = ParseUnary(lowest_level, &highest_level);
  return ParseOperatorsAfter(left, lowest_level, highest_level);
}

const Expression* Parser::ParseUnary(int lowest_level, int* highest_level) {
  Position begin = token_.position;
  UnaryOperator op;
  int operand_level = kSignLevel;
  if (At(TokenKind::kMinus)) {
    op = UnaryOperator::kMinus;
  } else if (At(TokenKind::kPlus)) {
    op = UnaryOperator::kPlus;
  } else if (At(Keyword::kNot) && lowest_level <= kNotLevel) {
    op = UnaryOperator::kNot;
    operand_level = kNotLevel;
  } else if (At(TokenKind::kTilde)) {
    op = UnaryOperator::kBitNot;
    operand_level = kAdditiveLevel;
  } else {
    return ParsePrimary();
  }
  Advance();
  auto* node = New<UnaryExpression>();
  node->op = op;
  node->operand = ParseOperators(operand_level);
  *highest_level = op == UnaryOperator::kBitNot ? kConcatenateLevel : operand_level;
  return Seal(node, begin, node->operand->height);
}

// Whether NOT may stand before the operator.
bool Parser::IsNegatable(Keyword word) {
  switch (word) {
    case Keyword::kBetween:
    case Keyword::kIn:
    case Keyword::kLike:
    case Keyword::kIlike:
    case Keyword::kGlob:
    case Keyword::kLikeRegex:
    case Keyword::kRegexp:
    case Keyword::kSimilar: return true;
    default: return false;
  }
}

// The level of the operator at token_; 0 when there is none.
int Parser::LevelOfOperator() {
  switch (token_.kind) {
    case TokenKind::kPlus:
    case TokenKind::kMinus: return kAdditiveLevel;
    case TokenKind::kStar:
    case TokenKind::kSlash:
    case TokenKind::kPercent: return kMultiplicativeLevel;
    case TokenKind::kConcatenate:
    case TokenKind::kAmpersand:
    case TokenKind::kPipe:
    case TokenKind::kHash:
    case TokenKind::kShiftLeft:
    case TokenKind::kShiftRight: return kConcatenateLevel;
    case TokenKind::kDoubleColon: return kCastLevel;
    case TokenKind::kEqual:
    case TokenKind::kNotEqual:
    case TokenKind::kLess:
    case TokenKind::kLessOrEqual:
    case TokenKind::kGreater:
    case TokenKind::kGreaterOrEqual: return kComparisonLevel;
    case TokenKind::kWord: break;
    default: return 0;
  }
  switch (token_.keyword) {
    case Keyword::kOr: return kOrLevel;
    case Keyword::kAnd: return kAndLevel;
    case Keyword::kIs: return kIsLevel;
    case Keyword::kBetween:
    case Keyword::kIn:
    case Keyword::kLike:
    case Keyword::kIlike:
    case Keyword::kGlob:
    case Keyword::kLikeRegex:
    case Keyword::kSimilar:
    case Keyword::kOverlaps: return kRangeLevel;
    case Keyword::kNot: return IsNegatable(Peek().keyword) ? kRangeLevel : 0;
    case Keyword::kMatch: return AtMatch() ? kRangeLevel : 0;
    case Keyword::kRegexp: return AtRegexp() ? kRangeLevel : 0;
    case Keyword::kAt: {
      Keyword next = Peek().keyword;
      return next == Keyword::kTime || next == Keyword::kLocal ? kAtLevel : 0;
    }
    case Keyword::kCollate: return kAtLevel;
    default: return 0;
  }
}

// `highest_level`: operators above it cannot take `left` as their operand, since it ends with a
// weaker one.
const Expression* Parser::ParseOperatorsAfter(const Expression* left, int lowest_level,
                                              int highest_level) {
  for (;;) {
    int level = LevelOfOperator();
    if (level < lowest_level || level > highest_level || level == 0) return left;
    highest_level = level;
    switch (level) {
      case kOrLevel:
      case kAndLevel: left = ParseLogical(left, level); break;
      case kIsLevel: left = ParseIs(left); break;
      case kComparisonLevel:
        left = ParseComparison(left);
        highest_level = kIsLevel;
        break;
      case kRangeLevel:
        left = ParseRange(left);
        highest_level = kComparisonLevel;
        break;
      case kAtLevel: {
        if (At(Keyword::kCollate)) FailUnsupported("COLLATE", token_.position);
        auto* node = New<AtTimeZoneExpression>();
        node->value = left;
        Advance();
        uint32_t height = left->height;
        if (!Accept(Keyword::kLocal)) {
          Expect(Keyword::kTime);
          Expect(Keyword::kZone);
          node->zone = ParseOperators(kAtLevel + 1);
          height = std::max<uint32_t>(height, node->zone->height);
        }
        left = Seal(node, left->position, height);
        break;
      }
      case kCastLevel: {
        auto* node = New<CastExpression>();
        node->operand = left;
        Advance();
        node->type = ParseType();
        left = Seal(node, left->position, left->height);
        break;
      }
      default: left = ParseChain(left, level); break;
    }
  }
}

const Expression* Parser::ParseChain(const Expression* first, int level) {
  auto* node = New<ChainExpression>();
  node->first = first;
  NodeList<ChainLink> links = NewList<ChainLink>();
  uint32_t height = first->height;
  do {
    ChainLink link;
    switch (token_.kind) {
      case TokenKind::kPlus: link.op = BinaryOperator::kAdd; break;
      case TokenKind::kMinus: link.op = BinaryOperator::kSubtract; break;
      case TokenKind::kStar: link.op = BinaryOperator::kMultiply; break;
      case TokenKind::kSlash: link.op = BinaryOperator::kDivide; break;
      case TokenKind::kPercent: link.op = BinaryOperator::kRemainder; break;
      case TokenKind::kAmpersand: link.op = BinaryOperator::kBitAnd; break;
      case TokenKind::kPipe: link.op = BinaryOperator::kBitOr; break;
      case TokenKind::kHash: link.op = BinaryOperator::kBitXor; break;
      case TokenKind::kShiftLeft: link.op = BinaryOperator::kShiftLeft; break;
      case TokenKind::kShiftRight: link.op = BinaryOperator::kShiftRight; break;
      default: link.op = BinaryOperator::kConcatenate; break;
    }
    link.position = token_.position;
    Advance();
    link.operand = ParseOperators(level + 1);
    height = std::max<uint32_t>(height, link.operand->height);
    links.Add(link);
  } while (LevelOfOperator() == level);
  node->links = links.Finish();
  return Seal(node, first->position, height);
}

const Expression* Parser::ParseLogical(const Expression* first, int level) {
  Keyword keyword = token_.keyword;
  auto* node = New<LogicalExpression>();
  node->op = keyword == Keyword::kAnd ? LogicalOperator::kAnd : LogicalOperator::kOr;
  NodeList<const Expression*> operands = NewList<const Expression*>();
  operands.Add(first);
  uint32_t height = first->height;
  while (At(keyword)) {
    Advance();
    const Expression* operand = ParseOperators(level + 1);
    height = std::max<uint32_t>(height, operand->height);
    operands.Add(operand);
  }
  node->operands = operands.Finish();
  return Seal(node, first->position, height);
}

}  // namespace tupelo::ast
