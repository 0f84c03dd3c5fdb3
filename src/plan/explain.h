// plan/explain.h: a plan as text, one operator a line, indented below the one that takes its rows.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace tupelo {

// What EXPLAIN ANALYZE knows of a node once it ran ("actual rows=3, 0.12 ms"); empty text: nothing.
using MeasuredText = std::function<std::string(const PlanNode&)>;

// The lines of the plan, root first:
//
//   Top-N sort: delay DESC, keeping 10 (rows=10)
//     Hash join (left) on f.carrier = c.code (rows=200)
//       Table scan of flights AS f, where delay > (subquery 1) (rows=200)
//         Subquery 1 (runs once):
//           Aggregate: AVG(delay) (rows=1)
//             Table scan of flights (rows=5000)
//       Table scan of carriers AS c (rows=16)
//
// `(rows=...)` is the optimizer's estimate; what `measured` says of the node follows it (`measured`
// may be empty). Tables of WITH that are computed on their own come last. Columns of tables are
// qualified where two tables have one of the same name.
std::vector<std::string> ExplainPlan(const Plan& plan, const MeasuredText& measured);
// The same of one tree alone.
std::vector<std::string> ExplainTree(const PlanNode& root);

}  // namespace tupelo
