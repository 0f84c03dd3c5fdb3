// sql/visit.h: the parts of an expression, whatever its kind.
#pragma once

#include "sql/ast_query.h"

namespace tupelo::ast {

namespace visit {

template <typename Visit>
void VisitList(List<const Expression*> items, Visit&& visit) {
  for (const Expression* item : items) visit(item);
}

template <typename Visit>
void VisitCase(const CaseExpression& node, Visit&& visit) {
  visit(node.operand);
  for (const CaseBranch& branch : node.branches) {
    visit(branch.when);
    visit(branch.then);
  }
  visit(node.otherwise);
}

}  // namespace visit

// Calls `visit` for each expression of a window; it may get nullptr.
template <typename Visit>
void VisitWindow(const WindowSpecification& window, Visit&& visit) {
  visit::VisitList(window.partition_by, visit);
  for (const SortKey& key : window.order_by) visit(key.expression);
  if (window.frame == nullptr) return;
  visit(window.frame->start.offset);
  visit(window.frame->end.offset);
}

// Calls `visit` for each expression right below; it may get nullptr. Queries are not entered:
// QueryOf gives the one in the expression.
template <typename Visit>
void VisitChildren(const Expression& expression, Visit&& visit) {
  using Kind = ExpressionKind;
  auto both = [&](const Expression* left, const Expression* right) {
    visit(left);
    visit(right);
  };
  switch (expression.kind) {
    case Kind::kUnary: return visit(As<UnaryExpression>(expression).operand);
    case Kind::kChain: {
      const auto& node = As<ChainExpression>(expression);
      visit(node.first);
      for (const ChainLink& link : node.links) visit(link.operand);
      return;
    }
    case Kind::kLogical: return visit::VisitList(As<LogicalExpression>(expression).operands, visit);
    case Kind::kComparison: {
      const auto& node = As<ComparisonExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kBetween: {
      const auto& node = As<BetweenExpression>(expression);
      visit(node.value);
      return both(node.low, node.high);
    }
    case Kind::kInList: {
      const auto& node = As<InListExpression>(expression);
      visit(node.value);
      return visit::VisitList(node.items, visit);
    }
    case Kind::kLike: {
      const auto& node = As<LikeExpression>(expression);
      visit(node.value);
      return both(node.pattern, node.escape);
    }
    case Kind::kIsNull: return visit(As<IsNullExpression>(expression).value);
    case Kind::kIsTruth: return visit(As<IsTruthExpression>(expression).value);
    case Kind::kIsDistinct: {
      const auto& node = As<IsDistinctExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kCase: return visit::VisitCase(As<CaseExpression>(expression), visit);
    case Kind::kNullIf: {
      const auto& node = As<NullIfExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kCoalesce:
      return visit::VisitList(As<CoalesceExpression>(expression).operands, visit);
    case Kind::kCast: return visit(As<CastExpression>(expression).operand);
    case Kind::kExtract: return visit(As<ExtractExpression>(expression).source);
    case Kind::kTrim: {
      const auto& node = As<TrimExpression>(expression);
      return both(node.characters, node.source);
    }
    case Kind::kFunctionCall: {
      const auto& node = As<FunctionCall>(expression);
      visit::VisitList(node.arguments, visit);
      visit(node.filter);
      if (node.clauses == nullptr) return;
      for (const SortKey& key : node.clauses->order_by) visit(key.expression);
      if (node.clauses->over != nullptr) VisitWindow(*node.clauses->over, visit);
      return;
    }
    case Kind::kAtTimeZone: {
      const auto& node = As<AtTimeZoneExpression>(expression);
      return both(node.value, node.zone);
    }
    case Kind::kIntervalDifference:
      return visit(As<IntervalDifferenceExpression>(expression).difference);
    case Kind::kRow: return visit::VisitList(As<RowExpression>(expression).fields, visit);
    case Kind::kOverlaps: {
      const auto& node = As<OverlapsExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kIsNormalized: return visit(As<IsNormalizedExpression>(expression).value);
    case Kind::kMatch: return visit(As<MatchExpression>(expression).value);
    case Kind::kInQuery: return visit(As<InQueryExpression>(expression).value);
    case Kind::kQuantified: return visit(As<QuantifiedExpression>(expression).value);
    case Kind::kSubquery:
    case Kind::kExists:
    case Kind::kUnique:
    case Kind::kLiteral:
    case Kind::kColumnReference:
    case Kind::kParameter:
    case Kind::kSpecialValue:
    case Kind::kNextValue:
    case Kind::kDefault: return;
  }
}

// The query that the expression itself has (not one of its parts); nullptr: none.
inline const QueryExpression* QueryOf(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kInQuery: return As<InQueryExpression>(expression).query;
    case ExpressionKind::kSubquery: return As<SubqueryExpression>(expression).query;
    case ExpressionKind::kExists: return As<ExistsExpression>(expression).query;
    case ExpressionKind::kQuantified: return As<QuantifiedExpression>(expression).query;
    case ExpressionKind::kUnique: return As<UniqueExpression>(expression).query;
    case ExpressionKind::kMatch: return As<MatchExpression>(expression).query;
    default: return nullptr;
  }
}

}  // namespace tupelo::ast
