// exec/operators.h: one maker for each operator; the classes live in their files.
#pragma once

#include "exec/evaluator.h"
#include "exec/operator.h"

namespace tupelo {

OperatorPtr MakeSingleRow(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeValues(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeSeries(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeSystemViewScan(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeTableScan(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeIndexScan(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeTableCount(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeFilter(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeProject(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeHashJoin(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeIndexJoin(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeBandJoin(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeNestedLoopJoin(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeGroupingSets(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeAggregate(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeWindow(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeDistinct(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeSort(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeLimitBy(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeLimitWithTies(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeLimit(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeLockRows(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeSetOperation(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeSharedScan(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeLateralJoin(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeRecursion(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeInsert(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeUpsert(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeUpdate(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeCopyFrom(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeCopyTo(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeMerge(const PlanNode&, ExecutionContext*, const ColumnMap* outer);
OperatorPtr MakeDelete(const PlanNode&, ExecutionContext*, const ColumnMap* outer);

}  // namespace tupelo
