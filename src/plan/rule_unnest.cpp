// plan/rule_unnest.cpp: subqueries that read columns of the query around them become joins.
//
// Inner queries first, each subquery is joined to the input of the operator whose expression holds
// it: EXISTS, IN and their kin among the conjuncts of a filter by a semi or anti join, elsewhere by
// a mark join; one used as a value by a left join, which refuses a second row where there could be
// one. What the subquery reads from outside is lifted out of it (unnest_lift.cpp) or becomes its
// domain (unnest_domain.cpp).
//
// What a guard excludes must not fail: behind CASE, COALESCE, AND and OR the guard becomes part of
// the join or the domain. Where the input is one row, found by key, running the subquery for it is
// the best there is, and it stays. So does what reads nothing from outside: it runs once.
#include <algorithm>

#include "base/interruption_scope.h"
#include "plan/binder.h"
#include "plan/optimizer.h"
#include "plan/unnesting.h"

namespace tupelo {

namespace {

// A domain is a copy of all that gives its values, also of subqueries unnested there before: each
// of ten that stand side by side would double the plan, or worse. Those that are left then are run
// for their outer values.
constexpr size_t kMostRepeatedNodes = 128;

size_t CountNodes(const PlanNode& plan) {
  size_t count = 1;
  for (const PlanPtr& child : plan.children) count += CountNodes(*child);
  return count;
}

// A filter's own conditions help to tell that there is one row.
const PlanNode& InputOf(const PlanNode& node) {
  return node.kind == PlanKind::kFilter ? node : *node.children[0];
}

// One outer row, or a few that find what they want by index.
bool StaysNested(PlanNode* node) {
  if (node->kind == PlanKind::kJoin) return false;
  if (GivesOneRow(InputOf(*node))) return true;
  EstimateRows(node);
  double rows = InputOf(*node).estimated_rows;
  bool pays = true, is_correlated = false;
  VisitNodeExpressions(*node, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      if (part.plan == nullptr || part.outer_columns.empty()) return;
      is_correlated = true;
      pays = pays && PaysNested(*part.plan, rows);
    });
  });
  return is_correlated && pays;
}

bool Writes(const PlanNode& node) {
  return node.kind == PlanKind::kInsert || node.kind == PlanKind::kUpdate ||
         node.kind == PlanKind::kDelete || node.kind == PlanKind::kMerge;
}

}  // namespace

void Unnesting::Visit(PlanPtr* node, bool is_outermost) {
  StepInterruption();
  for (PlanPtr& child : (*node)->children) Visit(&child, is_outermost);
  bool has_subquery = false;
  VisitNodeExpressions(**node, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      if (!IsSubquery(part)) return;
      has_subquery = true;
      Visit(&part.plan, is_outermost && part.outer_columns.empty());
      part.outer_columns = FreeColumns(*part.plan);
    });
  });
  if (!has_subquery || (*node)->children.empty()) return;
  if (Writes(*(*node)->children[0])) return;  // RETURNING: it must run once
  if (is_outermost && StaysNested(node->get())) return;
  switch ((*node)->kind) {
    case PlanKind::kFilter: VisitFilter(node); return;
    case PlanKind::kProject: VisitProject(node->get()); return;
    case PlanKind::kAggregate: VisitAggregate(node->get()); return;
    case PlanKind::kJoin: VisitJoin(node); return;
    default: return;
  }
}

