// exec/zone_filter.cpp: conditions to bounds, bounds to the types of the columns.
#include "exec/zone_filter.h"

#include "exec/index_key.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

struct Operator {
  std::string_view name;
  ZoneOp op, mirrored;
};

constexpr Operator kOperators[] = {
    {"=", ZoneOp::kEqual, ZoneOp::kEqual},
    {"<", ZoneOp::kLess, ZoneOp::kGreater},
    {"<=", ZoneOp::kLessEqual, ZoneOp::kGreaterEqual},
    {">", ZoneOp::kGreater, ZoneOp::kLess},
    {">=", ZoneOp::kGreaterEqual, ZoneOp::kLessEqual},
};

ZoneOp Inclusive(ZoneOp op) {
  if (op == ZoneOp::kLess) return ZoneOp::kLessEqual;
  return op == ZoneOp::kGreater ? ZoneOp::kGreaterEqual : op;
}

// Whether the column's type holds each value of the other one as it is. Else what is left of a
// value, taken toward zero, is a bound that itself may fulfil the condition.
bool HoldsExactly(const Type& column, const Type& value) {
  if (!column.is_numeric()) return true;
  if (column.is_exact()) {
    return value.is_exact() && value.decimal_scale() <= column.decimal_scale();
  }
  return column.id == TypeId::kDouble && value.is_approximate();
}

// Whether bounds of the column's type say something of comparisons with the value. Exact numbers
// meet approximate ones in the type of the latter, and CHARACTER pads: neither is in the bounds.
bool AreComparable(const Type& column, const Type& value) {
  if (column.is_numeric() && value.is_numeric()) {
    return column.is_approximate() || value.is_exact();
  }
  if (column.id == TypeId::kChar || value.id == TypeId::kChar) return false;
  if (column.is_character()) return value.is_character();
  return column.id == value.id;
}

}  // namespace

ZoneFilter::ZoneFilter(const PlanNode& node, ExecutionContext* context)
    : values_(context, &no_columns_) {
  AddConjunct(node, *node.condition);
}

void ZoneFilter::AddConjunct(const PlanNode& node, const BoundExpression& conjunct) {
  if (conjunct.kind == BoundKind::kAnd) {
    for (const ExpressionPtr& argument : conjunct.arguments) AddConjunct(node, *argument);
    return;
  }
  if (conjunct.kind != BoundKind::kCall || conjunct.arguments.size() != 2) return;
  for (const Operator& known : kOperators) {
    if (conjunct.function.name != known.name) continue;
    const BoundExpression& left = WithoutImplicitCasts(*conjunct.arguments[0]);
    const BoundExpression& right = WithoutImplicitCasts(*conjunct.arguments[1]);
    if (!AddBound(node, left, right, known.op)) AddBound(node, right, left, known.mirrored);
    return;
  }
}

bool ZoneFilter::AddBound(const PlanNode& node, const BoundExpression& column,
                          const BoundExpression& value, ZoneOp op) {
  bool is_known = value.kind == BoundKind::kConstant || value.kind == BoundKind::kParameter;
  if (column.kind != BoundKind::kColumn || !is_known) return false;
  for (size_t i = 0; i < node.output.size(); ++i) {
    if (node.output[i].id != column.column || node.scan_columns[i] == kRowIdColumn) continue;
    const ColumnDefinition& definition = node.table->columns[node.scan_columns[i]];
    if (!AreComparable(definition.type, value.type)) return false;
    if (!HoldsExactly(definition.type, value.type)) op = Inclusive(op);
    bounds_.push_back({definition.physical, op, values_.Add(value), Vector(definition.type)});
    return true;
  }
  return false;
}

const std::vector<ZonePredicate>& ZoneFilter::Make() {
  predicates_.clear();
  if (bounds_.empty()) return predicates_;
  values_.Run(Rows{nullptr, 1});
  for (Bound& bound : bounds_) {
    Value value = Value::Null(bound.key.type());
    switch (ConvertToKey(*bound.value, &bound.key)) {
      case KeyFit::kFits: value = Value::FromVector(bound.key, 0); break;
      case KeyFit::kNull: break;  // no row can fulfil a comparison with null
      case KeyFit::kTooSmall:
      case KeyFit::kTooLarge: continue;  // left to the condition
    }
    predicates_.push_back({bound.physical_column, bound.op, std::move(value)});
  }
  return predicates_;
}

}  // namespace tupelo
