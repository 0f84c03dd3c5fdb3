// exec/build.cpp: plan nodes to operators: one case a kind.
#include <algorithm>
#include <chrono>

#include "base/interruption_scope.h"
#include "exec/operators.h"

namespace tupelo {

OperatorPtr BuildOperator(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  StepInterruption();
  switch (node.kind) {
    case PlanKind::kSingleRow: return MakeSingleRow(node, context, outer);
    case PlanKind::kSeries: return MakeSeries(node, context, outer);
    case PlanKind::kSystemView: return MakeSystemViewScan(node, context, outer);
    case PlanKind::kValues: return MakeValues(node, context, outer);
    case PlanKind::kTableScan: return MakeTableScan(node, context, outer);
    case PlanKind::kIndexScan: return MakeIndexScan(node, context, outer);
    case PlanKind::kTableCount: return MakeTableCount(node, context, outer);
    case PlanKind::kFilter: return MakeFilter(node, context, outer);
    case PlanKind::kProject: return MakeProject(node, context, outer);
    case PlanKind::kJoin:
      return node.left_keys.empty() ? MakeNestedLoopJoin(node, context, outer)
                                    : MakeHashJoin(node, context, outer);
    case PlanKind::kBandJoin: return MakeBandJoin(node, context, outer);
    case PlanKind::kIndexJoin: return MakeIndexJoin(node, context, outer);
    case PlanKind::kCommonTableScan:
    case PlanKind::kWorkingTable: return MakeSharedScan(node, context, outer);
    case PlanKind::kLateralJoin: return MakeLateralJoin(node, context, outer);
    case PlanKind::kRecursion: return MakeRecursion(node, context, outer);
    case PlanKind::kGroupingSets: return MakeGroupingSets(node, context, outer);
    case PlanKind::kAggregate: return MakeAggregate(node, context, outer);
    case PlanKind::kWindow: return MakeWindow(node, context, outer);
    case PlanKind::kDistinct: return MakeDistinct(node, context, outer);
    case PlanKind::kSort: return MakeSort(node, context, outer);
    case PlanKind::kLimit:
      if (!node.sort_keys.empty()) return MakeLimitWithTies(node, context, outer);
      return node.limit_by.empty() ? MakeLimit(node, context, outer)
                                   : MakeLimitBy(node, context, outer);
    case PlanKind::kLockRows: return MakeLockRows(node, context, outer);
    case PlanKind::kSetOperation: return MakeSetOperation(node, context, outer);
    case PlanKind::kInsert: return MakeInsert(node, context, outer);
    case PlanKind::kUpdate: return MakeUpdate(node, context, outer);
    case PlanKind::kDelete: return MakeDelete(node, context, outer);
    case PlanKind::kCopyFrom: return MakeCopyFrom(node, context, outer);
    case PlanKind::kCopyTo: return MakeCopyTo(node, context, outer);
    case PlanKind::kMerge: return MakeMerge(node, context, outer);
  }
  throw Error(ErrorCode::kInternalError, "a plan node of an unknown kind");
}

Chunk* Operator::MeasuredStep() {
  auto begin = std::chrono::steady_clock::now();
  Chunk* chunk = Step();
  auto end = std::chrono::steady_clock::now();
  time_ns_ += static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count());
  if (chunk != nullptr) rows_out_ += chunk->row_count();
  return chunk;
}

Chunk* Operator::SlicedStep() {
  if (slice_next_ < slice_end_) return NextSlice();
  Chunk* chunk = context_->measure ? MeasuredStep() : Step();
  if (chunk == nullptr || chunk->row_count() <= context_->vector_size) return chunk;
  if (slice_rows_ == nullptr) slice_rows_ = MakeScratchArray<uint16_t>(kVectorSize);
  Rows rows = chunk->rows();
  for (uint32_t i = 0; i < rows.count; ++i) slice_rows_[i] = static_cast<uint16_t>(rows[i]);
  sliced_ = chunk;
  slice_next_ = 0;
  slice_end_ = rows.count;
  return NextSlice();
}

Chunk* Operator::NextSlice() {
  uint32_t count = std::min(context_->vector_size, slice_end_ - slice_next_);
  sliced_->SetRows(Rows{slice_rows_.get() + slice_next_, count});
  slice_next_ += count;
  return sliced_;
}

void Operator::TakeMeasures(Operator* copy) {
  rows_out_ += copy->rows_out_;
  time_ns_ += copy->time_ns_;
  copy->ResetMeasures();
  for (size_t i = 0; child(i) != nullptr && copy->child(i) != nullptr; ++i) {
    const_cast<Operator*>(child(i))->TakeMeasures(const_cast<Operator*>(copy->child(i)));
  }
}

}  // namespace tupelo
