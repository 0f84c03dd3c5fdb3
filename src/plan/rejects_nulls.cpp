// plan/rejects_nulls.cpp: what conditions say of rows that an outer join filled with nulls, and
// what may be computed elsewhere.
#include <algorithm>

#include "plan/optimizer.h"

namespace tupelo {

namespace {

// Functions that give null for a null argument.
bool IsStrict(const BoundExpression& call) {
  static constexpr std::string_view kStrict[] = {
      "=",   "<>", "<",   "<=",   ">",   ">=",  "+",     "-",     "*",   "/",
      "NEG", "||", "NOT", "LIKE", "ABS", "MOD", "UPPER", "LOWER", "CAST"};
  return std::find(std::begin(kStrict), std::end(kStrict), call.function.name) != std::end(kStrict);
}

// Whether the value is null when all columns of `side` are.
bool IsNullWith(const BoundExpression& expression, const ColumnSet& side) {
  auto is_null = [&](const ExpressionPtr& argument) { return IsNullWith(*argument, side); };
  const auto& arguments = expression.arguments;
  switch (expression.kind) {
    case BoundKind::kColumn: return side.Has(expression.column);
    case BoundKind::kCall:
      return IsStrict(expression) && std::any_of(arguments.begin(), arguments.end(), is_null);
    case BoundKind::kAnd:
    case BoundKind::kOr: return std::all_of(arguments.begin(), arguments.end(), is_null);
    case BoundKind::kInSet: return is_null(arguments[0]);
    default: return false;
  }
}

}  // namespace

bool RejectsNulls(const BoundExpression& condition, const ColumnSet& side) {
  auto rejects = [&](const ExpressionPtr& term) { return RejectsNulls(*term, side); };
  const auto& arguments = condition.arguments;
  switch (condition.kind) {
    case BoundKind::kAnd: return std::any_of(arguments.begin(), arguments.end(), rejects);
    case BoundKind::kOr: return std::all_of(arguments.begin(), arguments.end(), rejects);
    case BoundKind::kCall:
      if (condition.function.name == "IS TRUE") return rejects(arguments[0]);
      if (condition.function.name == "IS NOT NULL" || condition.function.name == "IS FALSE") {
        return IsNullWith(*arguments[0], side);
      }
      return IsNullWith(condition, side);
    default: return IsNullWith(condition, side);
  }
}

bool IsMadeOf(const BoundExpression& expression, bool (*accepts)(const BoundExpression& call)) {
  switch (expression.kind) {
    case BoundKind::kConstant:
    case BoundKind::kColumn:
    case BoundKind::kParameter:
    case BoundKind::kAnd:
    case BoundKind::kOr:
    case BoundKind::kCase:
    case BoundKind::kCoalesce:
    case BoundKind::kLet:
    case BoundKind::kInSet: break;
    case BoundKind::kCall:
      if (!expression.function.is_deterministic || !accepts(expression)) return false;
      break;
    default: return false;
  }
  return std::all_of(
      expression.arguments.begin(), expression.arguments.end(),
      [accepts](const ExpressionPtr& argument) { return IsMadeOf(*argument, accepts); });
}

bool CanMove(const BoundExpression& expression, Movable movable) {
  if (movable == Movable::kAny) {
    return IsMadeOf(expression, [](const BoundExpression&) { return true; });
  }
  return IsMadeOf(expression, [](const BoundExpression& call) {
    static constexpr std::string_view kHarmless[] = {"+", "-", "*", "NEG", "||"};
    return !call.function.may_fail || call.is_implicit_cast ||
           std::find(std::begin(kHarmless), std::end(kHarmless), call.function.name) !=
               std::end(kHarmless);
  });
}

}  // namespace tupelo
