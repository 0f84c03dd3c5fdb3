// plan/bind_operator.cpp: calls with their arguments converted, comparisons, common types.
#include <array>
#include <span>

#include "plan/binder.h"

namespace tupelo {

namespace {

bool IsParameter(const BoundExpression& expression) {
  return expression.kind == BoundKind::kParameter;
}

[[noreturn]] void ThrowParameterMismatch(const BoundExpression& parameter, const Type& wanted) {
  throw Error(ErrorCode::kInvalidCast,
              "parameter " + std::to_string(parameter.parameter + 1) + " is of type " +
                  parameter.type.ToString() + ", but a value of type " + wanted.ToString() +
                  " is wanted here; there is no conversion between them",
              parameter.position);
}

}  // namespace

ExpressionPtr Binder::Convert(ExpressionPtr expression, const Type& type, CastKind kind) {
  if (expression->type == type) return expression;
  if (expression->type.id == TypeId::kNull ||
      (expression->kind == BoundKind::kConstant && expression->constant.is_null)) {
    return MakeConstant(Value::Null(type), expression->position);
  }
  BoundFunction cast;
  Position position = expression->position;
  if (!ResolveCast(expression->type, type, kind, &cast)) {
    if (IsParameter(*expression)) ThrowParameterMismatch(*expression, type);
    throw Error(ErrorCode::kDatatypeMismatch,
                "a value of type " + expression->type.ToString() + " is not allowed where " +
                    type.ToString() + " is wanted; use CAST",
                position);
  }
  if (cast.kernel == nullptr) {  // the same values under another name
    expression->type = type;
    if (expression->kind == BoundKind::kConstant) expression->constant.type = type;
    return expression;
  }
  cast.result = type;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(expression));
  ExpressionPtr call = MakeCall(std::move(cast), std::move(arguments), position);
  call->is_implicit_cast = kind == CastKind::kImplicit;
  if (IsTextGiven(*call->arguments[0]) && call->arguments[0]->kind == BoundKind::kConstant) {
    ExpressionPtr folded = FoldConstants(std::move(call));
    if (folded->kind == BoundKind::kConstant) return folded;
    // A literal that is not one of the datetime's: say so now, it can never be right.
    call = std::move(folded);
    if (type.is_datetime() || type.is_interval()) ThrowOfConstantCall(*call);
    return call;
  }
  return FoldConstants(std::move(call));
}

// Evaluates a call of constants for the error that it ends with.
void Binder::ThrowOfConstantCall(const BoundExpression& call) {
  std::vector<Vector> vectors;
  std::vector<const Vector*> arguments;
  vectors.reserve(call.arguments.size());
  for (const ExpressionPtr& argument : call.arguments) {
    Vector& vector = vectors.emplace_back(argument->type);
    vector.PrepareWrite(1);
    argument->constant.ToVector(&vector, 0);
    arguments.push_back(&vector);
  }
  Vector result(call.type);
  EvaluationContext context;
  try {
    call.function.kernel({arguments, &result, Rows{nullptr, 1}, &call.function.data, &context});
  } catch (Error& error) {
    error.AtPosition(call.position);
    throw;
  }
}

void Binder::AdaptToPeer(ExpressionPtr* expression, const Type& peer) {
  if ((peer.is_datetime() || peer.is_interval()) && IsTextGiven(**expression)) {
    Type wanted = peer;
    if (peer.is_interval()) wanted.precision = 9;
    if (peer.id != TypeId::kDate && peer.is_datetime()) wanted.precision = kMaxFractionalDigits;
    *expression = Convert(std::move(*expression), wanted, CastKind::kImplicit);
  }
}