void Unnesting::VisitFilter(PlanPtr* node) {
  PlanNode& filter = **node;
  PlanPtr input = std::move(filter.children[0]);
  std::vector<OutputColumn> output = filter.output;
  Conjuncts all, plain, with_subquery;
  SplitConjuncts(std::move(filter.condition), &all);
  for (ExpressionPtr& conjunct : all) {
    (HasSubquery(*conjunct) ? with_subquery : plain).push_back(std::move(conjunct));
  }
  auto keep = [&](Conjuncts conditions) {
    if (conditions.empty()) return;
    auto part = std::make_unique<PlanNode>(PlanKind::kFilter);
    part->output = input->output;
    part->condition = MakeAnd(std::move(conditions));
    part->children.push_back(std::move(input));
    input = std::move(part);
  };
  keep(std::move(plain));
  const PlanNode* before = input.get();
  for (ExpressionPtr& conjunct : with_subquery) {
    Site site{&input, input.get()};
    if (JoinConjunct(&conjunct, &site)) continue;
    std::vector<Site> sites = {site};
    Guards guards;
    Replace(&conjunct, &sites, &guards);
    Conjuncts one;
    one.push_back(std::move(conjunct));
    keep(std::move(one));
  }
  bool changed = input.get() != before &&
                 !(input->kind == PlanKind::kFilter && input->children[0].get() == before);
  *node = changed ? MakeProjection(std::move(input), std::move(output)) : std::move(input);
}

void Unnesting::VisitProject(PlanNode* node) {
  std::vector<Site> sites = {{&node->children[0], node->children[0].get()}};
  for (ComputedColumn& column : node->computed) {
    Guards guards;
    Replace(&column.expression, &sites, &guards);
  }
}

void Unnesting::VisitAggregate(PlanNode* node) {
  std::vector<Site> sites = {{&node->children[0], node->children[0].get()}};
  Guards guards;
  for (ComputedColumn& group : node->computed) Replace(&group.expression, &sites, &guards);
  for (AggregateColumn& column : node->aggregates) {
    if (column.filter != nullptr) Replace(&column.filter, &sites, &guards);
    if (column.argument == nullptr || !HasSubquery(*column.argument)) continue;
    Guards filtered;
    if (column.filter != nullptr) {
      filtered.is_complete = !HasSubquery(*column.filter);
      if (filtered.is_complete) {
        filtered.terms.push_back(MakeBooleanCall("IS TRUE", Clone(*column.filter)));
      }
    }
    Replace(&column.argument, &sites, &filtered);
  }
}

// Subqueries of ON are joined to the side that they read; an inner join's may as well be tested
// after it.
void Unnesting::VisitJoin(PlanPtr* node) {
  PlanNode& join = **node;
  if (join.condition == nullptr || !HasSubquery(*join.condition)) return;
  if (join.join_kind == JoinKind::kInner) {
    auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
    filter->output = join.output;
    filter->condition = std::move(join.condition);
    join.join_kind = JoinKind::kCross;
    filter->children.push_back(std::move(*node));
    *node = std::move(filter);
    VisitFilter(node);
    return;
  }
  std::vector<Site> sites;
  for (PlanPtr& child : join.children) sites.push_back({&child, child.get()});
  Guards guards;
  Replace(&join.condition, &sites, &guards);
}

ColumnSet Unnesting::OuterColumns(const BoundExpression& subquery, const Site& site, bool* any) {
  ColumnSet own;
  *any = false;
  for (ColumnId id : subquery.outer_columns) {
    if (FindOutput(**site.input, id) == nullptr) continue;
    own.Add(id);
    *any = true;
  }
  return own;
}

bool Unnesting::Detach(PlanPtr* plan, const Site& site, const Guards& guards,
                       Conjuncts* conditions) {
  ColumnSet outer;
  Domain domain{site.base, {}, nullptr};
  for (ColumnId id : FreeColumns(**plan)) {
    const OutputColumn* column = FindOutput(**site.input, id);
    if (column == nullptr) continue;
    outer.Add(id);
    domain.columns.push_back(*column);
    if (FindOutput(*site.base, id) == nullptr) domain.source = site.input->get();
  }
  bool is_guarded = !guards.terms.empty() || !guards.is_complete;
  bool may_fail = MayFail(**plan, is_guarded);
  if (!may_fail && CanLift(**plan, outer, LiftKind::kAll)) {
    LiftConditions(plan, outer, next_, conditions);
    return true;
  }
  if (!CanPushDomain(**plan, outer) || !CanRepeat(*domain.source) ||
      (may_fail && !guards.is_complete)) {
    return false;
  }
  ExpressionPtr guard;
  if (is_guarded && may_fail) {
    Conjuncts terms;
    AddGuards(guards, &terms);
    guard = MakeAnd(std::move(terms));
    ColumnSet known;
    known.AddOutput(*site.base);
    if (CountColumns(*guard, known).outside > 0) domain.source = site.input->get();
    domain.guard = guard.get();
  }
  if (CountNodes(*domain.source) > kMostRepeatedNodes) return false;
  Renaming renaming = PushDomain(plan, domain, next_);
  for (size_t i = 0; i < renaming.size(); ++i) {
    conditions->push_back(
        MakeSameValue(domain.columns[i], *FindOutput(**plan, renaming[i].second)));
  }
  Visit(plan, false);  // subqueries in it may read the domain's columns now
  return true;
}

