// plan/unnest.h: subqueries within expressions turned into joins: what its files share.
#pragma once

#include <utility>
#include <vector>

#include "plan/column_set.h"
#include "plan/plan.h"

namespace tupelo {

using Conjuncts = std::vector<ExpressionPtr>;

// Calls and joins over columns whose types fit already.
ExpressionPtr MakeBooleanCall(std::string_view name, ExpressionPtr a, ExpressionPtr b = nullptr);
// a = b, or a IS NOT DISTINCT FROM b where both may be null.
ExpressionPtr MakeSameValue(const OutputColumn& a, const OutputColumn& b);
ExpressionPtr MakeTrue();
// The join of the two by `conditions`; inner without any is a cross join.
PlanPtr MakeJoin(JoinKind kind, PlanPtr left, PlanPtr right, Conjuncts conditions);
// A projection that passes on `output` and, under a new id each, computes what is added to it.
PlanPtr MakeProjection(PlanPtr input, std::vector<OutputColumn> output);
const OutputColumn* FindOutput(const PlanNode& node, ColumnId id);
// Whether anything in the plan, subqueries included, reads one of the columns.
bool ReadsAny(const PlanNode& plan, const ColumnSet& columns);
bool ReadsAny(const BoundExpression& expression, const ColumnSet& columns);
// Whether a value that the expression gives for a row of `input` may be null.
bool MayBeNull(const BoundExpression& expression, const std::vector<const PlanNode*>& inputs);

// Outer columns and the columns that stand for them.
using Renaming = std::vector<std::pair<ColumnId, ColumnId>>;
void RenameColumns(PlanNode* plan, const Renaming& renaming);
void RenameColumns(BoundExpression* expression, const Renaming& renaming);

// Whether the plan gives one row at most for each row of the queries around it; with a condition on
// its columns: one at most for which it is true, for each row of the others that it reads.
bool GivesOneRow(const PlanNode& plan, const BoundExpression* condition = nullptr);
// Whether running the plan for each of so many outer rows, found by index, reads less than all of
// its tables hold.
bool PaysNested(const PlanNode& plan, double outer_rows);
// What the aggregate is without any row.
Value ValueOfNoRows(const BoundAggregate& function);

// unnest_lift.cpp. Conditions that read outer columns are taken out of a plan where it means the
// same to test them after it. kEqualities: only those that may become groups of an aggregate.
enum class LiftKind : uint8_t { kAll, kEqualities };
bool CanLift(const PlanNode& plan, const ColumnSet& outer, LiftKind kind);
void LiftConditions(PlanPtr* plan, const ColumnSet& outer, ColumnId* next, Conjuncts* lifted);
// Makes a column of `value`, which each group of the aggregate then has, a group.
void GroupBy(PlanNode* aggregate, const ColumnSet& outer, ColumnId* next, Conjuncts* lifted);

// unnest_domain.cpp. Otherwise the plan is computed for each distinct combination of outer values,
// its domain, which goes down to where the values are read.
struct Domain {
  const PlanNode* source;             // of the values
  std::vector<OutputColumn> columns;  // of the source, that the plan reads
  const BoundExpression* guard;       // only rows of the source for which it holds; nullptr: all
};
bool CanPushDomain(const PlanNode& plan, const ColumnSet& outer);
// Whether a copy of the plan gives the same rows as the plan does: not where it numbers things,
// writes, or calls what is different each time.
bool CanRepeat(const PlanNode& plan);
// The columns of the plan that stand for those of the domain, in their order.
Renaming PushDomain(PlanPtr* plan, const Domain& domain, ColumnId* next);

}  // namespace tupelo
