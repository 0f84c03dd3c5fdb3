// plan/rule_remove_joins.cpp: an outer join whose other side nobody reads is not made.
//
// A left join gives each row of its left side at least once, and once only where its right side has
// at most one match. When nothing above reads a column of the right side then, the left side alone
// is the same (right joins: the sides exchanged). Views and generated queries join more than each
// of their readers asks for.
#include <algorithm>
#include <vector>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/unnest.h"

namespace tupelo {

namespace {

// The number of the child whose rows are all kept; -1 where none or both are.
int KeptSide(const PlanNode& node) {
  if (node.kind != PlanKind::kJoin) return -1;
  return node.join_kind == JoinKind::kLeft ? 0 : node.join_kind == JoinKind::kRight ? 1 : -1;
}

bool HasOuterJoin(const PlanNode& node) {
  return KeptSide(node) >= 0 || std::ranges::any_of(node.children, [](const PlanPtr& child) {
           return HasOuterJoin(*child);
         });
}

bool CanRemove(const PlanNode& join, const ColumnSet& required) {
  const int kept = KeptSide(join);
  if (kept < 0) return false;
  const PlanNode& other = *join.children[1 - kept];
  return std::ranges::none_of(
             other.output, [&](const OutputColumn& column) { return required.Has(column.id); }) &&
         GivesOneRow(other, join.condition.get()) && CanRepeat(other);
}

using Removed = std::vector<ColumnId>;

// Takes columns that no child gives any more out of the output of the node, and out of a projection
// what was computed of them, which nobody reads and which is gone too then. Copies of a plan have
// columns of the same ids: a column that is gone from one child may be in another.
void Forget(Removed* removed, PlanNode* node) {
  ColumnSet gone;
  for (ColumnId id : *removed) {
    bool is_given = std::ranges::any_of(
        node->children, [id](const PlanPtr& child) { return FindOutput(*child, id) != nullptr; });
    if (!is_given) gone.Add(id);
  }
  for (size_t i = node->computed.size(); node->kind == PlanKind::kProject && i-- > 0;) {
    if (!ReadsAny(*node->computed[i].expression, gone)) continue;
    removed->push_back(node->computed[i].id);
    node->computed.erase(node->computed.begin() + static_cast<ptrdiff_t>(i));
    node->output.erase(node->output.begin() + static_cast<ptrdiff_t>(i));
  }
  std::erase_if(node->output, [&](const OutputColumn& column) { return gone.Has(column.id); });
}

// Adds the columns of the sides that are gone to `*removed`.
void Remove(PlanPtr* node_ptr, const ColumnSet& required, Removed* removed) {
  StepInterruption();
  while (CanRemove(**node_ptr, required)) {
    const int side = KeptSide(**node_ptr);
    for (const OutputColumn& column : (*node_ptr)->children[1 - side]->output) {
      removed->push_back(column.id);
    }
    PlanPtr kept = std::move((*node_ptr)->children[side]);
    *node_ptr = std::move(kept);
  }
  PlanNode& node = **node_ptr;
  ColumnSet below = ColumnsReadBelow(&node, required);
  Removed here;
  for (PlanPtr& child : node.children) Remove(&child, below, &here);
  if (!here.empty()) Forget(&here, &node);
  removed->insert(removed->end(), here.begin(), here.end());
}

}  // namespace

void RemoveJoins(PlanPtr* node) {
  if (!HasOuterJoin(**node)) return;
  ColumnSet all;
  all.AddOutput(**node);
  Removed removed;
  Remove(node, all, &removed);
}

}  // namespace tupelo