void Unnesting::MakeDistinct(PlanPtr* plan, const PlanNode& input, Conjuncts* conditions,
                             std::vector<ExpressionPtr*> values) {
  Renaming renaming;
  std::vector<OutputColumn> output;
  for (const OutputColumn& column : (*plan)->output) {
    if (FindOutput(input, column.id) == nullptr) {
      output.push_back(column);
    } else if (std::none_of(renaming.begin(), renaming.end(),
                            [&](const auto& known) { return known.first == column.id; })) {
      renaming.emplace_back(column.id, (*next_)++);
    }
  }
  if (renaming.empty()) return;
  std::vector<OutputColumn> doubled;
  for (const auto& renamed : renaming) doubled.push_back(*FindOutput(**plan, renamed.first));
  PlanPtr project = MakeProjection(std::move(*plan), std::move(output));
  for (size_t i = 0; i < renaming.size(); ++i) {
    OutputColumn column = doubled[i];
    ExpressionPtr value = MakeColumn(column.id, column.type);
    column.id = renaming[i].second;
    project->output.push_back(column);
    project->computed.push_back({column.id, std::move(value)});
  }
  *plan = std::move(project);
  for (ExpressionPtr& conjunct : *conditions) RenameColumns(conjunct.get(), renaming);
  for (ExpressionPtr* value : values) RenameColumns(value->get(), renaming);
}

// A conjunct of a filter that is EXISTS or a quantified comparison, perhaps negated.
bool Unnesting::JoinConjunct(ExpressionPtr* conjunct, Site* site) {
  bool negated = false;
  BoundExpression* subquery = conjunct->get();
  for (; subquery->kind == BoundKind::kCall && subquery->function.name == "NOT";
       subquery = subquery->arguments[0].get()) {
    negated = !negated;
  }
  bool exists = subquery->kind == BoundKind::kExists, is_correlated = false;
  if (!exists && !IsQuantified(*subquery)) return false;
  OuterColumns(*subquery, *site, &is_correlated);
  Conjuncts conditions;
  if (exists) {
    if (!is_correlated) return false;
    KeepExistence(&subquery->plan);
  } else {
    std::vector<Site> sites = {*site};
    Guards guards;
    Replace(&subquery->arguments[0], &sites, &guards);
    if (HasSubquery(*subquery->arguments[0])) return false;
    negated ^= subquery->is_all;
    const OutputColumn& column = subquery->plan->output[0];
    ExpressionPtr comparison = CompareWith(*subquery, column);
    bool may_be_unknown =
        column.nullable || MayBeNull(*subquery->arguments[0], {site->input->get()});
    bool is_equality = comparison->function.name == "=";
    if (!is_correlated && (!is_equality || (negated && may_be_unknown))) return false;
    if (negated && may_be_unknown) {
      comparison = MakeBooleanCall("IS NOT FALSE", std::move(comparison));
    }
    conditions.push_back(std::move(comparison));
  }
  if (!Detach(&subquery->plan, *site, {}, &conditions)) return false;
  MakeDistinct(&subquery->plan, **site->input, &conditions, {});
  *site->input = MakeJoin(negated ? JoinKind::kAnti : JoinKind::kSemi, std::move(*site->input),
                          std::move(subquery->plan), std::move(conditions));
  return true;
}

void UnnestSubqueries(PlanPtr* node, ColumnId* next_column) {
  Unnesting(next_column).Visit(node, true);
}

}  // namespace tupelo
