// plan/rule_build_side.cpp: of a join by keys, the smaller side goes into the table.
//
// A hash join stores its right side. Where the side whose rows are kept or chosen is much the
// smaller one, a left join becomes a right one of the sides exchanged, and so do semi and anti
// joins. Inner joins get their sides from their order.
#include "base/interruption_scope.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

constexpr double kFewRows = 10'000;  // in a table of so many it makes no difference

// How much smaller the left side must be; 0: the sides can't be exchanged. Several threads may look
// into the table of a semi join, but one alone can mark what it has found.
double MuchSmaller(JoinKind kind) {
  switch (kind) {
    case JoinKind::kLeft: return 0.5;
    case JoinKind::kSemi:
    case JoinKind::kAnti: return 0.25;
    default: return 0;
  }
}

JoinKind Exchanged(JoinKind kind) {
  return kind == JoinKind::kLeft   ? JoinKind::kRight
         : kind == JoinKind::kSemi ? JoinKind::kRightSemi
                                   : JoinKind::kRightAnti;
}

}  // namespace

void ChooseBuildSides(PlanPtr* node) {
  StepInterruption();
  PlanNode& join = **node;
  for (PlanPtr& child : join.children) ChooseBuildSides(&child);
  if (join.kind != PlanKind::kJoin || join.left_keys.empty()) return;
  double kept = join.children[0]->estimated_rows, other = join.children[1]->estimated_rows;
  const double smaller = MuchSmaller(join.join_kind);
  if (smaller == 0 || other < kFewRows || kept > smaller * other) return;
  std::swap(join.children[0], join.children[1]);
  std::swap(join.left_keys, join.right_keys);
  join.join_kind = Exchanged(join.join_kind);
}

}  // namespace tupelo
