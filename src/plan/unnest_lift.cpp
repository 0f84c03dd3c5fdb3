// plan/unnest_lift.cpp: conditions that read outer columns move up, out of the subquery.
//
// A condition may be tested after an operator instead of before it when the operator neither counts
// nor compares rows: joins and projections. Below grouping and DISTINCT that holds for equalities
// of an inner and an outer value alone: rows with different inner values are then different groups,
// of which the condition picks one whole.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

// The side of an equality that reads no outer column, where the other reads nothing else.
const ExpressionPtr* InnerSide(const BoundExpression& conjunct, const ColumnSet& outer) {
  if (conjunct.kind != BoundKind::kCall || conjunct.function.name != "=") return nullptr;
  for (int side = 0; side < 2; ++side) {
    const ExpressionPtr& inner = conjunct.arguments[side];
    ColumnsRead of_inner = CountColumns(*inner, outer);
    ColumnsRead of_other = CountColumns(*conjunct.arguments[1 - side], outer);
    if (of_inner.inside == 0 && of_inner.outside > 0 && of_other.inside > 0 &&
        of_other.outside == 0 && HaveKeyType(inner->type, conjunct.arguments[1 - side]->type)) {
      return &inner;
    }
  }
  return nullptr;
}

bool AreLiftable(const BoundExpression& condition, const ColumnSet& outer, LiftKind kind) {
  if (condition.kind == BoundKind::kAnd) {
    return std::all_of(condition.arguments.begin(), condition.arguments.end(),
                       [&](const ExpressionPtr& term) { return AreLiftable(*term, outer, kind); });
  }
  if (!ReadsAny(condition, outer)) return true;
  if (HasSubquery(condition)) return false;
  return kind == LiftKind::kAll || InnerSide(condition, outer) != nullptr;
}

bool ReadsItself(const PlanNode& node, const ColumnSet& outer, const ExpressionPtr* except) {
  bool reads = false;
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    reads = reads || (&expression != except && ReadsAny(*expression, outer));
  });
  return reads;
}

bool CanLiftFromJoin(const PlanNode& join, const ColumnSet& outer, LiftKind kind) {
  const PlanNode& left = *join.children[0];
  const PlanNode& right = *join.children[1];
  switch (join.join_kind) {
    case JoinKind::kInner:
    case JoinKind::kCross:
      return (join.condition == nullptr || AreLiftable(*join.condition, outer, kind)) &&
             CanLift(left, outer, kind) && CanLift(right, outer, kind);
    case JoinKind::kRight:
      return !ReadsItself(join, outer, nullptr) && !ReadsAny(left, outer) &&
             CanLift(right, outer, kind);
    case JoinKind::kFull: return false;
    default:
      return !ReadsItself(join, outer, nullptr) && !ReadsAny(right, outer) &&
             CanLift(left, outer, kind);
  }
}

// Moves the conjuncts that read outer columns.
void TakeLifted(ExpressionPtr* condition, const ColumnSet& outer, Conjuncts* lifted) {
  if (*condition == nullptr) return;
  Conjuncts all, rest;
  SplitConjuncts(std::move(*condition), &all);
  for (ExpressionPtr& conjunct : all) {
    (ReadsAny(*conjunct, outer) ? *lifted : rest).push_back(std::move(conjunct));
  }
  *condition = MakeAnd(std::move(rest));
}

// Has the node pass on what the lifted conditions read of its children.
void PassOn(PlanNode* node, const Conjuncts& lifted) {
  for (const ExpressionPtr& conjunct : lifted) {
    VisitColumns(*conjunct, [&](ColumnId id) {
      if (FindOutput(*node, id) != nullptr) return;
      for (const PlanPtr& child : node->children) {
        const OutputColumn* column = FindOutput(*child, id);
        if (column == nullptr) continue;
        node->output.push_back(*column);
        if (node->kind == PlanKind::kProject) {
          node->computed.push_back({id, MakeColumn(id, column->type)});
        }
        return;
      }
    });
  }
}

