// plan/parallel.cpp: what a pipeline may consist of, and when threads are worth it.
#include "plan/parallel.h"

#include <algorithm>

#include "txn/table.h"

namespace tupelo {

namespace {

// Fewer rows than this, and a thread takes longer to begin than to do its part.
constexpr uint64_t kRowsPerThread = 32'768;

// Whether threads may compute the expressions side by side and out of order.
bool AreIndependent(const PlanNode& node) {
  bool are = true;
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](const BoundExpression& part) {
      bool changes = part.kind == BoundKind::kNextIdentity || part.kind == BoundKind::kNextValue ||
                     part.kind == BoundKind::kLastValue;
      bool is_volatile = part.kind == BoundKind::kCall && !part.function.is_deterministic;
      are &= part.plan == nullptr && !changes && !is_volatile;
    });
  });
  return are;
}

// Right rows without a match come when all left rows were seen.
bool PassesLeftRows(const PlanNode& join) {
  return join.join_kind != JoinKind::kRight && join.join_kind != JoinKind::kFull;
}

// States made by several threads can be put together.
bool CanCombine(const PlanNode& aggregate) {
  return std::ranges::all_of(aggregate.aggregates, [](const AggregateColumn& column) {
    return column.function.combine != nullptr && !column.function.needs_order &&
           column.order.empty();
  });
}

}  // namespace

const PlanNode* ParallelInputOf(const PlanNode& node) {
  switch (node.kind) {
    case PlanKind::kAggregate:
      return AreIndependent(node) && CanCombine(node) ? node.children[0].get() : nullptr;
    case PlanKind::kSort: return node.children[0].get();
    case PlanKind::kJoin:
      return !node.left_keys.empty() && AreIndependent(node) ? node.children[1].get() : nullptr;
    default: return nullptr;
  }
}

const PlanNode* DrivingScan(const PlanNode& node) {
  switch (node.kind) {
    case PlanKind::kTableScan: return AreIndependent(node) ? &node : nullptr;
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kGroupingSets:
      return AreIndependent(node) ? DrivingScan(*node.children[0]) : nullptr;
    case PlanKind::kJoin:
      return PassesLeftRows(node) && AreIndependent(node) ? DrivingScan(*node.children[0])
                                                          : nullptr;
    default: return nullptr;
  }
}

uint32_t ThreadsFor(const PlanNode& scan, uint32_t threads) {
  uint64_t worth = scan.table->data->committed_row_count() / kRowsPerThread;
  return static_cast<uint32_t>(std::clamp<uint64_t>(worth, 1, threads));
}

}  // namespace tupelo
