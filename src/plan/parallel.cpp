// plan/parallel.cpp: what a pipeline may consist of, and when threads are worth it.
#include "plan/parallel.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <vector>

#include "txn/scan.h"

namespace tupelo {

namespace {

// Fewer rows than this, and a thread takes longer to begin than to do its part.
constexpr uint64_t kRowsPerThread = 32'768;

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

bool IsWide(const Type& type) {
  return type.physical() == PhysicalType::kString || type.physical() == PhysicalType::kInt128;
}

constexpr uint32_t kWideSteps = 4, kJoinSteps = 6;

bool IsJoin(const PlanNode& node) {
  return node.kind == PlanKind::kJoin || node.kind == PlanKind::kBandJoin;
}

uint32_t StepsOf(const ExpressionPtr& expression) {
  uint32_t steps = 0;
  if (expression == nullptr) return 0;
  VisitExpressions(*expression, [&](const BoundExpression& part) {
    if (part.kind == BoundKind::kColumn) return;
    bool is_wide = IsWide(part.type);
    for (const ExpressionPtr& argument : part.arguments) is_wide |= IsWide(argument->type);
    steps += is_wide ? kWideSteps : 1;
  });
  return steps;
}

bool LeavesRowsOut(const PlanNode& pipeline) {
  if (IsJoin(pipeline) || pipeline.condition != nullptr) return true;
  return std::ranges::any_of(pipeline.children,
                             [](const PlanPtr& child) { return LeavesRowsOut(*child); });
}

// What is computed for a scanned row, in steps over numbers of a machine word.
uint32_t StepsPerRow(const PlanNode& pipeline) {
  uint32_t steps = StepsOf(pipeline.condition);
  if (IsJoin(pipeline)) steps += kJoinSteps;
  if (pipeline.kind == PlanKind::kProject) {
    for (const ComputedColumn& column : pipeline.computed) steps += StepsOf(column.expression);
  }
  if (pipeline.kind == PlanKind::kTableScan) return steps;
  if (pipeline.kind != PlanKind::kSetOperation) return steps + StepsPerRow(*pipeline.children[0]);
  for (const PlanPtr& child : pipeline.children) steps = std::max(steps, StepsPerRow(*child));
  return steps;
}

uint64_t ScannedRows(const PlanNode& pipeline) {
  if (pipeline.kind == PlanKind::kTableScan) return TableScan::Length(*pipeline.table->data);
  if (pipeline.kind != PlanKind::kSetOperation) return ScannedRows(*pipeline.children[0]);
  uint64_t rows = 0;
  for (const PlanPtr& child : pipeline.children) rows += ScannedRows(*child);
  return rows;
}

bool IsSorted(const PlanNode& window) {
  return !window.window->partition_columns.empty() || !window.sort_keys.empty();
}

// The child that a node takes in whole, or as good as whole.
const PlanNode* WholeInputOf(const PlanNode& node) {
  switch (node.kind) {
    case PlanKind::kAggregate: return CanCombine(node) ? node.children[0].get() : nullptr;
    case PlanKind::kDistinct: return node.may_end_early ? nullptr : node.children[0].get();
    case PlanKind::kSort: return node.children[0].get();
    case PlanKind::kWindow: return IsSorted(node) ? node.children[0].get() : nullptr;
    case PlanKind::kJoin: return node.left_keys.empty() ? nullptr : node.children[1].get();
    default: return nullptr;
  }
}

using Tables = std::set<const Table*>;

// Whether `node` is a pipeline that scans none of `tables`, which get those that it scans; nullptr:
// no set operation is above. Two workers never have one stripe at the same time: they pin its
// blocks, and make codes of them. The last branch of a set operation is looked at first: the others
// may be a long chain.
bool IsPipelineBeside(const PlanNode& node, Tables* tables) {
  switch (node.kind) {
    case PlanKind::kTableScan:
      return tables == nullptr || tables->insert(node.table->data.get()).second;
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kGroupingSets: return IsPipelineBeside(*node.children[0], tables);
    case PlanKind::kBandJoin:
    case PlanKind::kJoin:
      return PassesLeftRows(node) && IsPipelineBeside(*node.children[0], tables);
    case PlanKind::kSetOperation: {
      if (node.set_kind != SetOperationKind::kUnionAll) return false;
      Tables own;
      Tables* all = tables == nullptr ? &own : tables;
      return std::ranges::all_of(node.children | std::views::reverse, [&](const PlanPtr& child) {
        return IsPipelineBeside(*child, all);
      });
    }
    default: return false;
  }
}

}  // namespace

const PlanNode* ParallelInputOf(const PlanNode& node) {
  const PlanNode* input = WholeInputOf(node);
  return input != nullptr && IsPipeline(*input) ? input : nullptr;
}

bool IsPipeline(const PlanNode& node) { return IsPipelineBeside(node, nullptr); }

bool IsGathered(const PlanNode& node) {
  return IsPipeline(node) && (LeavesRowsOut(node) || IsWorthGathering(node, 1));
}

bool IsWorthGathering(const PlanNode& pipeline, double rows_per_scanned_row) {
  double copied = 0;
  for (const OutputColumn& column : pipeline.output) copied += IsWide(column.type) ? kWideSteps : 1;
  uint32_t steps = StepsPerRow(pipeline);
  return steps > 0 && 2 * copied * rows_per_scanned_row <= steps;
}

bool IsGatheredFor(const PlanNode& parent, const PlanNode& child) {
  bool is_first = &child == parent.children[0].get();
  if (parent.kind == PlanKind::kRecursion || (parent.kind == PlanKind::kLateralJoin && !is_first)) {
    return false;  // runs more than once
  }
  bool is_part = (is_first || parent.kind == PlanKind::kSetOperation) && IsPipeline(parent);
  return !is_part && IsGathered(child) && ParallelInputOf(parent) != &child;
}

uint32_t ThreadsForRows(uint64_t rows, uint32_t threads) {
  return static_cast<uint32_t>(std::clamp<uint64_t>(rows / kRowsPerThread, 1, threads));
}

uint32_t ThreadsFor(const PlanNode& pipeline, uint32_t threads) {
  return ThreadsForRows(ScannedRows(pipeline), threads);
}

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

bool IsIndependent(const PlanNode& pipeline) {
  if (!HasIndependentExpressions(pipeline)) return false;
  if (pipeline.kind == PlanKind::kTableScan) return true;
  if (pipeline.kind != PlanKind::kSetOperation) return IsIndependent(*pipeline.children[0]);
  return std::ranges::all_of(pipeline.children,
                             [](const PlanPtr& child) { return IsIndependent(*child); });
}

bool TakesInIndependently(const PlanNode& sink) {
  return HasIndependentExpressions(sink) && IsIndependent(*ParallelInputOf(sink));
}

}  // namespace tupelo
