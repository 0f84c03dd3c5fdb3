// engine/stored_expression.cpp: conditions and defaults as text that keeps its meaning.
#include <algorithm>

#include "base/arena.h"
#include "engine/definition_steps.h"
#include "plan/scope.h"
#include "sql/parser.h"
#include "sql/print.h"

namespace tupelo {

namespace {

using ast::Expression;

template <typename Visit>
void VisitList(ast::List<const Expression*> items, Visit&& visit) {
  for (const Expression* item : items) visit(item);
}

template <typename Visit>
void VisitCase(const ast::CaseExpression& node, Visit&& visit) {
  visit(node.operand);
  for (const ast::CaseBranch& branch : node.branches) {
    visit(branch.when);
    visit(branch.then);
  }
  visit(node.otherwise);
}

// Calls `visit` for each expression right below; it may get nullptr. Queries are not entered.
template <typename Visit>
void VisitChildren(const Expression& expression, Visit&& visit) {
  using Kind = ast::ExpressionKind;
  auto both = [&](const Expression* left, const Expression* right) {
    visit(left);
    visit(right);
  };
  switch (expression.kind) {
    case Kind::kUnary: return visit(ast::As<ast::UnaryExpression>(expression).operand);
    case Kind::kChain: {
      const auto& node = ast::As<ast::ChainExpression>(expression);
      visit(node.first);
      for (const ast::ChainLink& link : node.links) visit(link.operand);
      return;
    }
    case Kind::kLogical:
      return VisitList(ast::As<ast::LogicalExpression>(expression).operands, visit);
    case Kind::kComparison: {
      const auto& node = ast::As<ast::ComparisonExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kBetween: {
      const auto& node = ast::As<ast::BetweenExpression>(expression);
      visit(node.value);
      return both(node.low, node.high);
    }
    case Kind::kInList: {
      const auto& node = ast::As<ast::InListExpression>(expression);
      visit(node.value);
      return VisitList(node.items, visit);
    }
    case Kind::kLike: {
      const auto& node = ast::As<ast::LikeExpression>(expression);
      visit(node.value);
      return both(node.pattern, node.escape);
    }
    case Kind::kIsNull: return visit(ast::As<ast::IsNullExpression>(expression).value);
    case Kind::kIsTruth: return visit(ast::As<ast::IsTruthExpression>(expression).value);
    case Kind::kIsDistinct: {
      const auto& node = ast::As<ast::IsDistinctExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kCase: return VisitCase(ast::As<ast::CaseExpression>(expression), visit);
    case Kind::kNullIf: {
      const auto& node = ast::As<ast::NullIfExpression>(expression);
      return both(node.left, node.right);
    }
    case Kind::kCoalesce:
      return VisitList(ast::As<ast::CoalesceExpression>(expression).operands, visit);
    case Kind::kCast: return visit(ast::As<ast::CastExpression>(expression).operand);
    case Kind::kExtract: return visit(ast::As<ast::ExtractExpression>(expression).source);
    case Kind::kTrim: {
      const auto& node = ast::As<ast::TrimExpression>(expression);
      return both(node.characters, node.source);
    }
    case Kind::kFunctionCall: {
      const auto& node = ast::As<ast::FunctionCall>(expression);
      VisitList(node.arguments, visit);
      return visit(node.filter);
    }
    case Kind::kAtTimeZone: {
      const auto& node = ast::As<ast::AtTimeZoneExpression>(expression);
      return both(node.value, node.zone);
    }
    case Kind::kIntervalDifference:
      return visit(ast::As<ast::IntervalDifferenceExpression>(expression).difference);
    case Kind::kRow: return VisitList(ast::As<ast::RowExpression>(expression).fields, visit);
    case Kind::kInQuery:
    case Kind::kSubquery:
    case Kind::kExists:
    case Kind::kQuantified:
    case Kind::kLiteral:
    case Kind::kColumnReference:
    case Kind::kParameter:
    case Kind::kSpecialValue:
    case Kind::kNextValue:
    case Kind::kDefault: return;
  }
}

using References = std::vector<const ast::ColumnReference*>;

void CollectReferences(const Expression* expression, References* references) {
  if (expression == nullptr) return;
  if (expression->kind == ast::ExpressionKind::kColumnReference) {
    references->push_back(&ast::As<ast::ColumnReference>(*expression));
    return;
  }
  VisitChildren(*expression,
                [&](const Expression* child) { CollectReferences(child, references); });
}

// `sql` with each reference replaced by the name that `name_of` gives.
template <typename NameOf>
std::string ReplaceReferences(const std::string& sql, NameOf&& name_of) {
  Arena arena;
  References references;
  CollectReferences(ParseExpression(sql, arena), &references);
  std::ranges::sort(references, {}, [](const ast::ColumnReference* one) { return one->position; });
  std::string replaced;
  size_t copied = 0;
  for (const ast::ColumnReference* reference : references) {
    replaced += sql.substr(copied, reference->position - copied);
    replaced += QuoteIdentifier(name_of(*reference));
    copied = reference->end;
  }
  return replaced + sql.substr(copied);
}

}  // namespace

void ThrowUnlessStorable(const Expression& expression, const char* clause, bool columns_allowed) {
  using Kind = ast::ExpressionKind;
  switch (expression.kind) {
    case Kind::kInQuery:
    case Kind::kSubquery:
    case Kind::kExists:
    case Kind::kQuantified:
      throw Error(ErrorCode::kFeatureNotSupported,
                  std::string("subqueries in ") + clause + " are not supported",
                  expression.position);
    case Kind::kParameter:
      throw Error(ErrorCode::kFeatureNotSupported,
                  std::string("parameters in ") + clause +
                      " are not supported, as it outlives the statement; write the value itself",
                  expression.position);
    case Kind::kColumnReference:
      if (columns_allowed) return;
      throw Error(ErrorCode::kFeatureNotSupported,
                  std::string("columns in ") + clause + " are not supported; write a constant: " +
                      ToText(ast::As<ast::ColumnReference>(expression).name),
                  expression.position);
    case Kind::kNextValue:
      if (!columns_allowed) return;
      throw Error(ErrorCode::kFeatureNotSupported,
                  std::string("NEXT VALUE FOR in ") + clause + " is not supported",
                  expression.position);
    default: break;
  }
  VisitChildren(expression, [&](const Expression* child) {
    if (child != nullptr) ThrowUnlessStorable(*child, clause, columns_allowed);
  });
}

std::string CanonicalCondition(const TableDefinition& table, const Expression& condition,
                               std::vector<uint16_t>* columns) {
  columns->clear();
  std::string sql = ReplaceReferences(
      PrintExpression(condition), [&](const ast::ColumnReference& reference) -> std::string_view {
        uint16_t column = FindColumn(table, reference.name.last());
        if (!Contains(*columns, column)) columns->push_back(column);
        return table.columns[column].name.key;
      });
  std::ranges::sort(*columns);
  return sql;
}

std::string RenameInCondition(const std::string& sql, std::string_view from, std::string_view to) {
  return ReplaceReferences(sql, [&](const ast::ColumnReference& reference) -> std::string_view {
    std::string_view name = reference.name.last().text;
    return name == from ? to : name;
  });
}

}  // namespace tupelo
