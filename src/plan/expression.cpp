// plan/expression.cpp: making, copying and taking apart bound expressions.
#include "plan/expression.h"

#include "plan/plan.h"

namespace tupelo {

BoundExpression::BoundExpression(BoundKind kind, Type type, Position position)
    : kind(kind), type(type), position(position) {}
BoundExpression::~BoundExpression() = default;

ExpressionPtr MakeConstant(Value value, Position position) {
  auto constant = std::make_unique<BoundExpression>(BoundKind::kConstant, value.type, position);
  constant->constant = std::move(value);
  return constant;
}

ExpressionPtr MakeColumn(ColumnId column, const Type& type, Position position) {
  auto reference = std::make_unique<BoundExpression>(BoundKind::kColumn, type, position);
  reference->column = column;
  return reference;
}

ExpressionPtr MakeCall(BoundFunction function, std::vector<ExpressionPtr> arguments,
                       Position position) {
  auto call = std::make_unique<BoundExpression>(BoundKind::kCall, function.result, position);
  call->function = std::move(function);
  call->arguments = std::move(arguments);
  return call;
}

ExpressionPtr MakeAnd(std::vector<ExpressionPtr> terms) {
  if (terms.empty()) return nullptr;
  if (terms.size() == 1) return std::move(terms[0]);
  auto conjunction = std::make_unique<BoundExpression>(BoundKind::kAnd, Type::Boolean());
  conjunction->position = terms[0]->position;
  for (ExpressionPtr& term : terms) {
    if (term->kind == BoundKind::kAnd) {
      for (ExpressionPtr& inner : term->arguments)
        conjunction->arguments.push_back(std::move(inner));
    } else {
      conjunction->arguments.push_back(std::move(term));
    }
  }
  return conjunction;
}

ExpressionPtr Clone(const BoundExpression& expression) {
  auto copy =
      std::make_unique<BoundExpression>(expression.kind, expression.type, expression.position);
  copy->arguments.reserve(expression.arguments.size());
  for (const ExpressionPtr& argument : expression.arguments) {
    copy->arguments.push_back(Clone(*argument));
  }
  copy->constant = expression.constant;
  copy->column = expression.column;
  copy->parameter = expression.parameter;
  copy->function = expression.function;
  copy->outer_columns = expression.outer_columns;
  copy->sequence = expression.sequence;
  copy->is_shared = expression.is_shared;
  copy->is_all = expression.is_all;
  if (expression.row_test != nullptr) {
    const RowTest& test = *expression.row_test;
    copy->row_test = std::make_unique<RowTest>(
        RowTest{test.quantifier, test.name, test.left, Clone(*test.condition)});
  }
  copy->is_literal = expression.is_literal;
  copy->is_implicit_cast = expression.is_implicit_cast;
  copy->assigned_table = expression.assigned_table;
  copy->assigned_column = expression.assigned_column;
  if (expression.plan != nullptr) copy->plan = ClonePlan(*expression.plan);
  return copy;
}

void CollectColumns(const BoundExpression& expression, std::vector<ColumnId>* columns) {
  VisitColumns(expression, [columns](ColumnId id) { columns->push_back(id); });
}

bool HasSubquery(const BoundExpression& expression) {
  if (expression.plan != nullptr) return true;
  for (const ExpressionPtr& argument : expression.arguments) {
    if (HasSubquery(*argument)) return true;
  }
  return false;
}

bool IsRunConstant(const BoundExpression& expression) {
  if (expression.kind == BoundKind::kColumn || expression.plan != nullptr ||
      expression.kind == BoundKind::kNextIdentity || expression.kind == BoundKind::kNextValue) {
    return false;
  }
  for (const ExpressionPtr& argument : expression.arguments) {
    if (!IsRunConstant(*argument)) return false;
  }
  return true;
}

void SplitConjuncts(ExpressionPtr expression, std::vector<ExpressionPtr>* conjuncts) {
  if (expression->kind != BoundKind::kAnd) {
    conjuncts->push_back(std::move(expression));
    return;
  }
  if (conjuncts->empty()) conjuncts->reserve(expression->arguments.size());
  for (ExpressionPtr& term : expression->arguments) SplitConjuncts(std::move(term), conjuncts);
}

}  // namespace tupelo
