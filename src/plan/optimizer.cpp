// plan/optimizer.cpp: the rules and their order.
#include "plan/optimizer.h"

#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/explain.h"

namespace tupelo {

void ColumnSet::AddRead(const BoundExpression& expression) {
  VisitColumns(expression, [this](ColumnId id) { Add(id); });
}

ColumnsRead CountColumns(const BoundExpression& expression, const ColumnSet& columns) {
  StepInterruption();
  ColumnsRead count;
  VisitColumns(expression,
               [&](ColumnId id) { ++(columns.Has(id) ? count.inside : count.outside); });
  return count;
}

const BoundExpression& WithoutImplicitCasts(const BoundExpression& expression) {
  const BoundExpression* inner = &expression;
  while (inner->kind == BoundKind::kCall && inner->is_implicit_cast)
    inner = inner->arguments[0].get();
  return *inner;
}

namespace {

enum class Rule : uint8_t {
  kUnnestSubqueries,
  kSimplifyConditions,
  kDerivePredicates,
  kPushPredicates,
  kRemoveJoins,
  kOrderJoins,
  kReduceGroups,
  kPushAggregates,
  kCountWithoutScan,
  kChooseIndexes,
  kJoinByIndex,
  kChooseBandJoins,
  kChooseBuildSides,
  kOrderConditions,
  kLimitSorts,
  kUseIndexOrder,
  kPruneColumns,
  kMergeProjections,
  kPushJoinFilters,
  kSkipByExtremes,
};
constexpr std::string_view kRuleNames[] = {
    "unnest_subqueries",  "simplify_conditions", "derive_predicates", "push_predicates",
    "remove_joins",       "order_joins",         "reduce_groups",     "push_aggregates",
    "count_without_scan", "choose_indexes",      "join_by_index",     "choose_band_joins",
    "choose_build_sides", "order_conditions",    "limit_sorts",       "use_index_order",
    "prune_columns",      "merge_projections",   "push_join_filters", "skip_by_extremes",
};

bool Has(PlanKind kind, const PlanNode& node) {
  return node.kind == kind ||
         std::any_of(node.children.begin(), node.children.end(),
                     [kind](const PlanPtr& child) { return Has(kind, *child); });
}

// What EXPLAIN says of the plan, without its estimates.
std::string TextOf(const PlanNode& root) {
  std::string text;
  for (const std::string& line : ExplainTree(root)) {
    text += line.substr(0, line.rfind(" (rows=")) + "\n";
  }
  return text;
}

class RuleRun {
 public:
  RuleRun(const OptimizerOptions& options, ColumnId* next_column)
      : options_(options), next_column_(next_column) {}

  bool IsOn(Rule rule) const { return (options_.disabled >> static_cast<int>(rule) & 1) == 0; }

  // Which rules changed something is found out only when somebody wants to
  // know.
  template <typename Apply>
  void Run(Rule rule, PlanPtr* root, Apply&& apply) {
    if (!IsOn(rule)) return;
    StepInterruption();
    if (options_.fired == nullptr) {
      apply(root);
      return;
    }
    std::string before = TextOf(**root);
    apply(root);
    auto& fired = *options_.fired;
    std::string_view name = kRuleNames[static_cast<size_t>(rule)];
    bool is_known = std::find(fired.begin(), fired.end(), name) != fired.end();
    if (!is_known && TextOf(**root) != before) fired.push_back(name);
  }

  void OptimizeTree(PlanPtr* root);

 private:
  void OptimizeSubqueries(PlanNode* node) {
    auto optimize = [this](ExpressionPtr& expression) {
      VisitExpressions(*expression, [this](BoundExpression& part) {
        if (part.plan != nullptr) OptimizeTree(&part.plan);
      });
    };
    VisitNodeExpressions(*node, optimize);
    for (PlanPtr& child : node->children) OptimizeSubqueries(child.get());
  }

