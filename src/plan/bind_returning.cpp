// plan/bind_returning.cpp: RETURNING: a projection over the rows that a statement has written.
#include <algorithm>

#include "plan/binder.h"
#include "plan/column_set.h"
#include "plan/view_target.h"

namespace tupelo {

// Column i of the table gets the id that is returned, plus i.
ColumnId Binder::AddTableToScope(const TablePtr& table, NameRef qualifier, NameRef schema,
                                 bool qualified_only, Scope* scope) {
  ColumnId first = next_column_;
  for (const ColumnDefinition& column : table->columns) {
    scope->columns.push_back({qualifier, schema, NameRef(column.name), NextColumn(), column.type,
                              !column.not_null, qualified_only});
  }
  return first;
}

// `input`: names of what is below the write: the columns of the table that it changes, then those
// of FROM.
PlanPtr Binder::BindReturning(PlanPtr write, ast::List<ast::SelectItem> items,
                              const ast::Identifier& alias, const Scope* input) {
  if (items.empty()) return write;
  const TablePtr& table = write->table;
  Scope stored, scope;
  scope.no_aggregates = "in RETURNING";
  ColumnId first =
      AddTableToScope(table, alias.empty() ? NameRef(table->name) : Keep(MakeName(alias)),
                      alias.empty() ? NameRef(table->schema) : NameRef(), false, &stored);
  std::map<ColumnId, ExpressionPtr> computed;  // columns of the view that are none of the table
  if (written_view_ == nullptr) {
    scope.columns = stored.columns;
  } else {
    const ViewDefinition& view = *written_view_->view;
    AddViewToScope(*written_view_, first, Keep(alias.empty() ? view.name : MakeName(alias)),
                   alias.empty() ? Keep(view.schema) : NameRef(), false, &scope, &computed);
  }
  size_t own_columns = scope.columns.size();
  if (input != nullptr) {
    scope.columns.insert(scope.columns.end(),
                         input->columns.begin() + static_cast<ptrdiff_t>(own_columns),
                         input->columns.end());
  }
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  ColumnSet read;
  for (SelectItem& item : BindSelectItems(items, true, &scope)) {
    if (!computed.empty()) SubstituteColumns(&item.expression, computed);
    read.AddRead(*item.expression);
    ColumnId id = NextColumn();
    project->output.push_back({id, item.expression->type, item.nullable, item.name});
    project->computed.push_back({id, std::move(item.expression)});
  }
  write->returns_rows = true;
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const ScopeColumn& column = stored.columns[i];
    if (!read.Has(first + static_cast<ColumnId>(i))) continue;
    write->output.push_back({column.id, column.type, column.nullable, column.name});
    auto number = static_cast<uint16_t>(i);
    write->returned_columns.push_back(number);
    bool is_set = std::ranges::find(write->target_columns, number) != write->target_columns.end();
    if (input == nullptr || is_set) continue;
    PlanNode& child = *write->children[0];
    OutputColumn before = child.children[0]->output[i + 1];  // behind the row id
    child.computed.push_back({before.id, MakeColumn(before.id, before.type)});
    child.output.push_back(std::move(before));
  }
  for (size_t i = own_columns; i < scope.columns.size(); ++i) {
    const ScopeColumn& column = scope.columns[i];
    if (!read.Has(column.id)) continue;
    write->output.push_back({column.id, column.type, column.nullable, column.name});
    write->returned_columns.push_back(kIgnoredColumn);
    PlanNode& child = *write->children[0];
    child.output.push_back({column.id, column.type, column.nullable, column.name});
    child.computed.push_back({column.id, MakeColumn(column.id, column.type)});
  }
  project->children.push_back(std::move(write));
  return project;
}

}  // namespace tupelo
