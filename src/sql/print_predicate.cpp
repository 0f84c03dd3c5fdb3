// sql/print_predicate.cpp: predicates to SQL text.
#include "sql/precedence.h"
#include "sql/printer.h"

namespace tupelo::ast {

void Printer::PrintPattern(const LikeExpression& like) {
  static constexpr std::string_view kWords[] = {"LIKE ", "ILIKE ", "SIMILAR TO ", "GLOB ",
                                                "LIKE_REGEX "};
  Print(*like.value, kConcatenateLevel);
  Add(like.negated ? " NOT " : " ");
  Add(kWords[static_cast<int>(like.pattern_kind)]);
  Print(*like.pattern, kConcatenateLevel);
  if (like.escape == nullptr) return;
  Add(like.pattern_kind == PatternKind::kLikeRegex ? " FLAG " : " ESCAPE ");
  Print(*like.escape, kConcatenateLevel);
}

void Printer::PrintPredicate(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kBetween: {
      auto& node = As<BetweenExpression>(expression);
      Print(*node.value, kConcatenateLevel);
      Add(node.negated ? " NOT BETWEEN " : " BETWEEN ");
      if (node.symmetric) Add("SYMMETRIC ");
      Print(*node.low, kConcatenateLevel);
      Add(" AND ");
      return Print(*node.high, kConcatenateLevel);
    }
    case ExpressionKind::kInList: {
      auto& node = As<InListExpression>(expression);
      Print(*node.value, kConcatenateLevel);
      Add(node.negated ? " NOT IN (" : " IN (");
      PrintList(node.items);
      return Add(")");
    }
    case ExpressionKind::kInQuery: {
      auto& node = As<InQueryExpression>(expression);
      Print(*node.value, kConcatenateLevel);
      Add(node.negated ? " NOT IN " : " IN ");
      return PrintSubquery(*node.query);
    }
    case ExpressionKind::kLike: return PrintPattern(As<LikeExpression>(expression));
    case ExpressionKind::kUnique:
      Add("UNIQUE ");
      return PrintSubquery(*As<UniqueExpression>(expression).query);
    case ExpressionKind::kOverlaps: {
      auto& node = As<OverlapsExpression>(expression);
      Print(*node.left, kConcatenateLevel);
      Add(" OVERLAPS ");
      return Print(*node.right, kConcatenateLevel);
    }
    case ExpressionKind::kMatch: {
      static constexpr std::string_view kKinds[] = {"SIMPLE ", "PARTIAL ", "FULL "};
      auto& node = As<MatchExpression>(expression);
      Print(*node.value, kConcatenateLevel);
      Add(node.unique ? " MATCH UNIQUE " : " MATCH ");
      Add(kKinds[static_cast<int>(node.match)]);
      return PrintSubquery(*node.query);
    }
    case ExpressionKind::kIsNormalized: {
      static constexpr std::string_view kForms[] = {"NFC", "NFD", "NFKC", "NFKD"};
      auto& node = As<IsNormalizedExpression>(expression);
      Print(*node.value, kIsLevel);
      out_.append(node.negated ? " IS NOT " : " IS ")
          .append(kForms[static_cast<int>(node.form)])
          .append(" NORMALIZED");
      return;
    }
    case ExpressionKind::kIsNull: {
      auto& node = As<IsNullExpression>(expression);
      Print(*node.value, kIsLevel);
      return Add(node.negated ? " IS NOT NULL" : " IS NULL");
    }
    case ExpressionKind::kIsTruth: {
      static constexpr std::string_view kTruths[] = {"TRUE", "FALSE", "UNKNOWN"};
      auto& node = As<IsTruthExpression>(expression);
      Print(*node.value, kIsLevel);
      Add(node.negated ? " IS NOT " : " IS ");
      return Add(kTruths[static_cast<int>(node.truth)]);
    }
    default: {
      auto& node = As<IsDistinctExpression>(expression);
      Print(*node.left, kIsLevel);
      Add(node.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
      return Print(*node.right, kRangeLevel);
    }
  }
}

}  // namespace tupelo::ast
