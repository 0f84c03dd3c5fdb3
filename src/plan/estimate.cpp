// plan/estimate.cpp: how many rows a node will give, by rules of thumb (Selinger et al., SIGMOD
// 1979, table 1).
#include <algorithm>
#include <cmath>

#include "plan/optimizer.h"
#include "txn/table.h"

namespace tupelo {

namespace {

constexpr double kEqualitySelectivity = 0.05;
constexpr double kRangeSelectivity = 0.3;
constexpr double kOtherSelectivity = 0.5;
constexpr double kGroupShare = 0.1;

// The table column that `id` is, when it comes from a scan below `node` unchanged; with the scan.
const PlanNode* FindScan(const PlanNode& node, ColumnId id, uint16_t* column) {
  if (node.kind == PlanKind::kTableScan || node.kind == PlanKind::kIndexScan) {
    for (size_t i = 0; i < node.output.size(); ++i) {
      if (node.output[i].id == id && node.scan_columns[i] != kRowIdColumn) {
        *column = node.scan_columns[i];
        return &node;
      }
    }
    return nullptr;
  }
  for (const PlanPtr& child : node.children) {
    if (const PlanNode* scan = FindScan(*child, id, column)) return scan;
  }
  return nullptr;
}

bool IsUniqueColumn(const TableDefinition& table, uint16_t column) {
  return std::any_of(table.keys.begin(), table.keys.end(), [column](const KeyDefinition& key) {
    return key.columns.size() == 1 && key.columns[0] == column;
  });
}

double TableRows(const TableDefinition& table) {
  return std::max<double>(1, static_cast<double>(table.data->committed_row_count()));
}

// A guess of the number of distinct values of the expression in the rows of `input`.
double DistinctValues(const BoundExpression& expression, const PlanNode& input) {
  const BoundExpression& inner = WithoutImplicitCasts(expression);
  uint16_t column = 0;
  if (inner.kind == BoundKind::kColumn) {
    if (const PlanNode* scan = FindScan(input, inner.column, &column)) {
      double rows = TableRows(*scan->table);
      if (IsUniqueColumn(*scan->table, column)) return rows;
      return std::max(1.0, std::min(rows, std::max(rows * kGroupShare, 10.0)));
    }
  }
  return std::max(1.0, input.estimated_rows * kGroupShare);
}

}  // namespace

double EstimateEquality(const BoundExpression& left, const PlanNode& left_input,
                        const BoundExpression& right, const PlanNode& right_input) {
  return 1.0 / std::max(DistinctValues(left, left_input), DistinctValues(right, right_input));
}

double EstimateSelectivity(const BoundExpression& condition, const PlanNode& input) {
  switch (condition.kind) {
    case BoundKind::kConstant:
      return !condition.constant.is_null && condition.constant.integer != 0 ? 1.0 : 0.0;
    case BoundKind::kAnd: {
      double all = 1;
      for (const ExpressionPtr& term : condition.arguments)
        all *= EstimateSelectivity(*term, input);
      return all;
    }
    case BoundKind::kOr: {
      double none = 1;
      for (const ExpressionPtr& term : condition.arguments) {
        none *= 1 - EstimateSelectivity(*term, input);
      }
      return 1 - none;
    }
    case BoundKind::kInSet:
      return std::min(1.0, static_cast<double>(condition.arguments.size() - 1) /
                               DistinctValues(*condition.arguments[0], input));
    case BoundKind::kCall: break;
    default: return kOtherSelectivity;
  }
  std::string_view name = condition.function.name;
  if (name == "=") {
    const BoundExpression& left = *condition.arguments[0];
    const BoundExpression& right = *condition.arguments[1];
    if (IsRunConstant(right)) return 1.0 / DistinctValues(left, input);
    if (IsRunConstant(left)) return 1.0 / DistinctValues(right, input);
    return kEqualitySelectivity;
  }
  if (name == "<" || name == "<=" || name == ">" || name == ">=") return kRangeSelectivity;
  return kOtherSelectivity;
}

namespace {

double EstimateJoin(const PlanNode& node) {
  double left = node.children[0]->estimated_rows, right = node.children[1]->estimated_rows;
  double rows = left * right;
  for (size_t i = 0; i < node.left_keys.size(); ++i) {
    rows *= EstimateEquality(*node.left_keys[i], *node.children[0], *node.right_keys[i],
                             *node.children[1]);
  }
  if (node.condition != nullptr) rows *= EstimateSelectivity(*node.condition, node);
  if (node.join_kind == JoinKind::kLeft || node.join_kind == JoinKind::kFull)
    rows = std::max(rows, left);
  if (node.join_kind == JoinKind::kRight || node.join_kind == JoinKind::kFull)
    rows = std::max(rows, right);
  return rows;
}

double EstimateScan(const PlanNode& node) {
  double rows = TableRows(*node.table);
  if (node.kind == PlanKind::kIndexScan) {
    bool whole_key = node.range.equal.size() == node.index->columns.size();
    if (whole_key && node.index->is_unique) {
      rows = 1;
    } else {
      for (size_t i = 0; i < node.range.equal.size(); ++i) {
        bool unique = IsUniqueColumn(*node.table, node.index->columns[i].column);
        rows *= unique ? 1 / rows : kGroupShare;
      }
      if (node.range.lower != nullptr) rows *= kRangeSelectivity;
      if (node.range.upper != nullptr) rows *= kRangeSelectivity;
    }
  }
  if (node.condition != nullptr) rows *= EstimateSelectivity(*node.condition, node);
  return std::max(1.0, rows);
}

double LimitOf(const PlanNode& node, double rows) {
  if (node.limit != nullptr && node.limit->kind == BoundKind::kConstant &&
      !node.limit->constant.is_null) {
    return std::min(rows, static_cast<double>(node.limit->constant.integer));
  }
  return rows;
}

double EstimateNode(const PlanNode& node) {
  auto child = [&](size_t i) { return node.children[i]->estimated_rows; };
  switch (node.kind) {
    case PlanKind::kSingleRow:
    case PlanKind::kTableCount: return 1;
    case PlanKind::kValues: return static_cast<double>(node.rows.size());
    case PlanKind::kTableScan:
    case PlanKind::kIndexScan: return EstimateScan(node);
    case PlanKind::kFilter:
      return std::max(1.0, child(0) * EstimateSelectivity(*node.condition, *node.children[0]));
    case PlanKind::kJoin: return std::max(1.0, EstimateJoin(node));
    case PlanKind::kGroupingSets: return child(0) * static_cast<double>(node.grouping->sets.size());
    case PlanKind::kAggregate: {
      double groups = 1;
      for (const ComputedColumn& group : node.computed) {
        groups *= DistinctValues(*group.expression, *node.children[0]);
      }
      return std::min(groups, child(0));
    }
    case PlanKind::kDistinct: return std::max(1.0, child(0) * kOtherSelectivity);
    case PlanKind::kSort:
    case PlanKind::kLimit: return LimitOf(node, child(0));
    case PlanKind::kSetOperation:
      return node.set_kind == SetOperationKind::kUnionAll ? child(0) + child(1) : child(0);
    default: return node.children.empty() ? 1 : child(0);
  }
}

}  // namespace

void EstimateRows(PlanNode* node) {
  for (PlanPtr& child : node->children) EstimateRows(child.get());
  node->estimated_rows = std::ceil(EstimateNode(*node));
}

}  // namespace tupelo