void LiftFromDistinct(PlanNode* distinct, const ColumnSet& outer, ColumnId* next,
                      Conjuncts* lifted) {
  PlanPtr input = MakeProjection(std::move(distinct->children[0]), distinct->output);
  for (ExpressionPtr& conjunct : *lifted) {
    auto* inner = const_cast<ExpressionPtr*>(InnerSide(*conjunct, outer));
    if ((*inner)->kind == BoundKind::kColumn && FindOutput(*input, (*inner)->column) != nullptr) {
      continue;
    }
    OutputColumn column{(*next)++, (*inner)->type, true, {}};
    ExpressionPtr value = std::exchange(*inner, MakeColumn(column.id, column.type));
    input->output.push_back(column);
    input->computed.push_back({column.id, std::move(value)});
  }
  distinct->output = input->output;
  distinct->children[0] = std::move(input);
}

}  // namespace

bool CanLift(const PlanNode& plan, const ColumnSet& outer, LiftKind kind) {
  if (!ReadsAny(plan, outer)) return true;
  switch (plan.kind) {
    case PlanKind::kTableScan: return AreLiftable(*plan.condition, outer, kind);
    case PlanKind::kFilter:
      return AreLiftable(*plan.condition, outer, kind) && CanLift(*plan.children[0], outer, kind);
    case PlanKind::kProject:
      return !ReadsItself(plan, outer, nullptr) && CanLift(*plan.children[0], outer, kind);
    case PlanKind::kSort: return plan.limit == nullptr && CanLift(*plan.children[0], outer, kind);
    case PlanKind::kAggregate:
      return !plan.computed.empty() && plan.grouping == nullptr &&
             !ReadsItself(plan, outer, nullptr) &&
             CanLift(*plan.children[0], outer, LiftKind::kEqualities);
    case PlanKind::kDistinct: return CanLift(*plan.children[0], outer, LiftKind::kEqualities);
    case PlanKind::kJoin: return CanLiftFromJoin(plan, outer, kind);
    default: return false;
  }
}

void GroupBy(PlanNode* aggregate, const ColumnSet& outer, ColumnId* next, Conjuncts* lifted) {
  for (ExpressionPtr& conjunct : *lifted) {
    auto* inner = const_cast<ExpressionPtr*>(InnerSide(*conjunct, outer));
    const ComputedColumn* group = nullptr;
    for (const ComputedColumn& known : aggregate->computed) {
      if (SameExpression(*known.expression, **inner)) group = &known;
    }
    if (group != nullptr) {
      *inner = MakeColumn(group->id, (*inner)->type);
      continue;
    }
    // A column of a query further out is not made here: FreeColumns must go on finding it.
    const OutputColumn* below = (*inner)->kind == BoundKind::kColumn
                                    ? FindOutput(*aggregate->children[0], (*inner)->column)
                                    : nullptr;
    OutputColumn column =
        below != nullptr ? *below : OutputColumn{(*next)++, (*inner)->type, true, {}};
    ExpressionPtr value = std::exchange(*inner, MakeColumn(column.id, column.type));
    auto at = static_cast<ptrdiff_t>(aggregate->computed.size());
    aggregate->output.insert(aggregate->output.begin() + at, column);
    aggregate->computed.push_back({column.id, std::move(value)});
  }
}

void LiftConditions(PlanPtr* plan, const ColumnSet& outer, ColumnId* next, Conjuncts* lifted) {
  StepInterruption();
  PlanNode& node = **plan;
  if (!ReadsAny(node, outer)) return;
  Conjuncts own;
  for (PlanPtr& child : node.children) LiftConditions(&child, outer, next, &own);
  switch (node.kind) {
    case PlanKind::kTableScan: TakeLifted(&node.condition, outer, &own); break;
    case PlanKind::kFilter:
      TakeLifted(&node.condition, outer, &own);
      node.output = node.children[0]->output;
      if (node.condition == nullptr) {
        PlanPtr child = std::move(node.children[0]);
        *plan = std::move(child);
      }
      break;
    case PlanKind::kSort: {  // the order says nothing to whom the rows go
      PlanPtr child = std::move(node.children[0]);
      *plan = std::move(child);
      break;
    }
    case PlanKind::kAggregate: GroupBy(&node, outer, next, &own); break;
    case PlanKind::kDistinct: LiftFromDistinct(&node, outer, next, &own); break;
    case PlanKind::kJoin:
      TakeLifted(&node.condition, outer, &own);
      if (node.join_kind == JoinKind::kInner && node.condition == nullptr) {
        node.join_kind = JoinKind::kCross;
      }
      PassOn(&node, own);
      break;
    default: PassOn(&node, own);
  }
  for (ExpressionPtr& conjunct : own) lifted->push_back(std::move(conjunct));
}

}  // namespace tupelo
