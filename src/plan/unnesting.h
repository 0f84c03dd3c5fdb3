// plan/unnesting.h: the walk over a plan that joins its subqueries.
#pragma once

#include <string_view>

#include "plan/unnest.h"

namespace tupelo {

// An operator's input, to which subqueries are joined.
struct Site {
  PlanPtr* input;
  const PlanNode* base;  // the input before; somewhere below `input` now
};

// Conditions under which a position within an expression is evaluated at all.
struct Guards {
  Conjuncts terms;
  bool is_complete = true;  // a term that can't be tested elsewhere was left out
};

class Unnesting {
 public:
  explicit Unnesting(ColumnId* next) : next_(next) {}

  // `is_outermost`: not within a subquery that may run, or be joined, for many rows.
  void Visit(PlanPtr* node, bool is_outermost);

 private:
  void VisitFilter(PlanPtr* node);
  void VisitProject(PlanNode* node);
  void VisitAggregate(PlanNode* node);
  void VisitJoin(PlanPtr* node);

  bool JoinConjunct(ExpressionPtr* conjunct, Site* site);
  void Replace(ExpressionPtr* expression, std::vector<Site>* sites, Guards* guards);
  void ReplaceCase(BoundExpression* node, std::vector<Site>* sites, Guards* guards);
  void ReplaceLet(ExpressionPtr* expression, std::vector<Site>* sites, Guards* guards);
  void ReplaceLater(BoundExpression* node, std::vector<Site>* sites, Guards* guards,
                    std::string_view still_open);
  void ReplaceSubquery(ExpressionPtr* expression, Site* site, Guards* guards);
  bool ReplaceByMark(ExpressionPtr* expression, Site* site, const Guards& guards);
  bool ReplaceByValue(ExpressionPtr* expression, Site* site, const Guards& guards);

  // Frees the plan of the site's columns; what has to hold for a match is added to `conditions`.
  // False when it can't, and then the plan is as it was.
  bool Detach(PlanPtr* plan, const Site& site, const Guards& guards, Conjuncts* conditions);
  // Columns of the site that the subquery reads.
  static ColumnSet OuterColumns(const BoundExpression& subquery, const Site& site, bool* any);
  // Gives columns that the input has too (a subquery may stand twice) ids of their own.
  void MakeDistinct(PlanPtr* plan, const PlanNode& input, Conjuncts* conditions,
                    std::vector<ExpressionPtr*> values);
  static void AddGuards(const Guards& guards, Conjuncts* conditions) {
    for (const ExpressionPtr& term : guards.terms) conditions->push_back(Clone(*term));
  }

  ColumnId* next_;
};

inline bool IsSubquery(const BoundExpression& expression) { return expression.plan != nullptr; }
// `= ANY` and its kin, of single values.
bool IsQuantified(const BoundExpression& expression);
// Its comparison with the subquery's column; ALL is the negation of ANY with the inverse
// comparison.
ExpressionPtr CompareWith(const BoundExpression& quantified, const OutputColumn& column);
// Only whether there is a row matters: what orders, repeats or computes goes.
void KeepExistence(PlanPtr* plan);
// Whether computing the plan for more outer rows than ask for it may fail. Conditions count only
// with `conditions`: as in any join, they may be tested on rows that have no partner.
bool MayFail(const PlanNode& plan, bool conditions);

}  // namespace tupelo
