// sql/parse_pattern.cpp: LIKE and its kin, OVERLAPS, MATCH, IS NORMALIZED.
#include <algorithm>

#include "sql/parser_state.h"

namespace tupelo::ast {

namespace {

PatternKind PatternKindOf(Keyword word) {
  switch (word) {
    case Keyword::kIlike: return PatternKind::kIlike;
    case Keyword::kSimilar: return PatternKind::kSimilar;
    case Keyword::kGlob: return PatternKind::kGlob;
    case Keyword::kLikeRegex:
    case Keyword::kRegexp: return PatternKind::kLikeRegex;
    default: return PatternKind::kLike;
  }
}

bool EqualsIgnoringCase(std::string_view word, std::string_view upper) {
  return std::ranges::equal(word, upper, [](char c, char u) {
    return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) == u;
  });
}

// The words are no keywords: they mean something behind IS and in NORMALIZE only.
bool FindNormalForm(std::string_view word, NormalForm* form) {
  static constexpr std::string_view kForms[] = {"NFC", "NFD", "NFKC", "NFKD"};
  for (size_t i = 0; i < std::size(kForms); ++i) {
    if (!EqualsIgnoringCase(word, kForms[i])) continue;
    *form = static_cast<NormalForm>(i);
    return true;
  }
  return false;
}

}  // namespace

// LIKE pattern [ESCAPE c], SIMILAR TO pattern [ESCAPE c], GLOB pattern, LIKE_REGEX pattern [FLAG
// f], REGEXP pattern
const Expression* Parser::ParsePattern(const Expression* value, bool negated) {
  auto* node = New<LikeExpression>();
  node->pattern_kind = PatternKindOf(token_.keyword);
  node->negated = negated;
  node->value = value;
  Keyword word = token_.keyword;
  Advance();
  if (node->pattern_kind == PatternKind::kSimilar) Expect(Keyword::kTo);
  node->pattern = ParseOperators(kConcatenateLevel);
  uint32_t height = std::max(value->height, node->pattern->height);
  bool is_regex = node->pattern_kind == PatternKind::kLikeRegex;
  bool has_more = is_regex ? word == Keyword::kLikeRegex && AtWord("FLAG")
                           : At(Keyword::kEscape) && node->pattern_kind != PatternKind::kGlob;
  if (has_more) {
    Advance();
    node->escape = ParseOperators(kConcatenateLevel);
    height = std::max<uint32_t>(height, node->escape->height);
  }
  return Seal(node, value->position, height);
}

const Expression* Parser::ParseOverlaps(const Expression* left) {
  Advance();
  auto* node = New<OverlapsExpression>();
  node->left = left;
  node->right = ParseOperators(kConcatenateLevel);
  return Seal(node, left->position, std::max(left->height, node->right->height));
}

// MATCH is a name too, but not before a query or its own words.
bool Parser::AtMatch() {
  const Token& next = Peek();
  return next.kind == TokenKind::kLeftParen || next.keyword == Keyword::kUnique ||
         next.keyword == Keyword::kSimple || next.keyword == Keyword::kPartial ||
         next.keyword == Keyword::kFull;
}

// REGEXP is a name too, an alias above all, but not before what can only be a pattern.
bool Parser::AtRegexp() {
  const Token& next = Peek();
  switch (next.kind) {
    case TokenKind::kString:
    case TokenKind::kLeftParen:
    case TokenKind::kQuotedName:
    case TokenKind::kQuestionMark:
    case TokenKind::kNamedParameter: return true;
    case TokenKind::kWord:
      return ClassOf(next.keyword) != KeywordClass::kReserved || next.keyword == Keyword::kCase ||
             next.keyword == Keyword::kCast || next.keyword == Keyword::kNull;
    default: return false;
  }
}

const Expression* Parser::ParseMatch(const Expression* value) {
  Advance();
  auto* node = New<MatchExpression>();
  node->value = value;
  node->unique = Accept(Keyword::kUnique);
  if (Accept(Keyword::kPartial)) {
    node->match = MatchKind::kPartial;
  } else if (Accept(Keyword::kFull)) {
    node->match = MatchKind::kFull;
  } else {
    Accept(Keyword::kSimple);
  }
  node->query = ParseQueryOf("MATCH");
  return Seal(node, value->position, std::max<uint32_t>(value->height, node->query->height));
}

bool Parser::AtNormalized() {
  NormalForm form;
  return At(Keyword::kNormalized) || (At(TokenKind::kWord) && FindNormalForm(token_.text, &form) &&
                                      Peek().keyword == Keyword::kNormalized);
}

const Expression* Parser::ParseIsNormalized(const Expression* value, bool negated) {
  auto* node = New<IsNormalizedExpression>();
  node->negated = negated;
  node->value = value;
  if (FindNormalForm(token_.text, &node->form)) Advance();
  Expect(Keyword::kNormalized);
  return Seal(node, value->position, value->height);
}

}  // namespace tupelo::ast
