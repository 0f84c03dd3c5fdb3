// plan/rule_order_conditions.cpp: of several conditions on one row, the one first that spares the
// others the most work.
//
// Each term sees only the rows that those before it have left. Terms that cannot fail are sorted by
// cost / (1 - selectivity), which makes the sum of all costs least (Hellerstein and Stonebraker,
// "Predicate Migration", SIGMOD 1993, section 2.2). Terms that can fail stay where they are, and no
// other passes them: what is written to guard them still does, and what fails still fails.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/optimizer.h"
#include "plan/plan_visit.h"

namespace tupelo {

namespace {

// Costs in comparisons of two integers.
constexpr double kStringCost = 3;
constexpr double kFunctionCost = 5;
constexpr double kPatternCost = 20;
constexpr double kStepCost = 1;

bool IsPattern(std::string_view name) {
  return name == "LIKE" || name == "ILIKE" || name == "GLOB" || name == "SIMILAR TO" ||
         name == "LIKE_REGEX" || name.starts_with("REGEXP");
}

double CostOfCall(const BoundExpression& call) {
  std::string_view name = call.function.name;
  if (IsPattern(name)) return kPatternCost;
  bool has_strings =
      std::any_of(call.arguments.begin(), call.arguments.end(), [](const ExpressionPtr& argument) {
        return argument->type.physical() == PhysicalType::kString;
      });
  if (has_strings) return kStringCost;
  // Operators and casts, by their spelling, against functions.
  bool is_function = !name.empty() && name.size() > 2 && name != "CAST" && name != "NOT";
  return is_function ? kFunctionCost : kStepCost;
}

struct Term {
  ExpressionPtr expression;
  double rank = 0;
  bool may_fail = false;
};

void Rate(Term* term, const PlanNode& input) {
  double cost = 0;
  VisitExpressions(*term->expression, [&](BoundExpression& part) {
    if (part.plan != nullptr) term->may_fail = true;  // and has no bound on its cost
    if (part.kind != BoundKind::kCall) {
      if (!part.arguments.empty()) cost += kStepCost;
      return;
    }
    term->may_fail |= part.function.may_fail;
    cost += CostOfCall(part);
  });
  double passed = std::clamp(EstimateSelectivity(*term->expression, input), 0.0, 0.999);
  term->rank = cost / (1 - passed);
}

void OrderTerms(BoundExpression* condition, const PlanNode& input) {
  std::vector<Term> terms;
  for (ExpressionPtr& argument : condition->arguments) {
    terms.push_back({std::move(argument)});
    Rate(&terms.back(), input);
  }
  auto may_fail = [](const Term& term) { return term.may_fail; };
  for (auto begin = terms.begin(); begin != terms.end();) {
    auto end = std::find_if(begin, terms.end(), may_fail);
    std::stable_sort(begin, end, [](const Term& a, const Term& b) { return a.rank < b.rank; });
    begin = std::find_if_not(end, terms.end(), may_fail);
  }
  for (size_t i = 0; i < terms.size(); ++i) {
    condition->arguments[i] = std::move(terms[i].expression);
  }
}

}  // namespace

void OrderConditions(PlanPtr* node) {
  StepInterruption();
  PlanNode& plan = **node;
  bool is_scan = plan.kind == PlanKind::kTableScan || plan.kind == PlanKind::kIndexScan;
  if (plan.condition != nullptr && plan.condition->kind == BoundKind::kAnd &&
      (is_scan || plan.kind == PlanKind::kFilter)) {
    OrderTerms(plan.condition.get(), is_scan ? plan : *plan.children[0]);
  }
  for (PlanPtr& child : plan.children) OrderConditions(&child);
}

}  // namespace tupelo
