// plan/estimate_condition.cpp: for which part of the rows a condition holds.
//
// Columns of tables are looked up in the table's statistics; what those can't tell goes by rules of
// thumb (Selinger et al., SIGMOD 1979, table 1). Conditions count as independent, but for the two
// ends of one range.
#include <algorithm>
#include <cmath>
#include <optional>

#include "plan/estimate.h"
#include "plan/optimizer.h"
#include "txn/table.h"

namespace tupelo {

namespace {

constexpr double kRangeSelectivity = 0.3;
constexpr double kPatternSelectivity = 0.1;
constexpr double kOtherSelectivity = 0.5;
constexpr double kGroupShare = 0.1;

const ColumnStatistics* StatisticsFor(const BoundExpression& expression, const PlanNode& input) {
  const BoundExpression& inner = WithoutImplicitCasts(expression);
  if (inner.kind != BoundKind::kColumn) return nullptr;
  uint16_t column = 0;
  const PlanNode* scan = FindScan(input, inner.column, &column);
  if (scan == nullptr) return nullptr;
  return &scan->table->data->StatisticsOf(scan->table->columns[column].physical);
}

std::optional<double> PositionOfConstant(const BoundExpression& expression) {
  const BoundExpression& inner = WithoutImplicitCasts(expression);
  if (inner.kind != BoundKind::kConstant || inner.constant.is_null) return std::nullopt;
  Vector vector(inner.constant.type);
  vector.PrepareWrite(1);
  inner.constant.ToVector(&vector, 0);
  double position;
  if (!PositionOf(vector, 0, &position)) return std::nullopt;
  return position;
}

// `column op constant`, whichever side the column stands on.
struct Comparison {
  const BoundExpression* column = nullptr;
  const BoundExpression* value = nullptr;
  char op = '=';  // = < > #
};

bool MatchComparison(const BoundExpression& condition, Comparison* comparison) {
  std::string_view name = condition.function.name;
  if (condition.kind != BoundKind::kCall || condition.arguments.size() != 2) return false;
  if (name != "=" && name != "<>" && name != "<" && name != "<=" && name != ">" && name != ">=") {
    return false;
  }
  char op = name == "<>" ? '#' : name[0];
  for (int side = 0; side < 2; ++side) {
    const BoundExpression& value = *condition.arguments[1 - side];
    if (!IsRunConstant(value)) continue;
    if (side == 1 && op == '<') {
      op = '>';
    } else if (side == 1 && op == '>') {
      op = '<';
    }
    *comparison = {condition.arguments[side].get(), &value, op};
    return true;
  }
  return false;
}

double SelectComparison(const Comparison& comparison, const PlanNode& input) {
  const ColumnStatistics* statistics = StatisticsFor(*comparison.column, input);
  std::optional<double> position = PositionOfConstant(*comparison.value);
  double valid = statistics == nullptr ? 1 : 1 - statistics->null_fraction;
  if (comparison.op == '=' || comparison.op == '#') {
    double equal = statistics != nullptr && position.has_value()
                       ? statistics->FractionEqual(*position)
                       : 1 / EstimateDistinct(*comparison.column, input);
    return valid * (comparison.op == '=' ? equal : 1 - equal);
  }
  if (statistics == nullptr || !position.has_value()) return kRangeSelectivity;
  double below = statistics->FractionBelow(*position);
  return valid * (comparison.op == '<' ? below : 1 - below);
}

// What a pattern begins with decides, as far as it says anything.
double SelectLike(const BoundExpression& like, const PlanNode& input) {
  const BoundExpression& pattern = *like.arguments[1];
  const ColumnStatistics* statistics = StatisticsFor(*like.arguments[0], input);
  if (pattern.kind != BoundKind::kConstant || pattern.constant.is_null || statistics == nullptr) {
    return kPatternSelectivity;
  }
  std::string prefix = pattern.constant.text.substr(0, pattern.constant.text.find_first_of("%_\\"));
  if (prefix.empty()) return kPatternSelectivity;
  prefix = prefix.substr(0, 7);
  ExpressionPtr low = MakeConstant(Value::Text(pattern.type, prefix));
  prefix.back() = static_cast<char>(prefix.back() + 1);
  ExpressionPtr high = MakeConstant(Value::Text(pattern.type, prefix));
  double share = statistics->FractionBelow(PositionOfConstant(*high).value_or(0)) -
                 statistics->FractionBelow(PositionOfConstant(*low).value_or(0));
  return std::clamp(share, 0.0001, 1.0);
}

double SelectInSet(const BoundExpression& condition, const PlanNode& input) {
  const ColumnStatistics* statistics = StatisticsFor(*condition.arguments[0], input);
  double all = 0;
  double usual = 1 / EstimateDistinct(*condition.arguments[0], input);
  for (size_t i = 1; i < condition.arguments.size(); ++i) {
    std::optional<double> position;
    if (statistics != nullptr && i < 100) position = PositionOfConstant(*condition.arguments[i]);
    all += position.has_value() ? statistics->FractionEqual(*position) : usual;
  }
  return std::min(1.0, all);
}

// Both ends of a range of one column are one condition.
double SelectAll(const BoundExpression& condition, const PlanNode& input) {
  double all = 1;
  std::vector<Comparison> lower, upper;
  for (const ExpressionPtr& term : condition.arguments) {
    Comparison comparison;
    bool is_range = MatchComparison(*term, &comparison) &&
                    (comparison.op == '<' || comparison.op == '>') &&
                    WithoutImplicitCasts(*comparison.column).kind == BoundKind::kColumn;
    if (!is_range) {
      all *= EstimateSelectivity(*term, input);
    } else {
      (comparison.op == '<' ? upper : lower).push_back(comparison);
    }
  }
  for (const Comparison& end : upper) {
    double below = SelectComparison(end, input);
    for (Comparison& begin : lower) {
      if (begin.column == nullptr || !SameExpression(*begin.column, *end.column)) continue;
      below = std::max(below + SelectComparison(begin, input) - 1, below * 0.01);
      begin.column = nullptr;
    }
    all *= below;
  }
  for (const Comparison& begin : lower) {
    if (begin.column != nullptr) all *= SelectComparison(begin, input);
  }
  return all;
}

}  // namespace

double EstimateDistinct(const BoundExpression& expression, const PlanNode& input) {
  const BoundExpression& inner = WithoutImplicitCasts(expression);
  double rows = std::max(1.0, input.estimated_rows);
  if (inner.kind == BoundKind::kConstant) return 1;
  uint16_t column = 0;
  const PlanNode* scan =
      inner.kind == BoundKind::kColumn ? FindScan(input, inner.column, &column) : nullptr;
  if (scan == nullptr) {
    if (inner.kind == BoundKind::kColumn && IsOnlyGroup(input, inner.column)) return rows;
    return std::max(1.0, rows * kGroupShare);
  }
  if (IsUniqueColumn(*scan->table, column)) return std::min(rows, TableRows(*scan->table));
  const TableDefinition& table = *scan->table;
  return std::clamp(table.data->StatisticsOf(table.columns[column].physical).distinct, 1.0, rows);
}

double EstimateEquality(const BoundExpression& left, const PlanNode& left_input,
                        const BoundExpression& right, const PlanNode& right_input) {
  return 1.0 / std::max(EstimateDistinct(left, left_input), EstimateDistinct(right, right_input));
}

double EstimateSelectivity(const BoundExpression& condition, const PlanNode& input) {
  switch (condition.kind) {
    case BoundKind::kConstant:
      return !condition.constant.is_null && condition.constant.integer != 0 ? 1.0 : 0.0;
    case BoundKind::kAnd: return SelectAll(condition, input);
    case BoundKind::kOr: {
      double none = 1;
      for (const ExpressionPtr& term : condition.arguments) {
        none *= 1 - EstimateSelectivity(*term, input);
      }
      return 1 - none;
    }
    case BoundKind::kInSet: return SelectInSet(condition, input);
    case BoundKind::kCall: break;
    default: return kOtherSelectivity;
  }
  Comparison comparison;
  if (MatchComparison(condition, &comparison)) return SelectComparison(comparison, input);
  std::string_view name = condition.function.name;
  if (name == "=") {
    return EstimateEquality(*condition.arguments[0], input, *condition.arguments[1], input);
  }
  if (name == "<" || name == "<=" || name == ">" || name == ">=") return kRangeSelectivity;
  if (name == "NOT") return 1 - EstimateSelectivity(*condition.arguments[0], input);
  if (name == "LIKE") return SelectLike(condition, input);
  if (name == "IS NULL" || name == "IS NOT NULL") {
    const ColumnStatistics* statistics = StatisticsFor(*condition.arguments[0], input);
    if (statistics == nullptr) return kOtherSelectivity;
    return name == "IS NULL" ? statistics->null_fraction : 1 - statistics->null_fraction;
  }
  return kOtherSelectivity;
}

}  // namespace tupelo
