// plan/fold_constants.cpp: calls of constants, computed at plan time by the kernel itself.
#include "base/interruption_scope.h"
#include "plan/binder.h"

namespace tupelo {

namespace {
constexpr uint64_t kLongestMs = 10;
}

ExpressionPtr FoldConstants(ExpressionPtr expression) {
  if (expression->kind != BoundKind::kCall || !expression->function.is_deterministic) {
    return expression;
  }
  for (const ExpressionPtr& argument : expression->arguments) {
    if (argument->kind != BoundKind::kConstant) return expression;
  }
  std::vector<Vector> vectors;
  std::vector<const Vector*> arguments;
  vectors.reserve(expression->arguments.size());
  for (const ExpressionPtr& argument : expression->arguments) {
    Vector& vector = vectors.emplace_back(argument->type);
    if (argument->constant.is_null) {
      vector.SetConstantNull();
    } else {
      vector.PrepareWrite(1);
      argument->constant.ToVector(&vector, 0);
      vector.SetConstant(true);
    }
    arguments.push_back(&vector);
  }
  Vector result(expression->type);
  // What takes long is left to the run of the statement, which can be interrupted.
  Interruption interruption;
  interruption.Begin(nullptr, nullptr, nullptr, kLongestMs);
  EvaluationContext context;
  context.interruption = &interruption;
  InterruptionScope scope(&interruption);
  try {
    expression->function.kernel(
        {arguments, &result, Rows{nullptr, 1}, &expression->function.data, &context});
  } catch (const Error&) {
    return expression;  // fails again at run time, where its row is reached
  }
  Value value = Value::FromVector(result, 0);
  value.type = expression->type;
  return MakeConstant(std::move(value), expression->position);
}

}  // namespace tupelo
