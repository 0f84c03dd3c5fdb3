// plan/common_tables.cpp: tables of WITH: part of what reads them, or computed once for all.
//
// A table that is scanned in one place, which runs once, takes the place of the scan: then
// conditions sink into it, and a LIMIT above stops it early. One that is scanned in several places,
// or in one that runs again and again, stays by itself, as its rows are kept; so does one that
// MATERIALIZED stands before.
#include "plan/binder.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

// Calls visit(scan, repeats) for each scan of a common table in the tree and in its subqueries.
template <typename Visit>
void VisitScans(PlanNode* node, bool repeats, Visit&& visit) {
  if (node->kind == PlanKind::kCommonTableScan) visit(node, repeats);
  auto visit_subqueries = [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      if (part.plan == nullptr) return;
      VisitScans(part.plan.get(), repeats || !part.outer_columns.empty(), visit);
    });
  };
  VisitNodeExpressions(*node, visit_subqueries);
  for (ViewCheckPlan& check : node->view_checks) visit_subqueries(check.condition);
  for (size_t i = 0; i < node->children.size(); ++i) {
    bool again = (node->kind == PlanKind::kLateralJoin && i == 1) ||
                 (node->kind == PlanKind::kRecursion && node->recursion->branches[i].is_recursive);
    VisitScans(node->children[i].get(), repeats || again, visit);
  }
}

// The scan turns into a projection that gives its columns by the table's own.
void Replace(PlanNode* scan, PlanPtr plan) {
  scan->kind = PlanKind::kProject;
  for (size_t i = 0; i < scan->output.size(); ++i) {
    const OutputColumn& column = plan->output[scan->scan_columns[i]];
    scan->computed.push_back({scan->output[i].id, MakeColumn(column.id, column.type)});
  }
  scan->scan_columns.clear();
  scan->table_alias.clear();
  scan->children.push_back(std::move(plan));
}

// Calls visit for the scans of `tables[number]`, which stand in the root and in later tables.
template <typename Visit>
void VisitScansOf(Plan* plan, size_t number, Visit&& visit) {
  uint32_t shared = plan->common_tables[number].shared;
  auto visit_own = [&](PlanNode* scan, bool repeats) {
    if (scan->shared == shared) visit(scan, repeats);
  };
  VisitScans(plan->root.get(), false, visit_own);
  for (size_t i = number + 1; i < plan->common_tables.size(); ++i) {
    PlanNode* later = plan->common_tables[i].plan.get();
    if (later != nullptr) VisitScans(later, false, visit_own);
  }
}

}  // namespace

void OptimizeCommonTables(Plan* plan, const std::function<void(PlanPtr*)>& optimize) {
  std::vector<CommonTablePlan>& tables = plan->common_tables;
  // From the last to the first: those that nobody reads read none themselves.
  for (size_t i = tables.size(); i-- > 0;) {
    size_t places = 0;
    PlanNode* last = nullptr;
    VisitScansOf(plan, i, [&](PlanNode* scan, bool repeats) {
      places += repeats ? 2 : 1;
      last = scan;
    });
    if (places == 1 && !tables[i].materialized) Replace(last, std::move(tables[i].plan));
    if (places == 0) tables[i].plan = nullptr;
  }
  std::erase_if(tables, [](const CommonTablePlan& table) { return table.plan == nullptr; });
  for (size_t i = 0; i < tables.size(); ++i) {
    optimize(&tables[i].plan);
    double rows = tables[i].plan->estimated_rows;
    VisitScansOf(plan, i, [rows](PlanNode* scan, bool) { scan->estimated_rows = rows; });
  }
}

}  // namespace tupelo
