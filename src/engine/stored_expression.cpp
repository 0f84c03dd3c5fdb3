// engine/stored_expression.cpp: conditions and defaults as text that keeps its meaning.
#include <algorithm>

#include "base/arena.h"
#include "engine/definition_steps.h"
#include "plan/scope.h"
#include "sql/parser.h"
#include "sql/print.h"
#include "sql/visit.h"

namespace tupelo {

namespace {

using ast::Expression;

using References = std::vector<const ast::ColumnReference*>;

void CollectReferences(const Expression* expression, References* references) {
  if (expression == nullptr) return;
  if (expression->kind == ast::ExpressionKind::kColumnReference) {
    references->push_back(&ast::As<ast::ColumnReference>(*expression));
    return;
  }
  ast::VisitChildren(*expression,
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
    case Kind::kUnique:
    case Kind::kMatch:
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
  ast::VisitChildren(expression, [&](const Expression* child) {
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
