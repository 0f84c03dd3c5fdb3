// plan/bind_returning.cpp: RETURNING: a projection over the rows that a statement has written.
#include <algorithm>

#include "plan/binder.h"
#include "plan/column_set.h"

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

// `target`: names of the columns that the child of UPDATE and DELETE reads from the table.
PlanPtr Binder::BindReturning(PlanPtr write, ast::List<ast::SelectItem> items,
                              const ast::Identifier& alias, const Scope* target) {
  if (items.empty()) return write;
  if (written_view_ != nullptr) {
    throw Error(ErrorCode::kFeatureNotSupported,
                "RETURNING of a view is not supported: " + written_view_->view->name.spelling,
                items[0].position);
  }
  const TablePtr& table = write->table;
  Scope scope;
  scope.no_aggregates = "in RETURNING";
  ColumnId first =
      AddTableToScope(table, alias.empty() ? NameRef(table->name) : Keep(MakeName(alias)),
                      alias.empty() ? NameRef(table->schema) : NameRef(), false, &scope);
  auto project = std::make_unique<PlanNode>(PlanKind::kProject);
  ColumnSet read;
  for (SelectItem& item : BindSelectItems(items, true, &scope)) {
    read.AddRead(*item.expression);
    ColumnId id = NextColumn();
    project->output.push_back({id, item.expression->type, item.nullable, item.name});
    project->computed.push_back({id, std::move(item.expression)});
  }
  write->returns_rows = true;
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const ScopeColumn& column = scope.columns[i];
    if (!read.Has(first + static_cast<ColumnId>(i))) continue;
    write->output.push_back({column.id, column.type, column.nullable, column.name});
    auto number = static_cast<uint16_t>(i);
    write->returned_columns.push_back(number);
    bool is_set = std::ranges::find(write->target_columns, number) != write->target_columns.end();
    if (target == nullptr || is_set) continue;
    const ScopeColumn& stored = target->columns[i];
    PlanNode& child = *write->children[0];
    child.output.push_back({stored.id, stored.type, stored.nullable, stored.name});
    child.computed.push_back({stored.id, MakeColumn(stored.id, stored.type)});
  }
  project->children.push_back(std::move(write));
  return project;
}

}  // namespace tupelo
