// plan/bind_frame.cpp: frames of windows: which bounds fit which order, and their offsets.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

bool HasOffset(FrameBoundKind kind) {
  return kind == FrameBoundKind::kPreceding || kind == FrameBoundKind::kFollowing;
}

constexpr const char* kUnits[] = {"ROWS", "RANGE", "GROUPS"};

[[noreturn]] void ThrowUnfitting(const Type& key, const BoundExpression& offset) {
  throw Error(ErrorCode::kFeatureNotSupported,
              "RANGE with an offset of type " + offset.type.ToString() +
                  " is not supported for a sort key of type " + key.ToString(),
              offset.position);
}

// Whether key - offset and key + offset can be computed: numbers of one kind, an interval and a
// datetime that has its fields, two intervals of one class.
bool FitsRange(const Type& key, const Type& offset) {
  if (key.is_exact()) return offset.is_exact();
  if (key.is_approximate()) return offset.is_numeric();
  if (key.is_interval()) return offset.family() == key.family();
  if (!key.is_datetime() || !offset.is_interval()) return false;
  return key.family() != TypeFamily::kTime || offset.id == TypeId::kDayTime;
}

}  // namespace

ExpressionPtr Binder::BindFrameOffset(const ast::FrameBound& bound, const ast::WindowFrame& frame,
                                      const BoundWindow& window, Scope* scope) {
  if (!HasOffset(bound.kind)) return nullptr;
  std::string unit = kUnits[static_cast<int>(frame.unit)];
  if (frame.unit == FrameUnit::kRange && window.order.size() != 1) {
    throw Error(ErrorCode::kWindowingError,
                "RANGE with an offset needs exactly one sort key in ORDER BY, not " +
                    std::to_string(window.order.size()),
                bound.position);
  }
  AggregateLevel* aggregates = scope->aggregates;
  const char* outside = scope->no_aggregates;
  scope->aggregates = nullptr;
  scope->no_aggregates = "in the bounds of a frame";
  ExpressionPtr offset;
  try {
    offset = BindExpression(*bound.offset, scope);
  } catch (...) {
    scope->aggregates = aggregates;
    scope->no_aggregates = outside;
    throw;
  }
  scope->aggregates = aggregates;
  scope->no_aggregates = outside;
  VisitColumns(*offset, [&](ColumnId id) {
    for (const ScopeColumn& column : scope->columns) {
      if (column.id != id) continue;
      throw Error(ErrorCode::kInvalidColumnReference,
                  "the offset of " + unit + " cannot read columns", bound.position);
    }
  });
  if (frame.unit != FrameUnit::kRange) {
    bool whole = offset->type.is_exact() && offset->type.decimal_scale() == 0;
    if (!whole && offset->type.id != TypeId::kNull) {
      throw Error(ErrorCode::kDatatypeMismatch,
                  "the offset of " + unit + " must be a whole number, not of type " +
                      offset->type.ToString(),
                  bound.position);
    }
    return Convert(std::move(offset), Type::BigInt(), CastKind::kAssignment);
  }
  const Type& key = window.order[0].key->type;
  if (offset->type.id == TypeId::kNull) {
    bool fits = key.is_numeric() || key.is_interval() || key.is_datetime();
    if (!fits) ThrowUnfitting(key, *offset);
    return Convert(std::move(offset), Type::BigInt(), CastKind::kImplicit);
  }
  // A number of another kind than an exact key: both as approximate ones.
  if (key.is_exact() && offset->type.is_approximate()) return offset;
  if (!FitsRange(key, offset->type)) ThrowUnfitting(key, *offset);
  if (key.is_approximate()) {
    return Convert(std::move(offset), Type::Double(), CastKind::kImplicit);
  }
  return offset;
}

FramePlan Binder::BindFrame(const BoundWindow& window, Scope* scope) {
  FramePlan plan;
  if (window.frame == nullptr) return plan;
  const ast::WindowFrame& frame = *window.frame;
  plan.unit = frame.unit;
  plan.start = frame.start.kind;
  plan.end = frame.end.kind;
  plan.exclusion = frame.exclusion;
  if (frame.unit == FrameUnit::kGroups && window.order.empty()) {
    throw Error(ErrorCode::kWindowingError, "GROUPS needs an ORDER BY in its window",
                frame.position);
  }
  plan.start_offset = BindFrameOffset(frame.start, frame, window, scope);
  plan.end_offset = BindFrameOffset(frame.end, frame, window, scope);
  return plan;
}

}  // namespace tupelo
