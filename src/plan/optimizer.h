// plan/optimizer.h: rules that turn a bound plan into one that runs fast.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/column_set.h"
#include "plan/plan.h"

namespace tupelo {

// Rules by their number, as bits.
using RuleSet = uint32_t;
struct OptimizerOptions {
  RuleSet disabled = 0;
  std::vector<std::string_view>* fired = nullptr;  // gets the names of those that changed the plan
};

// Applies all rules, in the order of optimizer.cpp, to the plan and to those of its subqueries.
void Optimize(Plan* plan, const OptimizerOptions& options = {});
// The rule of that name; 0: none.
RuleSet RuleNamed(std::string_view name);
inline constexpr RuleSet kAllRules = ~RuleSet{0};
std::string NamesOfRules(RuleSet rules = kAllRules);

// How many of the columns that `expression` reads belong to `columns`, and how many don't.
struct ColumnsRead {
  size_t inside = 0, outside = 0;
};
ColumnsRead CountColumns(const BoundExpression& expression, const ColumnSet& columns);

// Tables of WITH that are read once become part of what reads them; the others are optimized on
// their own, by `optimize` (common_tables.cpp).
void OptimizeCommonTables(Plan* plan, const std::function<void(PlanPtr*)>& optimize);

// The rules. Each works on the whole tree below `node`.
// Turns subqueries in expressions into joins; new columns are numbered from *next_column on.
void UnnestSubqueries(PlanPtr* node, ColumnId* next_column);  // rule_unnest.cpp
void SimplifyConditions(PlanPtr* node);                       // rule_simplify.cpp
void DerivePredicates(PlanPtr* node);                         // rule_derive_predicates.cpp
void PushPredicates(PlanPtr* node);                           // rule_push_predicates.cpp
void RemoveJoins(PlanPtr* node);                              // rule_remove_joins.cpp
void OrderJoins(PlanPtr* node);                               // rule_order_joins.cpp
void FindJoinKeys(PlanNode* node);                            // the same without another order
void ReduceGroups(PlanPtr* node);                             // rule_reduce_groups.cpp
void ChooseBuildSides(PlanPtr* node);                         // rule_build_side.cpp
void ChooseIndexes(PlanPtr* node);                            // rule_choose_index.cpp
void JoinByIndex(PlanPtr* node);                              // rule_join_by_index.cpp
void ChooseBandJoins(PlanPtr* node);                          // rule_band_join.cpp
// Groups the rows of one side of a join before it; new columns as above.
void PushAggregates(PlanPtr* node, ColumnId* next_column);  // rule_push_aggregates.cpp
// `last_number` is that of the last filter made in the statement.
void PushJoinFilters(PlanPtr* node, uint32_t* last_number);  // rule_join_filters.cpp
void SkipByExtremes(PlanPtr* node, uint32_t* last_number);   // rule_skip_by_extremes.cpp
void CountWithoutScan(PlanPtr* node);                        // rule_count.cpp
void OrderConditions(PlanPtr* node);                         // rule_order_conditions.cpp
void LimitSorts(PlanPtr* node);                              // rule_top_n.cpp
void UseIndexOrder(PlanPtr* node);                           // rule_index_order.cpp
// Drops columns that nobody reads; `required` is what the parent reads of node's output (all when
// the parent goes by position).
void PruneColumns(PlanPtr* node, const ColumnSet& required);  // rule_prune_columns.cpp
// The columns of the node's children that it reads, or passes on when `required` is what its parent
// reads of it.
ColumnSet ColumnsReadBelow(PlanNode* node, const ColumnSet& required);
// Instead of pruning: what filters, sorts and limits pass on is what is below them.
void PassOnOutputs(PlanNode* node);
void MergeProjections(PlanPtr* node);  // rule_merge_projection.cpp

// estimate.cpp: rows that a node gives, from row counts of tables and rules of thumb. Sets
// estimated_rows of the node and of all below it.
void EstimateRows(PlanNode* node);
// The part of the rows of `input` for which the condition holds.
double EstimateSelectivity(const BoundExpression& condition, const PlanNode& input);
// How many different values the expression has in the rows of `input`.
double EstimateDistinct(const BoundExpression& expression, const PlanNode& input);
// Rows of inner join over input sizes, for one equality.
double EstimateEquality(const BoundExpression& left, const PlanNode& left_input,
                        const BoundExpression& right, const PlanNode& right_input);

// Whether the condition is not true when all columns of `side` are null (rejects_nulls.cpp).
bool RejectsNulls(const BoundExpression& condition, const ColumnSet& side);
// Whether the expression is made of values, logic and calls alone, each of which is deterministic
// and accepted.
bool IsMadeOf(const BoundExpression& expression, bool (*accepts)(const BoundExpression& call));
// Whether the expression is the same wherever it is computed. kHarmless: and hardly fails for rows
// for which it was not computed before.
enum class Movable : uint8_t { kHarmless, kAny };
bool CanMove(const BoundExpression& expression, Movable movable);

// A projection that only passes columns on.
bool IsPassThrough(const PlanNode& node);  // rule_prune_columns.cpp

// Whether values of the two types hash and compare as those of one type do.
bool SameKeyType(const Type& left, const Type& right);
// The same once exact numbers are converted to one type.
bool HaveKeyType(const Type& left, const Type& right);

// The expression without conversions that the binder put around it.
const BoundExpression& WithoutImplicitCasts(const BoundExpression& expression);

}  // namespace tupelo
