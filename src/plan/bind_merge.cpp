// plan/bind_merge.cpp: MERGE: the source joined with the table, and what each clause does.
#include <algorithm>

#include "plan/binder.h"
#include "plan/column_set.h"

namespace tupelo {

void Binder::BindMergeInsert(const ast::MergeClause& clause, const TablePtr& table, Scope* scope,
                             MergeStep* step) {
  std::vector<uint16_t> columns = BindInsertColumns(clause.columns, table, !clause.default_values);
  if (!clause.default_values && clause.values.size() != columns.size()) {
    throw Error(ErrorCode::kInsertColumnMismatch,
                "INSERT names " + std::to_string(columns.size()) + " columns, but gives " +
                    std::to_string(clause.values.size()) + " values",
                clause.values_position);
  }
  if (clause.default_values) columns.clear();
  for (size_t i = 0; i < columns.size(); ++i) {
    CheckGeneratedAlways(clause.overriding, *table, columns[i], *clause.values[i]);
    step->values.push_back(BindAssigned(*clause.values[i], table, columns[i], scope));
  }
  step->defaults = BindDefaults(table, clause.overriding, &columns);
  step->target_columns = std::move(columns);
}

MergeStep Binder::BindMergeClause(const ast::MergeClause& clause, const TablePtr& table,
                                  Scope* scope) {
  MergeStep step;
  step.matched = clause.matched;
  scope->no_aggregates = "in WHEN";
  if (clause.condition != nullptr) {
    step.condition = BindCondition(*clause.condition, scope, "WHEN");
  }
  switch (clause.action) {
    case ast::MergeAction::kNothing: break;
    case ast::MergeAction::kDelete: step.action = MergeStep::kDelete; break;
    case ast::MergeAction::kUpdate:
      step.action = MergeStep::kUpdate;
      scope->no_aggregates = "in SET";
      for (AssignedColumn& assigned : BindAssignments(clause.assignments, table, scope)) {
        step.target_columns.push_back(assigned.column);
        step.values.push_back(std::move(assigned.value));
      }
      break;
    case ast::MergeAction::kInsert:
      step.action = MergeStep::kInsert;
      scope->no_aggregates = "in VALUES";
      BindMergeInsert(clause, table, scope, &step);
      break;
  }
  return step;
}

// The projection over what RETURNING reads: of the table the new values (those before, of DELETE),
// and of the source. `both`: the source's columns, then the table's as they were before.
PlanPtr Binder::BindMergeReturning(const ast::MergeStatement& merge, const Scope& both,
                                   size_t source_columns, PlanNode* node) {
  Scope scope;
  scope.no_aggregates = "in RETURNING";
  scope.columns.assign(both.columns.begin(),
                       both.columns.begin() + static_cast<ptrdiff_t>(source_columns));
  for (size_t i = source_columns; i < both.columns.size(); ++i) {
    scope.columns.push_back(both.columns[i]);
    scope.columns.back().id = NextColumn();
  }
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  ColumnSet read;
  for (SelectItem& item : BindSelectItems(merge.returning, true, &scope)) {
    read.AddRead(*item.expression);
    ColumnId id = NextColumn();
    project->output.push_back({id, item.expression->type, item.nullable, item.name});
    project->computed.push_back({id, std::move(item.expression)});
  }
  node->returns_rows = true;
  for (size_t i = 0; i < scope.columns.size(); ++i) {
    const ScopeColumn& column = scope.columns[i];
    if (!read.Has(column.id)) continue;
    bool is_source = i < source_columns;
    node->output.push_back({column.id, column.type, column.nullable, column.name});
    node->returned_columns.push_back(is_source ? kIgnoredColumn
                                               : static_cast<uint16_t>(i - source_columns));
    node->computed.push_back({column.id, MakeColumn(both.columns[i].id, column.type)});
  }
  return project;
}

// Rows of the source come with the row that they match, as a left join gives them; where nothing is
// done with those that match none, an inner join is enough.
PlanPtr Binder::BindMerge(const ast::MergeStatement& merge) {
  TablePtr table = FindTable(merge.table);
  Scope source;
  source.no_aggregates = "in USING";
  PlanPtr left = BindTableReference(*merge.source, &source);
  Scope both = source;
  size_t source_columns = source.columns.size();
  NameRef name = merge.alias.empty() ? NameRef(table->name) : Keep(MakeName(merge.alias));
  NameRef schema = merge.alias.empty() ? NameRef(table->schema) : NameRef();
  CheckNewQualifier(both, name, schema, merge.table.position());
  PlanPtr right = ScanTable(table, *name, true);
  OutputColumn row_id = right->output[0];
  for (size_t i = 1; i < right->output.size(); ++i) {
    const OutputColumn& column = right->output[i];
    both.columns.push_back(
        {name, schema, column.name, column.id, column.type, column.nullable, false});
  }
  auto join = std::make_unique<PlanNode>(PlanKind::kJoin);
  join->join_kind = std::ranges::all_of(merge.clauses, &ast::MergeClause::matched)
                        ? JoinKind::kInner
                        : JoinKind::kLeft;
  join->output = left->output;
  for (OutputColumn column : right->output) {
    column.nullable |= join->join_kind == JoinKind::kLeft;
    join->output.push_back(column);
  }
  both.no_aggregates = "in ON";
  join->condition = BindCondition(*merge.on, &both, "ON");
  join->children.push_back(std::move(left));
  join->children.push_back(std::move(right));

  auto node = std::make_unique<PlanNode>(PlanKind::kMerge);
  ColumnSet read;
  for (const ast::MergeClause& clause : merge.clauses) {
    node->merge_steps.push_back(BindMergeClause(clause, table, clause.matched ? &both : &source));
  }
  PlanPtr returning;
  if (!merge.returning.empty()) {
    returning = BindMergeReturning(merge, both, source_columns, node.get());
  }
  VisitNodeExpressions(*node, [&](ExpressionPtr& expression) { read.AddRead(*expression); });
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  auto pass_on = [&](const OutputColumn& column) {
    project->output.push_back(column);
    project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  };
  pass_on(row_id);
  for (const OutputColumn& column : join->output) {
    if (column.id != row_id.id && read.Has(column.id)) pass_on(column);
  }
  project->children.push_back(std::move(join));
  node->children.push_back(std::move(project));
  node->table = table;
  BindChecksOf(table, &node->checks);
  if (returning == nullptr) return node;
  returning->children.push_back(std::move(node));
  return returning;
}

}  // namespace tupelo