  const OptimizerOptions& options_;
  ColumnId* next_column_;
  uint32_t last_join_filter_ = 0;
  uint32_t last_extremes_ = 0;
};

// Conditions are simplified and derived before they go down, so that joins are
// ordered with known sizes and indexes see all conditions of their table; what
// turns out empty on the way goes before joins are ordered. Columns are pruned
// last, when it is clear who reads what.
void RuleRun::OptimizeTree(PlanPtr* root) {
  bool has_join = Has(PlanKind::kJoin, **root);
  bool may_become_empty = has_join || Has(PlanKind::kSetOperation, **root);
  Run(Rule::kSimplifyConditions, root, SimplifyConditions);
  if (has_join) Run(Rule::kDerivePredicates, root, DerivePredicates);
  Run(Rule::kPushPredicates, root, PushPredicates);
  if (may_become_empty) Run(Rule::kSimplifyConditions, root, SimplifyConditions);
  if (has_join) {
    Run(Rule::kRemoveJoins, root, RemoveJoins);
    EstimateRows(root->get());
    if (IsOn(Rule::kOrderJoins)) {
      Run(Rule::kOrderJoins, root, OrderJoins);
    } else {
      FindJoinKeys(root->get());
    }
    EstimateRows(root->get());
    Run(Rule::kReduceGroups, root, ReduceGroups);
    Run(Rule::kPushAggregates, root, [this](PlanPtr* plan) { PushAggregates(plan, next_column_); });
  }
  Run(Rule::kCountWithoutScan, root, CountWithoutScan);
  Run(Rule::kChooseIndexes, root, ChooseIndexes);
  if (has_join) {
    EstimateRows(root->get());
    Run(Rule::kJoinByIndex, root, JoinByIndex);
    Run(Rule::kChooseBandJoins, root, ChooseBandJoins);
    Run(Rule::kChooseBuildSides, root, ChooseBuildSides);
  }
  Run(Rule::kOrderConditions, root, OrderConditions);
  Run(Rule::kLimitSorts, root, LimitSorts);
  Run(Rule::kUseIndexOrder, root, UseIndexOrder);
  if (IsOn(Rule::kPruneColumns)) {
    Run(Rule::kPruneColumns, root, [](PlanPtr* plan) {
      ColumnSet all;
      all.AddOutput(**plan);
      PruneColumns(plan, all);
    });
  } else {
    PassOnOutputs(root->get());
  }
  Run(Rule::kMergeProjections, root, MergeProjections);
  EstimateRows(root->get());
  if (has_join) {
    Run(Rule::kPushJoinFilters, root,
        [this](PlanPtr* plan) { PushJoinFilters(plan, &last_join_filter_); });
  }
  if (Has(PlanKind::kAggregate, **root)) {
    Run(Rule::kSkipByExtremes, root,
        [this](PlanPtr* plan) { SkipByExtremes(plan, &last_extremes_); });
  }
  OptimizeSubqueries(root->get());
}

bool IsPointScan(const PlanNode& node) {
  return node.kind == PlanKind::kIndexScan && node.index->is_unique &&
         node.range.equal.size() == node.index->columns.size();
}

// One row or none, by key, and nothing above that could take long. `by_itself`: referential actions
// do not count, which may.
bool IsShort(const PlanNode& node, bool by_itself) {
  bool has_subquery = false;
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    has_subquery |= HasSubquery(*expression);
  });
  if (has_subquery) return false;
  switch (node.kind) {
    case PlanKind::kSingleRow:
    case PlanKind::kTableCount: return true;
    case PlanKind::kValues: return node.rows.size() <= 16;
    case PlanKind::kIndexScan: return IsPointScan(node);
    case PlanKind::kIndexJoin:
      return IsShort(*node.children[0], by_itself) && IsPointScan(*node.children[1]);
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kLockRows:
    case PlanKind::kLimit: return IsShort(*node.children[0], by_itself);
    case PlanKind::kInsert:
    case PlanKind::kUpdate:
    case PlanKind::kDelete:
      return (by_itself || node.table->foreign_keys.empty()) &&
             IsShort(*node.children[0], by_itself);
    default: return false;
  }
}

}  // namespace

RuleSet RuleNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kRuleNames); ++i) {
    if (kRuleNames[i] == name) return RuleSet{1} << i;
  }
  return 0;
}

std::string NamesOfRules(RuleSet rules) {
  std::string names;
  for (size_t i = 0; i < std::size(kRuleNames); ++i) {
    if ((rules >> i & 1) == 0) continue;
    names += (names.empty() ? "" : ", ") + std::string(kRuleNames[i]);
  }
  return names;
}

void Optimize(Plan* plan, const OptimizerOptions& options) {
  RuleRun run(options, &plan->next_column);
  auto optimize = [&](PlanPtr* root) {
    if (plan->has_subqueries) {
      run.Run(Rule::kUnnestSubqueries, root,
              [&](PlanPtr* tree) { UnnestSubqueries(tree, &plan->next_column); });
    }
    run.OptimizeTree(root);
  };
  if (!plan->common_tables.empty()) OptimizeCommonTables(plan, optimize);
  optimize(&plan->root);
  plan->is_short = IsShort(*plan->root, false);
  plan->is_small = plan->is_short || IsShort(*plan->root, true);
}

}  // namespace tupelo
