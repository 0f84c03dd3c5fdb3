// plan/bind_generated.cpp: the values of GENERATED ALWAYS AS (...).
#include "plan/binder.h"

namespace tupelo {

// Over columns whose ids are the numbers of the definition.
ExpressionPtr Binder::BindGenerated(const TablePtr& table, uint16_t column,
                                    const ast::Expression& expression) {
  Scope scope;
  scope.no_aggregates = "in a generated column";
  ColumnId next = next_column_;
  next_column_ = 0;
  AddTableToScope(table, NameRef(table->name), NameRef(table->schema), false, &scope);
  ExpressionPtr value = Assign(BindExpression(expression, &scope), table, column);
  next_column_ = next;
  bool same_always = true;
  VisitExpressions(*value, [&](BoundExpression& part) {
    same_always &= part.kind != BoundKind::kCall || part.function.is_deterministic;
    same_always &= part.kind != BoundKind::kNextValue && part.kind != BoundKind::kLastValue;
    part.position = kNoPosition;
  });
  if (!same_always) {
    throw Error(
        ErrorCode::kInvalidObjectDefinition,
        "what a column is generated from must depend on the row alone, not on time, user or "
        "sequences",
        expression.position);
  }
  return value;
}

void Binder::ThrowIfGenerated(const TableDefinition& table, uint16_t column, Position position) {
  const ColumnDefinition& target = table.columns[column];
  if (!target.is_generated()) return;
  throw Error(ErrorCode::kGeneratedAlways,
              "column is generated, by AS (" + target.generated_sql +
                  "); leave it out, or give it DEFAULT: " + target.name.spelling,
              position)
      .OnTable(table.name.spelling)
      .OnColumn(target.name.spelling);
}

}  // namespace tupelo
