// plan/index_match.cpp: comparisons of a column with a value, and the types that an index takes.
#include "plan/index_match.h"

#include <algorithm>

#include "plan/optimizer.h"

namespace tupelo {

namespace {

std::string_view Mirror(std::string_view op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

}  // namespace

bool UsableForIndex(const Type& column, const Type& value) {
  if (column.is_numeric() && value.is_numeric()) return true;
  if (column.family() != value.family()) return false;
  if (column.is_character()) {  // a VARCHAR compared with a CHARACTER pads: another order than the
                                // index's
    return column.id == TypeId::kChar || value.id != TypeId::kChar;
  }
  return column.id == value.id;
}

bool IsExactBound(const Type& column, const Type& value) {
  if (column.is_integer() && value.is_integer()) return true;
  if (column.is_numeric() || value.is_numeric()) {
    return column.physical() == value.physical() && column.scale == value.scale &&
           column.id == value.id;
  }
  return true;
}

bool MatchComparison(BoundExpression& conjunct, const ColumnSet& own, IndexComparison* comparison) {
  static constexpr std::string_view kOperators[] = {"=", "<", "<=", ">", ">="};
  if (conjunct.kind != BoundKind::kCall || conjunct.arguments.size() != 2 ||
      std::find(std::begin(kOperators), std::end(kOperators), conjunct.function.name) ==
          std::end(kOperators)) {
    return false;
  }
  for (int side = 0; side < 2; ++side) {
    const BoundExpression& column = WithoutImplicitCasts(*conjunct.arguments[side]);
    ExpressionPtr* owner = &conjunct.arguments[1 - side];
    while (owner->get() != &WithoutImplicitCasts(**owner)) owner = &(*owner)->arguments[0];
    const BoundExpression& value = **owner;
    if (column.kind != BoundKind::kColumn || !own.Has(column.column)) continue;
    if (HasSubquery(value) || CountColumns(value, own).inside != 0) continue;
    if (!UsableForIndex(column.type, value.type)) continue;
    bool is_wide = column.type.id == TypeId::kDecimal && value.type.is_approximate();
    *comparison = {column.column, owner,
                   side == 0 ? conjunct.function.name : Mirror(conjunct.function.name), is_wide};
    return true;
  }
  return false;
}

}  // namespace tupelo
