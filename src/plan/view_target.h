// plan/view_target.h: a view through which a statement writes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "catalog/view.h"
#include "plan/plan.h"

namespace tupelo {

// What the view is over the stored table, whose columns' ids are their numbers.
struct ViewTarget {
  ViewPtr view;
  TablePtr table;
  std::vector<ExpressionPtr> items;       // by column of the view
  std::vector<ExpressionPtr> conditions;  // that its rows satisfy
  std::vector<ViewCheckPlan> checks;      // that rows written must satisfy
};

// Each column of a key becomes the expression that it stands for, in subqueries too.
void SubstituteColumns(ExpressionPtr* expression,
                       const std::map<ColumnId, ExpressionPtr>& computed);

}  // namespace tupelo
