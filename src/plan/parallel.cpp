// plan/parallel.cpp: what a pipeline may consist of, and when threads are worth it.
#include "plan/parallel.h"

#include <algorithm>

#include "txn/scan.h"

namespace tupelo {

namespace {

// Fewer rows than this, and a thread takes longer to begin than to do its part.
constexpr uint64_t kRowsPerThread = 32'768;

bool HasIndependentExpressions(const PlanNode& node) {
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
  return join.join_kind != JoinKind::kRight && join.join_kind != JoinKind::kFull &&
         !GivesRightOnly(join.join_kind);
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
    case PlanKind::kAggregate: return CanCombine(node) ? node.children[0].get() : nullptr;
    case PlanKind::kSort: return node.children[0].get();
    case PlanKind::kJoin: return node.left_keys.empty() ? nullptr : node.children[1].get();
    default: return nullptr;
  }
}

const PlanNode* DrivingScan(const PlanNode& node) {
  switch (node.kind) {
    case PlanKind::kTableScan: return &node;
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kGroupingSets: return DrivingScan(*node.children[0]);
    case PlanKind::kBandJoin:
    case PlanKind::kJoin: return PassesLeftRows(node) ? DrivingScan(*node.children[0]) : nullptr;
    default: return nullptr;
  }
}

uint32_t ThreadsFor(const PlanNode& scan, uint32_t threads) {
  uint64_t worth = TableScan::Length(*scan.table->data) / kRowsPerThread;
  return static_cast<uint32_t>(std::clamp<uint64_t>(worth, 1, threads));
}

bool AreIndependent(const PlanNode& sink) {
  if (!HasIndependentExpressions(sink)) return false;
  for (const PlanNode* node = ParallelInputOf(sink);; node = node->children[0].get()) {
    if (!HasIndependentExpressions(*node)) return false;
    if (node->kind == PlanKind::kTableScan) return true;
  }
}

}  // namespace tupelo
