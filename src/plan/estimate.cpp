// plan/estimate.cpp: how many rows a node will give.
#include "plan/estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "txn/table.h"

namespace tupelo {

namespace {

constexpr double kRangeSelectivity = 0.3;
constexpr double kOtherSelectivity = 0.5;
constexpr double kGroupShare = 0.1;
constexpr double kWorkingTableRows = 10;
constexpr double kRecursionRounds = 10;
constexpr double kSystemViewRows = 20;

constexpr double kAnyNumber = std::numeric_limits<double>::infinity();

}  // namespace

const PlanNode* FindScan(const PlanNode& node, ColumnId id, uint16_t* column) {
  StepInterruption();
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

double DistinctOf(const TableDefinition& table, uint16_t column) {
  return std::max(1.0, table.data->StatisticsOf(table.columns[column].physical).distinct);
}

double TableRows(const TableDefinition& table) {
  return std::max<double>(1, static_cast<double>(table.data->committed_row_count()));
}

bool IsOnlyGroup(const PlanNode& node, ColumnId id) {
  const PlanNode* below = &node;
  while (below->kind == PlanKind::kFilter || below->kind == PlanKind::kProject ||
         below->kind == PlanKind::kSort) {
    below = below->children[0].get();
  }
  if (below->kind == PlanKind::kDistinct) {
    return below->output.size() == 1 && below->output[0].id == id;
  }
  return below->kind == PlanKind::kAggregate && below->computed.size() == 1 &&
         below->computed[0].id == id;
}

namespace {

// Of the left rows, those that have a match when `pairs` do.
double EstimateOnce(JoinKind kind, double left, double pairs) {
  double matched = std::min(left, pairs);
  if (kind == JoinKind::kSemi || kind == JoinKind::kRightSemi) return matched;
  if (kind == JoinKind::kAnti || kind == JoinKind::kRightAnti) {
    return std::max(left - matched, left * kGroupShare);
  }
  return left;
}

// How many different combinations of the keys there can be, when they are columns of one table and
// the product of their distinct values is more; else any number.
double MostCombinations(const std::vector<ExpressionPtr>& keys, const PlanNode& input) {
  const PlanNode* table = nullptr;
  double product = 1;
  for (const ExpressionPtr& key : keys) {
    uint16_t number = 0;
    const PlanNode* scan =
        key->kind == BoundKind::kColumn ? FindScan(input, key->column, &number) : nullptr;
    if (scan == nullptr || (table != nullptr && scan != table)) return kAnyNumber;
    table = scan;
    product *= EstimateDistinct(*key, input);
  }
  double rows = TableRows(*table->table);
  return product > rows ? rows : kAnyNumber;
}

// Selectivities of several keys are not independent: one pair of the values of a foreign key is
// one of the other table's.
double EstimateKeys(const PlanNode& join) {
  const PlanNode &left = *join.children[0], &right = *join.children[1];
  double selectivity = 1;
  for (size_t i = 0; i < join.left_keys.size(); ++i) {
    selectivity *= EstimateEquality(*join.left_keys[i], left, *join.right_keys[i], right);
  }
  if (join.left_keys.size() < 2) return selectivity;
  double most =
      std::min(MostCombinations(join.left_keys, left), MostCombinations(join.right_keys, right));
  return std::max(selectivity, 1 / most);
}

double EstimateJoin(const PlanNode& node) {
  double left = node.children[0]->estimated_rows, right = node.children[1]->estimated_rows;
  double rows = left * right * EstimateKeys(node);
  if (node.condition != nullptr) rows *= EstimateSelectivity(*node.condition, node);
  if (GivesLeftOnly(node.join_kind) || node.join_kind == JoinKind::kSingle) {
    return EstimateOnce(node.join_kind, left, rows);
  }
  if (GivesRightOnly(node.join_kind)) return EstimateOnce(node.join_kind, right, rows);
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
    } else if (node.range.rows > 0) {
      rows = node.range.rows;
    } else {
      for (size_t i = 0; i < node.range.equal.size(); ++i) {
        bool unique = IsUniqueColumn(*node.table, node.index->columns[i].column);
        rows *= unique ? 1 / rows : kGroupShare;
      }
      if (node.range.lower != nullptr) rows *= kRangeSelectivity;
      if (node.range.upper != nullptr) rows *= kRangeSelectivity;
    }
  }
  if (node.condition != nullptr && rows > 1) rows *= EstimateSelectivity(*node.condition, node);
  return std::max(1.0, rows);
}

// Exact between integer constants.
double EstimateSeries(const PlanNode& node) {
  constexpr double kUnknown = 100;
  double bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    const BoundExpression& bound = *node.rows[0][i];
    if (bound.kind != BoundKind::kConstant || bound.constant.is_null || !bound.type.is_integer()) {
      return kUnknown;
    }
    bounds[i] = static_cast<double>(bound.constant.integer);
  }
  if (bounds[2] == 0) return kUnknown;
  return std::max(1.0, std::floor((bounds[1] - bounds[0]) / bounds[2]) + 1);
}

double LimitOf(const PlanNode& node, double rows) {
  if (!node.limit_by.empty()) return rows;
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
    case PlanKind::kSeries: return EstimateSeries(node);
    case PlanKind::kSystemView: return kSystemViewRows;
    case PlanKind::kValues: return static_cast<double>(node.rows.size());
    case PlanKind::kTableScan:
    case PlanKind::kIndexScan: return EstimateScan(node);
    case PlanKind::kFilter:
      return std::max(1.0, child(0) * EstimateSelectivity(*node.condition, *node.children[0]));
    case PlanKind::kCommonTableScan: return node.estimated_rows;  // set by OptimizeCommonTables
    case PlanKind::kWorkingTable: return kWorkingTableRows;
    case PlanKind::kBandJoin:
    case PlanKind::kIndexJoin: return node.estimated_rows;  // of the join that it was
    case PlanKind::kJoin:
    case PlanKind::kLateralJoin: return std::max(1.0, EstimateJoin(node));
    case PlanKind::kRecursion: {
      double rows = 0;
      for (const PlanPtr& branch : node.children) rows += branch->estimated_rows;
      return rows * kRecursionRounds;
    }
    case PlanKind::kGroupingSets: return child(0) * static_cast<double>(node.grouping->sets.size());
    case PlanKind::kAggregate: {
      double groups = 1;
      for (const ComputedColumn& group : node.computed) {
        groups *= EstimateDistinct(*group.expression, *node.children[0]);
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
  StepInterruption();
  for (PlanPtr& child : node->children) EstimateRows(child.get());
  node->estimated_rows = std::ceil(EstimateNode(*node));
}

}  // namespace tupelo
