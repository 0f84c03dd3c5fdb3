// plan/rule_top_n.cpp: a sort below a limit needs to keep only as many rows as the limit lets
// through, and DISTINCT had better give its rows as they come.
//
// Rows may be locked between the two; those that SKIP LOCKED leaves out make others necessary.
#include "base/interruption_scope.h"
#include "plan/optimizer.h"

namespace tupelo {

void LimitSorts(PlanPtr* node) {
  StepInterruption();
  for (PlanPtr& child : (*node)->children) LimitSorts(&child);
  if ((*node)->kind != PlanKind::kLimit || (*node)->limit == nullptr) return;
  if (!(*node)->limit_by.empty() || !(*node)->sort_keys.empty()) return;
  PlanNode* below = (*node)->children[0].get();
  while (below->kind == PlanKind::kProject ||
         (below->kind == PlanKind::kLockRows && below->locks->wait != LockWait::kSkipLocked)) {
    below = below->children[0].get();
  }
  if (below->kind == PlanKind::kDistinct) below->may_end_early = true;
  if (below->kind != PlanKind::kSort) return;
  below->limit = Clone(*(*node)->limit);
  if ((*node)->offset != nullptr) below->offset = Clone(*(*node)->offset);
}

}  // namespace tupelo