ExpressionPtr Binder::Call(std::string_view name, std::vector<ExpressionPtr> arguments,
                           Position position) {
  std::array<Type, 3> few;
  std::vector<Type> many(arguments.size() > few.size() ? arguments.size() : 0);
  std::span<Type> types(many.empty() ? few.data() : many.data(), arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) types[i] = arguments[i]->type;
  BoundFunction function;
  try {
    function = ResolveFunction(name, types);
  } catch (Error& error) {
    error.AtPosition(position);
    for (const ExpressionPtr& argument : arguments) {
      if (IsParameter(*argument) && error.code() == ErrorCode::kUndefinedFunction) {
        throw Error(ErrorCode::kInvalidCast,
                    error.message() + "; parameter " + std::to_string(argument->parameter + 1) +
                        " is of type " + argument->type.ToString(),
                    argument->position);
      }
    }
    throw;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i < function.argument_types.size()) {
      arguments[i] =
          Convert(std::move(arguments[i]), function.argument_types[i], CastKind::kImplicit);
    }
  }
  return FoldConstants(MakeCall(std::move(function), std::move(arguments), position));
}

ExpressionPtr Binder::Compare(std::string_view op, ExpressionPtr left, ExpressionPtr right,
                              Position position) {
  AdaptToPeer(&left, right->type);
  AdaptToPeer(&right, left->type);
  if (!Comparable(left->type, right->type)) {
    if (IsParameter(*left)) ThrowParameterMismatch(*left, right->type);
    if (IsParameter(*right)) ThrowParameterMismatch(*right, left->type);
  }
  ApproximateDecimal(&left, *right);
  ApproximateDecimal(&right, *left);
  std::vector<ExpressionPtr> arguments;
  arguments.reserve(2);
  arguments.push_back(std::move(left));
  arguments.push_back(std::move(right));
  return Call(op, std::move(arguments), position);
}

// 6.8 in the text means the same number as 6.8 stored as DOUBLE PRECISION: a decimal meets an
// approximate number as the nearest one of those. Parameters are compared for what they are,
// exactly.
void Binder::ApproximateDecimal(ExpressionPtr* expression, const BoundExpression& peer) {
  if ((*expression)->type.id != TypeId::kDecimal || !peer.type.is_approximate() ||
      IsParameter(**expression) || IsParameter(peer)) {
    return;
  }
  *expression = Convert(std::move(*expression), peer.type, CastKind::kImplicit);
}

ExpressionPtr Binder::Negate(ExpressionPtr condition, Position position) {
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(condition));
  return Call("NOT", std::move(arguments), position);
}

ExpressionPtr Binder::ToBoolean(ExpressionPtr condition, const char* clause) {
  if (condition->type.id == TypeId::kBoolean) return condition;
  if (condition->type.id == TypeId::kNull)
    return Convert(std::move(condition), Type::Boolean(), CastKind::kImplicit);
  if (IsParameter(*condition)) ThrowParameterMismatch(*condition, Type::Boolean());
  throw Error(ErrorCode::kDatatypeMismatch,
              "the argument of " + std::string(clause) + " must be of type BOOLEAN, not " +
                  condition->type.ToString(),
              condition->position);
}

Type Binder::UnifyTypes(std::vector<ExpressionPtr*> expressions, const char* what) {
  Type peer;
  for (ExpressionPtr* expression : expressions) {  // literals follow the first datetime among them
    if ((*expression)->type.is_datetime() || (*expression)->type.is_interval()) {
      peer = (*expression)->type;
      break;
    }
  }
  Type common;
  for (ExpressionPtr* expression : expressions) {
    AdaptToPeer(expression, peer);
    Type next;
    if (!CommonType(common, (*expression)->type, &next)) {
      if (IsParameter(**expression)) ThrowParameterMismatch(**expression, common);
      throw Error(ErrorCode::kDatatypeMismatch,
                  std::string(what) + " types " + common.ToString() + " and " +
                      (*expression)->type.ToString() + " do not fit each other; use CAST",
                  (*expression)->position);
    }
    common = next;
  }
  for (ExpressionPtr* expression : expressions) {
    *expression = Convert(std::move(*expression), common, CastKind::kImplicit);
  }
  return common;
}

}  // namespace tupelo
