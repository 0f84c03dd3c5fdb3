// plan/bind_update.cpp: UPDATE and DELETE: a scan with row ids, a filter, the new values.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

// The rows that UPDATE and DELETE are about: a scan (with the row id first) and its filter. Fills
// the scope.
// Rows of the table, the row id before its columns, joined with other tables; each once at most.
PlanPtr Binder::BindTarget(const TablePtr& table, const ast::Identifier& alias,
                           ast::List<const ast::TableReference*> from, const ast::Expression* where,
                           Scope* scope) {
  PlanPtr plan;
  if (written_view_ != nullptr) {
    plan = BindViewRows(*written_view_, alias, scope);
  } else {
    NameRef name = alias.empty() ? NameRef(table->name) : Keep(MakeName(alias));
    plan = ScanTable(table, *name, true);
    for (size_t i = 1; i < plan->output.size(); ++i) {
      const OutputColumn& column = plan->output[i];
      scope->columns.push_back({name, alias.empty() ? NameRef(table->schema) : NameRef(),
                                column.name, column.id, column.type, column.nullable, false});
    }
  }
  if (!from.empty()) plan = JoinFrom(std::move(plan), from, scope);
  if (where != nullptr) {
    scope->no_aggregates = "in WHERE";
    auto filter = std::make_unique<PlanNode>(PlanKind::kFilter);
    filter->output = plan->output;
    filter->condition = BindCondition(*where, scope, "WHERE");
    filter->children.push_back(std::move(plan));
    plan = std::move(filter);
  }
  if (from.empty()) return plan;
  // Of several matches of a row one is taken, as in PostgreSQL.
  auto first = std::make_unique<PlanNode>(PlanKind::kLimit);
  first->output = plan->output;
  first->limit = MakeConstant(Value::Integer(Type::BigInt(), 1));
  first->limit_by.push_back(plan->output[0].id);
  first->children.push_back(std::move(plan));
  return first;
}

// (columns) = (query): one scalar subquery for each column of the query.
ExpressionPtr Binder::BindAssignedColumnOfQuery(const ast::Assignment& assignment, size_t i,
                                                Scope* scope) {
  PlanPtr plan = BindQueryInExpression(*assignment.query, scope);
  if (plan->output.size() != assignment.columns.size()) {
    throw Error(ErrorCode::kSyntaxError,
                "the subquery must have as many columns as are set: " +
                    std::to_string(assignment.columns.size()) + ", not " +
                    std::to_string(plan->output.size()),
                assignment.query->position);
  }
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  OutputColumn column = plan->output[i];
  project->output.push_back(column);
  project->computed.push_back({column.id, MakeColumn(column.id, column.type)});
  project->children.push_back(std::move(plan));
  auto subquery = std::make_unique<BoundExpression>(BoundKind::kScalarSubquery, column.type,
                                                    assignment.query->position);
  subquery->outer_columns = FreeColumns(*project);
  subquery->plan = std::move(project);
  return subquery;
}

// Refuses what SET may not give a column: a second value, or one of its own for what is generated.
void Binder::CheckAssignable(const TablePtr& table, uint16_t column, const ast::Identifier& name,
                             bool is_default) {
  const ColumnDefinition& target = table->columns[column];
  if (!is_default) ThrowIfGenerated(*table, column, name.position);
  if (target.identity == nullptr || !target.identity->always || is_default) return;
  throw Error(ErrorCode::kGeneratedAlways,
              "column is GENERATED ALWAYS and can be set to DEFAULT only: " + target.name.spelling,
              name.position)
      .OnTable(table->name.spelling)
      .OnColumn(target.name.spelling);
}

std::vector<AssignedColumn> Binder::BindAssignments(ast::List<ast::Assignment> assignments,
                                                    const TablePtr& table, Scope* scope) {
  std::vector<AssignedColumn> values;
  for (const ast::Assignment& assignment : assignments) {
    if (assignment.query == nullptr && assignment.values.size() != assignment.columns.size()) {
      throw Error(ErrorCode::kSyntaxError,
                  "SET names " + std::to_string(assignment.columns.size()) +
                      " columns, but gives " + std::to_string(assignment.values.size()) + " values",
                  assignment.columns[0].position);
    }
    for (size_t i = 0; i < assignment.columns.size(); ++i) {
      const ast::Identifier& name = assignment.columns[i];
      uint16_t column = FindTargetColumn(table, name);
      for (const AssignedColumn& other : values) {
        if (other.column != column) continue;
        throw Error(ErrorCode::kSyntaxError, "column is set twice: " + std::string(name.text),
                    name.position);
      }
      bool is_default = assignment.query == nullptr &&
                        assignment.values[i]->kind == ast::ExpressionKind::kDefault;
      CheckAssignable(table, column, name, is_default);
      values.push_back(
          {column, assignment.query == nullptr
                       ? BindAssigned(*assignment.values[i], table, column, scope)
                       : Assign(BindAssignedColumnOfQuery(assignment, i, scope), table, column)});
    }
  }
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a.column < b.column; });
  return values;
}

PlanPtr Binder::BindUpdate(const ast::UpdateStatement& update) {
  ViewTarget view;
  TablePtr table = FindWritten(update.table, &view);
  Scope scope;
  PlanPtr rows = BindTarget(table, update.alias, update.from, update.where, &scope);
  scope.no_aggregates = "in SET";
  std::vector<AssignedColumn> values = BindAssignments(update.assignments, table, &scope);
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  const OutputColumn& row_id = rows->output[0];
  project->output.push_back(row_id);
  project->computed.push_back({row_id.id, MakeColumn(row_id.id, row_id.type)});
  auto node = std::make_unique<PlanNode>(PlanKind::kUpdate);
  for (auto& [column, value] : values) {
    ColumnId id = NextColumn();
    project->output.push_back({id, value->type, true, NameRef(table->columns[column].name)});
    project->computed.push_back({id, std::move(value)});
    node->target_columns.push_back(column);
  }
  project->children.push_back(std::move(rows));
  node->children.push_back(std::move(project));
  node->table = table;
  BindChecksOf(table, &node->checks);
  node->view_checks = std::move(view.checks);
  return BindReturning(std::move(node), update.returning, update.alias, &scope);
}

PlanPtr Binder::BindDelete(const ast::DeleteStatement& statement) {
  ViewTarget view;
  TablePtr table = FindWritten(statement.table, &view);
  Scope scope;
  PlanPtr rows = BindTarget(table, statement.alias, statement.from, statement.where, &scope);
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  const OutputColumn& row_id = rows->output[0];
  project->output.push_back(row_id);
  project->computed.push_back({row_id.id, MakeColumn(row_id.id, row_id.type)});
  project->children.push_back(std::move(rows));
  auto node = std::make_unique<PlanNode>(PlanKind::kDelete);
  node->children.push_back(std::move(project));
  node->table = table;
  return BindReturning(std::move(node), statement.returning, statement.alias, &scope);
}

}  // namespace tupelo
