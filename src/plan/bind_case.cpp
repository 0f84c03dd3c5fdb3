// plan/bind_case.cpp: CASE and its abbreviations, CAST (SQL:1999 part 2, 6.11, 6.22).
#include "plan/binder.h"
#include "plan/shared_operand.h"

namespace tupelo {

namespace {

std::vector<ExpressionPtr*> Pointers(std::vector<ExpressionPtr>* list, size_t begin, size_t step) {
  std::vector<ExpressionPtr*> pointers;
  for (size_t i = begin; i < list->size(); i += step) pointers.push_back(&(*list)[i]);
  return pointers;
}

bool IsTrueConstant(const BoundExpression& expression) {
  return expression.kind == BoundKind::kConstant && !expression.constant.is_null &&
         expression.constant.integer != 0;
}
bool IsNotTrueConstant(const BoundExpression& expression) {
  return expression.kind == BoundKind::kConstant &&
         (expression.constant.is_null || expression.constant.integer == 0);
}

}  // namespace

// arguments: condition, result, condition, result, ..., [else]. Results have one type.
ExpressionPtr Binder::FinishCase(std::vector<ExpressionPtr> arguments, Position position) {
  std::vector<ExpressionPtr*> results = Pointers(&arguments, 1, 2);
  if (arguments.size() % 2 == 1) results.push_back(&arguments.back());
  Type type = UnifyTypes(std::move(results), "CASE");
  std::vector<ExpressionPtr> kept;
  size_t pairs = arguments.size() / 2;
  for (size_t i = 0; i < pairs; ++i) {
    if (IsNotTrueConstant(*arguments[2 * i])) continue;
    if (IsTrueConstant(*arguments[2 * i])) {
      kept.push_back(std::move(arguments[2 * i + 1]));
      arguments.resize(2 * pairs);  // what follows is never reached
      break;
    }
    kept.push_back(std::move(arguments[2 * i]));
    kept.push_back(std::move(arguments[2 * i + 1]));
  }
  if (kept.size() % 2 == 0 && arguments.size() % 2 == 1)
    kept.push_back(std::move(arguments.back()));
  if (kept.empty()) return MakeConstant(Value::Null(type), position);
  if (kept.size() == 1) return std::move(kept[0]);
  auto result = std::make_unique<BoundExpression>(BoundKind::kCase, type, position);
  result->arguments = std::move(kept);
  return result;
}

ExpressionPtr Binder::BindCase(const ast::CaseExpression& expression, Scope* scope) {
  std::vector<ExpressionPtr> arguments, operand;
  if (expression.operand != nullptr) operand = BindFields(*expression.operand, scope);
  SharedFields value(std::move(operand), &next_column_);
  for (const ast::CaseBranch& branch : expression.branches) {
    if (expression.operand != nullptr) {
      arguments.push_back(
          CompareRows("=", value.Use(), BindFields(*branch.when, scope), branch.when->position));
    } else {
      arguments.push_back(BindCondition(*branch.when, scope, "WHEN"));
    }
    arguments.push_back(BindExpression(*branch.then, scope));
  }
  if (expression.otherwise != nullptr) {
    arguments.push_back(BindExpression(*expression.otherwise, scope));
  }
  return value.Finish(FinishCase(std::move(arguments), expression.position));
}

// NULLIF(a, b): CASE WHEN a = b THEN NULL ELSE a END.
ExpressionPtr Binder::BindNullIf(const ast::NullIfExpression& expression, Scope* scope) {
  ExpressionPtr left = BindExpression(*expression.left, scope);
  ExpressionPtr right = BindExpression(*expression.right, scope);
  AdaptToPeer(&left, right->type);
  std::vector<ExpressionPtr> arguments;
  Type type = left->type;
  SharedOperand value(std::move(left), &next_column_);
  arguments.push_back(Compare("=", value.Use(), std::move(right), expression.position));
  arguments.push_back(MakeConstant(Value::Null(type), expression.position));
  arguments.push_back(value.Use());
  return value.Finish(FinishCase(std::move(arguments), expression.position));
}

ExpressionPtr Binder::BindCoalesce(const ast::CoalesceExpression& expression, Scope* scope) {
  return BindCoalesceOf(expression.operands, expression.position, scope);
}

ExpressionPtr Binder::BindCoalesceOf(ast::List<const ast::Expression*> operands, Position position,
                                     Scope* scope) {
  std::vector<ExpressionPtr> arguments;
  for (const ast::Expression* operand : operands) {
    arguments.push_back(BindExpression(*operand, scope));
  }
  Type type = UnifyTypes(Pointers(&arguments, 0, 1), "COALESCE");
  std::vector<ExpressionPtr> kept;
  for (ExpressionPtr& argument : arguments) {
    if (argument->kind == BoundKind::kConstant) {
      if (argument->constant.is_null) continue;
      kept.push_back(std::move(argument));
      break;  // what follows is never reached
    }
    kept.push_back(std::move(argument));
  }
  if (kept.empty()) return MakeConstant(Value::Null(type), position);
  if (kept.size() == 1) return std::move(kept[0]);
  auto result = std::make_unique<BoundExpression>(BoundKind::kCoalesce, type, position);
  result->arguments = std::move(kept);
  return result;
}

ExpressionPtr Binder::BindCast(const ast::CastExpression& cast, Scope* scope) {
  Type type = BindType(cast.type);
  ExpressionPtr operand = BindExpression(*cast.operand, scope);
  if (operand->type.id == TypeId::kNull) return MakeConstant(Value::Null(type), cast.position);
  // (a - b) DAY TO SECOND and integers to intervals come as casts too.
  if (operand->type == type) return operand;
  BoundFunction function;
  if (!ResolveCast(operand->type, type, CastKind::kExplicit, &function)) {
    throw Error(
        ErrorCode::kCannotCoerce,
        "there is no conversion from " + operand->type.ToString() + " to " + type.ToString(),
        cast.position);
  }
  if (function.kernel == nullptr) {
    operand->type = type;
    if (operand->kind == BoundKind::kConstant) operand->constant.type = type;
    return operand;
  }
  function.result = type;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(operand));
  return FoldConstants(MakeCall(std::move(function), std::move(arguments), cast.position));
}

}  // namespace tupelo
