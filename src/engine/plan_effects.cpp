// engine/plan_effects.cpp: looking through a plan, its subqueries, and the tables of its WITH.
#include "engine/plan_effects.h"

#include <functional>

#include "plan/plan.h"
#include "plan/plan_visit.h"

namespace tupelo {

namespace {

struct Wanted {
  std::function<bool(const PlanNode&)> node;
  std::function<bool(const BoundExpression&)> expression;
};

bool Has(PlanNode& node, const Wanted& wanted) {
  bool has = wanted.node && wanted.node(node);
  VisitNodeExpressions(node, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      has |= wanted.expression && wanted.expression(part);
      if (part.plan != nullptr) has |= Has(*part.plan, wanted);
    });
  });
  for (PlanPtr& child : node.children) has |= Has(*child, wanted);
  return has;
}

bool Has(const Plan& plan, const Wanted& wanted) {
  bool has = Has(*plan.root, wanted);
  for (const CommonTablePlan& table : plan.common_tables) has |= Has(*table.plan, wanted);
  return has;
}

}  // namespace

bool TakesNumbers(const Plan& plan) {
  return Has(plan, {nullptr, [](const BoundExpression& part) {
                      return part.kind == BoundKind::kNextValue;
                    }});
}

bool ReadsSystemViews(const Plan& plan) {
  return Has(plan,
             {[](const PlanNode& node) { return node.kind == PlanKind::kSystemView; }, nullptr});
}

}  // namespace tupelo
