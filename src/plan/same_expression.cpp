// plan/same_expression.cpp: whether two expressions, with the queries in them, compute the same.
//
// A query that is bound twice has columns of its own each time. They stand for each other where
// the nodes that make them do: the two trees are walked side by side, inputs first, and pairs of
// columns are noted on the way.
#include <algorithm>

#include "plan/plan.h"

namespace tupelo {

namespace {

class Comparer {
 public:
  bool AreSame(const BoundExpression& a, const BoundExpression& b);

 private:
  bool AreSamePlans(const PlanNode& a, const PlanNode& b);
  bool AreSameNodes(const PlanNode& a, const PlanNode& b) const;
  bool AreSameAggregates(const PlanNode& a, const PlanNode& b) const;
  bool AreSameWindows(const WindowPlan& a, const WindowPlan& b) const;
  bool AreSameTests(const BoundExpression& a, const BoundExpression& b);
  bool AreSameColumns(ColumnId a, ColumnId b) const {
    for (const auto& [from, to] : pairs_) {
      if (from == a) return to == b;
    }
    return a == b;
  }
  bool AreSameColumns(const std::vector<ColumnId>& a, const std::vector<ColumnId>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [this](ColumnId x, ColumnId y) { return AreSameColumns(x, y); });
  }
  void Pair(ColumnId a, ColumnId b) { pairs_.emplace_back(a, b); }

  std::vector<std::pair<ColumnId, ColumnId>> pairs_;
};

bool IsSameFunction(const BoundFunction& a, const BoundFunction& b) {
  return a.kernel == b.kernel && a.name == b.name && a.data.a == b.data.a && a.data.b == b.data.b &&
         a.data.type == b.data.type && a.is_deterministic;
}

bool IsSameAggregateFunction(const BoundAggregate& a, const BoundAggregate& b) {
  return a.name == b.name && a.argument_type == b.argument_type && a.result == b.result &&
         a.data.a == b.data.a && a.data.b == b.data.b && a.data.type == b.data.type;
}

bool Comparer::AreSame(const BoundExpression& a, const BoundExpression& b) {
  if (a.kind != b.kind || a.type != b.type || a.arguments.size() != b.arguments.size())
    return false;
  switch (a.kind) {
    case BoundKind::kNextIdentity:
    case BoundKind::kNextValue: return false;
    case BoundKind::kLastValue:
      if (a.sequence != b.sequence) return false;
      break;
    case BoundKind::kConstant:
      if (!(a.constant == b.constant)) return false;
      break;
    case BoundKind::kColumn:
      if (!AreSameColumns(a.column, b.column)) return false;
      break;
    case BoundKind::kLet: Pair(a.column, b.column); break;
    case BoundKind::kParameter:
      if (a.parameter != b.parameter) return false;
      break;
    case BoundKind::kQuantified:
    case BoundKind::kCall:
      if (!IsSameFunction(a.function, b.function) || a.is_all != b.is_all) return false;
      break;
    default: break;
  }
  for (size_t i = 0; i < a.arguments.size(); ++i) {
    if (!AreSame(*a.arguments[i], *b.arguments[i])) return false;
  }
  if (a.plan == nullptr) return true;
  return AreSamePlans(*a.plan, *b.plan) && (a.row_test == nullptr || AreSameTests(a, b));
}

bool Comparer::AreSameTests(const BoundExpression& a, const BoundExpression& b) {
  if (a.row_test->quantifier != b.row_test->quantifier) return false;
  for (size_t i = 0; i < a.row_test->left.size(); ++i) {
    Pair(a.row_test->left[i], b.row_test->left[i]);
  }
  return AreSame(*a.row_test->condition, *b.row_test->condition);
}

bool Comparer::AreSamePlans(const PlanNode& a, const PlanNode& b) {
  if (a.kind != b.kind || a.output.size() != b.output.size() ||
      a.children.size() != b.children.size() || a.kind == PlanKind::kRecursion) {
    return false;
  }
  for (size_t i = 0; i < a.children.size(); ++i) {
    if (!AreSamePlans(*a.children[i], *b.children[i])) return false;
  }
  for (size_t i = 0; i < a.output.size(); ++i) {
    if (a.output[i].type != b.output[i].type) return false;
    Pair(a.output[i].id, b.output[i].id);
  }
  if (!AreSameNodes(a, b)) return false;
  std::vector<const BoundExpression*> own, other;
  VisitNodeExpressions(const_cast<PlanNode&>(a), [&](ExpressionPtr& e) { own.push_back(e.get()); });
  VisitNodeExpressions(const_cast<PlanNode&>(b),
                       [&](ExpressionPtr& e) { other.push_back(e.get()); });
  return std::equal(
      own.begin(), own.end(), other.begin(), other.end(),
      [this](const BoundExpression* x, const BoundExpression* y) { return AreSame(*x, *y); });
}

// All but the expressions, of what a node of a query has before it is optimized.
bool Comparer::AreSameNodes(const PlanNode& a, const PlanNode& b) const {
  auto both = [](const auto& x, const auto& y) { return (x == nullptr) == (y == nullptr); };
  bool same_limits =
      both(a.limit, b.limit) && both(a.offset, b.offset) && AreSameColumns(a.limit_by, b.limit_by);
  bool same_source = a.table == b.table && a.scan_columns == b.scan_columns &&
                     a.shared == b.shared && a.rows.size() == b.rows.size();
  bool same_sort = std::equal(a.sort_keys.begin(), a.sort_keys.end(), b.sort_keys.begin(),
                              b.sort_keys.end(), [this](const SortKey& x, const SortKey& y) {
                                return AreSameColumns(x.column, y.column) &&
                                       x.descending == y.descending &&
                                       x.nulls_first == y.nulls_first;
                              });
  if (!same_limits || !same_source || !same_sort || a.join_kind != b.join_kind ||
      a.set_kind != b.set_kind || !both(a.condition, b.condition) || !both(a.window, b.window)) {
    return false;
  }
  if (a.window != nullptr && !AreSameWindows(*a.window, *b.window)) return false;
  return AreSameAggregates(a, b);
}

// The keys themselves are compared with the other expressions.
bool AreSameDirections(const std::vector<AggregateOrder>& a, const std::vector<AggregateOrder>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const AggregateOrder& one, const AggregateOrder& other) {
                      return one.descending == other.descending &&
                             one.nulls_first == other.nulls_first;
                    });
}

