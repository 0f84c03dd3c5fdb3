// plan/rule_build_side.cpp: of a left outer join by keys, the smaller side goes into the table.
//
// A hash join stores its right side. Where the side that is kept whole is much the smaller one, the
// join becomes a right one of the sides exchanged. Inner joins get their sides from their order.
#include "plan/optimizer.h"

namespace tupelo {

namespace {

constexpr double kFewRows = 10'000;  // in a table of so many it makes no difference
constexpr double kMuchSmaller = 0.5;

}  // namespace

void ChooseBuildSides(PlanPtr* node) {
  PlanNode& join = **node;
  for (PlanPtr& child : join.children) ChooseBuildSides(&child);
  if (join.kind != PlanKind::kJoin || join.join_kind != JoinKind::kLeft || join.left_keys.empty()) {
    return;
  }
  double kept = join.children[0]->estimated_rows, other = join.children[1]->estimated_rows;
  if (other < kFewRows || kept > kMuchSmaller * other) return;
  std::swap(join.children[0], join.children[1]);
  std::swap(join.left_keys, join.right_keys);
  join.join_kind = JoinKind::kRight;
}

}  // namespace tupelo
