// plan/aggregate_text.cpp: aggregates and window functions as text for EXPLAIN.
#include "plan/aggregate_text.h"

namespace tupelo {

namespace {

std::string FilterText(const ExpressionPtr& filter, const ExpressionNames& names) {
  if (filter == nullptr) return {};
  return " FILTER (WHERE " + ExpressionText(*filter, names) + ")";
}

std::string OrderText(const std::vector<AggregateOrder>& keys, const ExpressionNames& names) {
  std::string text;
  for (size_t i = 0; i < keys.size(); ++i) {
    text += (i == 0 ? " ORDER BY " : ", ") + ExpressionText(*keys[i].key, names);
    if (keys[i].descending) text += " DESC";
    if (keys[i].nulls_first != keys[i].descending) {
      text += keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
  }
  return text;
}

std::string BoundText(FrameBoundKind kind, const ExpressionPtr& offset,
                      const ExpressionNames& names) {
  switch (kind) {
    case FrameBoundKind::kUnboundedPreceding: return "UNBOUNDED PRECEDING";
    case FrameBoundKind::kPreceding: return ExpressionText(*offset, names) + " PRECEDING";
    case FrameBoundKind::kCurrentRow: return "CURRENT ROW";
    case FrameBoundKind::kFollowing: return ExpressionText(*offset, names) + " FOLLOWING";
    case FrameBoundKind::kUnboundedFollowing: return "UNBOUNDED FOLLOWING";
  }
  return {};
}

std::string FrameText(const FramePlan& frame, const ExpressionNames& names) {
  static constexpr const char* kUnits[] = {"ROWS", "RANGE", "GROUPS"};
  static constexpr const char* kExclusions[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                                " EXCLUDE TIES"};
  return std::string(" ") + kUnits[static_cast<int>(frame.unit)] + " BETWEEN " +
         BoundText(frame.start, frame.start_offset, names) + " AND " +
         BoundText(frame.end, frame.end_offset, names) +
         kExclusions[static_cast<int>(frame.exclusion)];
}

bool IsDefault(const FramePlan& frame) {
  return frame.unit == FrameUnit::kRange && frame.start == FrameBoundKind::kUnboundedPreceding &&
         frame.end == FrameBoundKind::kCurrentRow && frame.exclusion == FrameExclusion::kNoOthers;
}

}  // namespace

std::string AggregateText(const AggregateColumn& aggregate, const ExpressionNames& names) {
  std::string text(aggregate.function.name);
  text += aggregate.distinct ? "(DISTINCT " : "(";
  text += aggregate.argument == nullptr ? "*" : ExpressionText(*aggregate.argument, names);
  for (const ExpressionPtr& argument : aggregate.more_arguments) {
    text += ", " + ExpressionText(*argument, names);
  }
  return text + OrderText(aggregate.order, names) + ")" + FilterText(aggregate.filter, names);
}

std::string WindowFunctionText(const WindowColumn& column, const ExpressionNames& names) {
  std::string text(column.name);
  text += column.distinct ? "(DISTINCT " : "(";
  bool star = column.function == WindowFunctionKind::kAggregate && column.arguments.empty();
  if (star) text += "*";
  for (size_t i = 0; i < column.arguments.size(); ++i) {
    text += (i == 0 ? "" : ", ") + ExpressionText(*column.arguments[i], names);
  }
  text += OrderText(column.order, names) + ")";
  if (column.from_last) text += " FROM LAST";
  if (column.ignore_nulls) text += " IGNORE NULLS";
  text += FilterText(column.filter, names);
  return IsDefault(column.frame) ? text : text + FrameText(column.frame, names);
}

}  // namespace tupelo