bool Comparer::AreSameAggregates(const PlanNode& a, const PlanNode& b) const {
  if (a.computed.size() != b.computed.size() || a.aggregates.size() != b.aggregates.size()) {
    return false;
  }
  if (a.grouping != nullptr || b.grouping != nullptr) {
    if (a.grouping == nullptr || b.grouping == nullptr || a.grouping->sets != b.grouping->sets ||
        a.grouping->columns.size() != b.grouping->columns.size() ||
        a.grouping->constant_groups != b.grouping->constant_groups) {
      return false;
    }
    for (size_t i = 0; i < a.grouping->columns.size(); ++i) {
      if (a.grouping->columns[i].values != b.grouping->columns[i].values) return false;
    }
  }
  for (size_t i = 0; i < a.aggregates.size(); ++i) {
    const AggregateColumn& x = a.aggregates[i];
    const AggregateColumn& y = b.aggregates[i];
    bool same = IsSameAggregateFunction(x.function, y.function) && x.distinct == y.distinct &&
                (x.argument == nullptr) == (y.argument == nullptr) &&
                (x.filter == nullptr) == (y.filter == nullptr) &&
                AreSameDirections(x.order, y.order);
    if (!same) return false;
  }
  return true;
}

bool Comparer::AreSameWindows(const WindowPlan& a, const WindowPlan& b) const {
  auto same = [](const WindowColumn& x, const WindowColumn& y) {
    bool same_frame = x.frame.unit == y.frame.unit && x.frame.start == y.frame.start &&
                      x.frame.end == y.frame.end && x.frame.exclusion == y.frame.exclusion;
    return same_frame && x.function == y.function && x.arguments.size() == y.arguments.size() &&
           IsSameAggregateFunction(x.aggregate, y.aggregate) &&
           (x.filter == nullptr) == (y.filter == nullptr) && x.ignore_nulls == y.ignore_nulls &&
           x.from_last == y.from_last && x.order_count == y.order_count &&
           x.distinct == y.distinct && AreSameDirections(x.order, y.order);
  };
  return AreSameColumns(a.partition_columns, b.partition_columns) &&
         std::equal(a.functions.begin(), a.functions.end(), b.functions.begin(), b.functions.end(),
                    same);
}

}  // namespace

bool SameExpression(const BoundExpression& a, const BoundExpression& b) {
  return Comparer().AreSame(a, b);
}

}  // namespace tupelo
