// exec/evaluator_compile.cpp: a bound expression to steps.
#include <algorithm>

#include "base/interruption_scope.h"
#include "exec/code_results.h"
#include "exec/evaluator.h"
#include "exec/in_set.h"
#include "exec/subquery.h"
#include "plan/expression.h"

namespace tupelo {

namespace {

// Whether evaluating on rows that a guard excludes could end the statement, or would be costly.
bool NeedsGuard(const BoundExpression& expression) {
  bool needs = false;
  VisitExpressions(expression, [&](const BoundExpression& part) {
    needs |= part.plan != nullptr || (part.kind == BoundKind::kCall && part.function.may_fail);
  });
  return needs;
}

// Whether the value is one for all rows of a run.
bool IsFixed(const BoundExpression& expression) {
  StepInterruption();
  switch (expression.kind) {
    case BoundKind::kConstant:
    case BoundKind::kParameter: return true;
    case BoundKind::kCall:
      return expression.function.is_deterministic &&
             std::ranges::all_of(expression.arguments,
                                 [](const ExpressionPtr& argument) { return IsFixed(*argument); });
    default: return false;
  }
}

// The only argument that is not fixed, where it is a string; else `none`.
uint32_t FindVarying(const BoundExpression& call, uint32_t none) {
  uint32_t found = none;
  for (uint32_t i = 0; i < call.arguments.size(); ++i) {
    if (IsFixed(*call.arguments[i])) continue;
    if (found != none) return none;
    found = i;
  }
  if (found == none) return none;
  return call.arguments[found]->type.physical() == PhysicalType::kString ? found : none;
}

}  // namespace

Vector* Evaluator::NewRegister(const Type& type) {
  registers_.push_back(std::make_unique<Vector>(type));
  return registers_.back().get();
}

uint32_t Evaluator::NewRowSet() {
  row_sets_.emplace_back();
  return static_cast<uint32_t>(row_sets_.size() - 1);
}

Evaluator::Step& Evaluator::AddStep(StepKind kind, uint32_t rows, Vector* output,
                                    const Vector* argument) {
  steps_.emplace_back();
  Step& step = steps_.back();
  step.kind = kind;
  step.rows = rows;
  step.output = output;
  if (argument != nullptr) step.arguments.push_back(argument);
  return step;
}

const Vector* Evaluator::Add(const BoundExpression& expression) { return Compile(expression, 0); }

const Vector* Evaluator::Compile(const BoundExpression& expression, uint32_t rows) {
  StepInterruption();
  switch (expression.kind) {
    case BoundKind::kConstant: {
      Vector* constant = NewRegister(expression.type);
      if (expression.constant.is_null) {
        constant->SetConstantNull();
      } else {
        constant->PrepareWrite(1);
        expression.constant.ToVector(constant, 0);
        constant->SetConstant(true);
      }
      return constant;
    }
    case BoundKind::kColumn: {
      for (const auto& [id, value] : named_) {
        if (id == expression.column) return value;
      }
      const Vector* column = columns_->Find(expression.column);
      if (column == nullptr) {
        throw Error(ErrorCode::kInternalError, "a column of the plan is not in its input");
      }
      return column;
    }
    case BoundKind::kParameter: return &context_->parameters[expression.parameter];
    case BoundKind::kCall: return CompileCall(expression, rows);
    case BoundKind::kAnd:
    case BoundKind::kOr: return CompileJunction(expression, rows);
    case BoundKind::kCase: return CompileCase(expression, rows);
    case BoundKind::kCoalesce: return CompileCoalesce(expression, rows);
    case BoundKind::kLet: {
      named_.emplace_back(expression.column, Compile(*expression.arguments[0], rows));
      const Vector* result = Compile(*expression.arguments[1], rows);
      named_.pop_back();
      return result;
    }
    case BoundKind::kInSet: return CompileInSet(expression, rows);
    case BoundKind::kNextIdentity: {
      Step& step = AddStep(StepKind::kNextIdentity, rows, NewRegister(expression.type));
      step.expression = &expression;
      return step.output;
    }
    case BoundKind::kNextValue: return CompileNextValue(expression, rows);
    case BoundKind::kLastValue: {
      Step& step = AddStep(StepKind::kLastValue, rows, NewRegister(expression.type));
      step.expression = &expression;
      return step.output;
    }
    case BoundKind::kScalarSubquery:
    case BoundKind::kExists:
    case BoundKind::kRowSubquery:
    case BoundKind::kQuantified: return CompileSubquery(expression, rows);
  }
  throw Error(ErrorCode::kInternalError, "an expression of an unknown kind");
}

const Vector* Evaluator::CompileCall(const BoundExpression& expression, uint32_t rows) {
  std::vector<const Vector*> arguments;
  arguments.reserve(expression.arguments.size());
  for (const ExpressionPtr& argument : expression.arguments) {
    arguments.push_back(Compile(*argument, rows));
  }
  Step& step = AddStep(StepKind::kCall, rows, NewRegister(expression.type));
  step.arguments = std::move(arguments);
  step.function = &expression.function;
  step.data = std::make_unique<FunctionData>(expression.function.data);
  if (expression.function.is_deterministic) step.varying = FindVarying(expression, kNoArgument);
  step.position = expression.position;
  if (expression.assigned_table != nullptr) step.expression = &expression;
  return step.output;
}

// Each term is evaluated where the ones before have not decided, when it may fail there; else
// everywhere.
const Vector* Evaluator::CompileJunction(const BoundExpression& expression, uint32_t rows) {
  bool is_and = expression.kind == BoundKind::kAnd;
  Vector* result = NewRegister(Type::Boolean());
  const Vector* first = Compile(*expression.arguments[0], rows);
  AddStep(StepKind::kPrepare, rows, result);
  AddStep(StepKind::kCopy, rows, result, first);
  for (size_t i = 1; i < expression.arguments.size(); ++i) {
    uint32_t open = rows;
    if (NeedsGuard(*expression.arguments[i])) {
      open = NewRowSet();
      AddStep(is_and ? StepKind::kKeepOpenAnd : StepKind::kKeepOpenOr, rows, nullptr, result)
          .target = open;
    }
    const Vector* term = Compile(*expression.arguments[i], open);
    AddStep(is_and ? StepKind::kAnd : StepKind::kOr, open, result, term);
  }
  return result;
}

const Vector* Evaluator::CompileCase(const BoundExpression& expression, uint32_t rows) {
  Vector* result = NewRegister(expression.type);
  AddStep(StepKind::kPrepare, rows, result);
  size_t pairs = expression.arguments.size() / 2;
  uint32_t remaining = rows;
  for (size_t i = 0; i < pairs; ++i) {
    const Vector* condition = Compile(*expression.arguments[2 * i], remaining);
    uint32_t chosen = NewRowSet(), others = NewRowSet();
    Step& split = AddStep(StepKind::kSplit, remaining, nullptr, condition);
    split.target = chosen;
    split.target2 = others;
    const Vector* value = Compile(*expression.arguments[2 * i + 1], chosen);
    AddStep(StepKind::kCopy, chosen, result, value);
    remaining = others;
  }
  if (expression.arguments.size() % 2 == 1) {
    const Vector* otherwise = Compile(*expression.arguments.back(), remaining);
    AddStep(StepKind::kCopy, remaining, result, otherwise);
  } else {
    AddStep(StepKind::kSetNull, remaining, result);
  }
  return result;
}

const Vector* Evaluator::CompileCoalesce(const BoundExpression& expression, uint32_t rows) {
  Vector* result = NewRegister(expression.type);
  const Vector* first = Compile(*expression.arguments[0], rows);
  AddStep(StepKind::kPrepare, rows, result);
  AddStep(StepKind::kCopy, rows, result, first);
  uint32_t remaining = rows;
  for (size_t i = 1; i < expression.arguments.size(); ++i) {
    uint32_t nulls = NewRowSet();
    AddStep(StepKind::kKeepNull, remaining, nullptr, result).target = nulls;
    const Vector* value = Compile(*expression.arguments[i], nulls);
    AddStep(StepKind::kCopy, nulls, result, value);
    remaining = nulls;
  }
  return result;
}

const Vector* Evaluator::CompileInSet(const BoundExpression& expression, uint32_t rows) {
  std::vector<const Vector*> arguments;
  arguments.reserve(expression.arguments.size());
  for (const ExpressionPtr& argument : expression.arguments) {
    arguments.push_back(Compile(*argument, rows));
  }
  Step& step = AddStep(StepKind::kInSet, rows, NewRegister(Type::Boolean()));
  step.arguments = std::move(arguments);
  step.in_set = std::make_unique<InSet>();
  step.varying = FindVarying(expression, kNoArgument);
  return step.output;
}

const Vector* Evaluator::CompileSubquery(const BoundExpression& expression, uint32_t rows) {
  std::vector<const Vector*> compared;
  for (const ExpressionPtr& argument : expression.arguments) {
    compared.push_back(Compile(*argument, rows));
  }
  Step& step = AddStep(StepKind::kSubquery, rows, NewRegister(expression.type));
  step.arguments = compared;
  step.position = expression.position;
  step.subquery = std::make_unique<Subquery>(expression, context_, columns_, std::move(compared));
  return step.output;
}

}  // namespace tupelo
