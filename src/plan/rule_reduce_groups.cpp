// plan/rule_reduce_groups.cpp: groups that a join would drop are not made.
//
// A join on the key of grouped rows looks at the groups of the other side's keys alone. Where those
// are few, the rows that are grouped are first cut down to them by a semijoin with a copy of the
// other side: the magic sets of Mumick and Pirahesh, "Implementation of Magic-sets in a Relational
// Database System" (SIGMOD 1994), for one join. Subqueries that are computed for each outer row, as
// `x > (SELECT AVG(y) FROM t WHERE t.k = outer.k)`, come here after they were unnested.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/estimate.h"
#include "plan/optimizer.h"
#include "plan/plan_visit.h"

namespace tupelo {

namespace {

constexpr double kFewRows = 20'000;   // to group so many takes no time worth a second look
constexpr double kFewGroups = 5'000;  // and rows of so few groups are grouped as fast as joined
constexpr double kLessGroups = 4;     // times fewer keys than groups
constexpr double kGroupingCost = 2;

// Rows that are read to compute `node`; negative: it may not be computed twice.
double RowsRead(const PlanNode& node) {
  switch (node.kind) {
    case PlanKind::kTableScan:
    case PlanKind::kFilter:
    case PlanKind::kProject:
    case PlanKind::kJoin: break;
    default: return -1;
  }
  bool repeatable = true;
  VisitNodeExpressions(const_cast<PlanNode&>(node), [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](const BoundExpression& part) {
      repeatable &= part.plan == nullptr && part.kind != BoundKind::kNextValue &&
                    part.kind != BoundKind::kLastValue && part.kind != BoundKind::kNextIdentity &&
                    (part.kind != BoundKind::kCall ||
                     (part.function.is_deterministic && !part.function.may_fail));
    });
  });
  if (!repeatable) return -1;
  double rows = node.kind == PlanKind::kTableScan ? TableRows(*node.table) : 0;
  for (const PlanPtr& child : node.children) {
    double below = RowsRead(*child);
    if (below < 0) return -1;
    rows += below;
  }
  return rows;
}

// The grouping that `node` is, or whose rows it selects and projects; nullptr when there is none.
PlanNode* FindGrouping(PlanNode* node) {
  while (node->kind == PlanKind::kFilter || node->kind == PlanKind::kProject) {
    node = node->children[0].get();
  }
  bool is_plain = node->kind == PlanKind::kAggregate && node->grouping == nullptr;
  return is_plain && !node->computed.empty() ? node : nullptr;
}

// What the group is computed from that `key`, a column of `node`, is; nullptr when it is none.
const BoundExpression* GroupOf(const PlanNode& node, const BoundExpression& key) {
  if (key.kind != BoundKind::kColumn) return nullptr;
  if (node.kind == PlanKind::kFilter) return GroupOf(*node.children[0], key);
  for (const ComputedColumn& computed : node.computed) {
    if (computed.id != key.column) continue;
    bool is_group = node.kind == PlanKind::kAggregate;
    return is_group ? computed.expression.get() : GroupOf(*node.children[0], *computed.expression);
  }
  return nullptr;
}

struct Sides {
  PlanNode* grouped;
  const PlanNode* other;
  std::vector<ExpressionPtr>*grouped_keys, *other_keys;
};

// Whether each of the join's rows needs the rows of `other`.
bool NeedsOther(JoinKind kind, bool grouped_is_right) {
  if (kind == JoinKind::kInner) return true;
  return grouped_is_right ? kind != JoinKind::kRight && kind != JoinKind::kFull &&
                                kind != JoinKind::kCross && kind != JoinKind::kMark
                          : kind == JoinKind::kRight || kind == JoinKind::kSemi;
}

void Reduce(PlanNode* join, const Sides& sides) {
  PlanNode* aggregate = FindGrouping(sides.grouped);
  if (aggregate == nullptr) return;
  PlanPtr& input = aggregate->children[0];
  double keys = sides.other->estimated_rows, groups = aggregate->estimated_rows;
  if (input->estimated_rows < kFewRows || groups < kFewGroups || groups < kLessGroups * keys) {
    return;
  }
  // To put a row into its group costs several times what to read and test one does.
  double cost = RowsRead(*sides.other);
  if (cost < 0 || cost > kGroupingCost * input->estimated_rows) return;
  auto reduced = std::make_unique<PlanNode>(PlanKind::kJoin);
  reduced->join_kind = JoinKind::kSemi;
  for (size_t i = 0; i < sides.grouped_keys->size(); ++i) {
    const BoundExpression* group = GroupOf(*sides.grouped, *(*sides.grouped_keys)[i]);
    if (group == nullptr) continue;
    reduced->left_keys.push_back(Clone(*group));
    reduced->right_keys.push_back(Clone(*(*sides.other_keys)[i]));
    if (!join->null_keys.empty()) reduced->null_keys.push_back(join->null_keys[i]);
  }
  if (reduced->left_keys.empty()) return;
  reduced->output = input->output;
  reduced->children.push_back(std::move(input));
  reduced->children.push_back(ClonePlan(*sides.other));
  input = std::move(reduced);
}

}  // namespace

void ReduceGroups(PlanPtr* node) {
  StepInterruption();
  PlanNode& plan = **node;
  for (PlanPtr& child : plan.children) ReduceGroups(&child);
  if (plan.kind != PlanKind::kJoin || plan.left_keys.empty()) return;
  PlanNode *left = plan.children[0].get(), *right = plan.children[1].get();
  if (NeedsOther(plan.join_kind, true)) {
    Reduce(&plan, {right, left, &plan.right_keys, &plan.left_keys});
  }
  if (NeedsOther(plan.join_kind, false)) {
    Reduce(&plan, {left, right, &plan.left_keys, &plan.right_keys});
  }
}

}  // namespace tupelo
