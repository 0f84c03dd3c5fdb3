// plan/bind_conflict.cpp: ON CONFLICT: which keys it is about, and what is set instead.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

// Whether the two have the same columns, in any order.
bool HasColumns(const std::vector<uint16_t>& key, const std::vector<uint16_t>& columns) {
  auto within = [](const std::vector<uint16_t>& some, const std::vector<uint16_t>& all) {
    return std::ranges::all_of(
        some, [&](uint16_t one) { return std::ranges::find(all, one) != all.end(); });
  };
  return within(columns, key) && within(key, columns);
}

bool HasColumns(const IndexDefinition& index, const std::vector<uint16_t>& columns) {
  std::vector<uint16_t> indexed;
  for (const IndexedColumn& column : index.columns) indexed.push_back(column.column);
  return HasColumns(indexed, columns);
}

// There a row may have to be inserted beside one that it conflicts with.
[[noreturn]] void ThrowDeferrable(const TableDefinition& table, const KeyDefinition& key,
                                  Position position) {
  throw Error(ErrorCode::kObjectNotReady,
              "what is to be done on a conflict can't depend on a DEFERRABLE constraint: " +
                  key.name.spelling,
              position)
      .OnTable(table.name.spelling)
      .OnConstraint(key.name.spelling);
}

uint16_t IndexOfConstraint(const TableDefinition& table, const ast::Identifier& name) {
  std::string key = MakeKey(name);
  for (bool exact : {true, false}) {
    for (const KeyDefinition& constraint : table.keys) {
      bool same = exact ? constraint.name.key == key : EqualIgnoringCase(constraint.name.key, key);
      if (!same) continue;
      if (constraint.is_deferrable()) ThrowDeferrable(table, constraint, name.position);
      for (size_t i = 0; i < table.indexes.size(); ++i) {
        if (table.indexes[i].index == constraint.index) return static_cast<uint16_t>(i);
      }
    }
  }
  throw Error(ErrorCode::kUndefinedObject,
              "no PRIMARY KEY or UNIQUE constraint of table " + table.name.spelling +
                  " has the name " + std::string(name.text),
              name.position)
      .OnTable(table.name.spelling);
}

}  // namespace

// The keys: those named, or all.
void Binder::AddArbiters(const ast::ConflictClause& clause, const TablePtr& table,
                         ConflictPlan* plan) {
  if (!clause.constraint.empty()) {
    plan->arbiters.push_back(IndexOfConstraint(*table, clause.constraint));
    return;
  }
  std::vector<uint16_t> columns;
  for (const ast::Identifier& name : clause.columns) {
    columns.push_back(FindTargetColumn(table, name));
  }
  for (const KeyDefinition& key : table->keys) {
    bool is_meant = columns.empty() || HasColumns(key.columns, columns);
    if (key.is_deferrable() && is_meant) ThrowDeferrable(*table, key, clause.position);
  }
  for (size_t i = 0; i < table->indexes.size(); ++i) {
    const IndexDefinition& index = table->indexes[i];
    if (!index.is_unique || (!columns.empty() && !HasColumns(index, columns))) continue;
    plan->arbiters.push_back(static_cast<uint16_t>(i));
  }
  if (!plan->arbiters.empty() || columns.empty()) return;
  throw Error(ErrorCode::kInvalidColumnReference,
              "no PRIMARY KEY, UNIQUE constraint or unique index of table " + table->name.spelling +
                  " has just the columns of ON CONFLICT",
              clause.columns[0].position)
      .OnTable(table->name.spelling);
}

// The new values, from the row that is there and from the one that was to come. Through a view both
// have the view's columns.
void Binder::BindConflictUpdate(const ast::InsertStatement& insert, const TablePtr& table,
                                ConflictPlan* plan) {
  const ast::ConflictClause& clause = *insert.conflict;
  const Name& own_name = written_view_ == nullptr ? table->name : written_view_->view->name;
  const Name& own_schema = written_view_ == nullptr ? table->schema : written_view_->view->schema;
  NameRef name = Keep(insert.alias.empty() ? own_name : MakeName(insert.alias));
  NameRef schema = insert.alias.empty() ? Keep(own_schema) : NameRef();
  NameRef excluded = Keep(Name::Exact("EXCLUDED"));
  Scope stored, scope;
  plan->existing = AddTableToScope(table, name, schema, false, &stored);
  CheckNewQualifier(stored, excluded, {}, clause.position);
  plan->excluded = AddTableToScope(table, excluded, NameRef(), true, &stored);
  std::map<ColumnId, ExpressionPtr> computed;
  if (written_view_ == nullptr) {
    scope.columns = std::move(stored.columns);
  } else {
    AddViewToScope(*written_view_, plan->existing, name, schema, false, &scope, &computed);
    AddViewToScope(*written_view_, plan->excluded, excluded, NameRef(), true, &scope, &computed);
  }
  scope.no_aggregates = "in SET";
  for (AssignedColumn& assigned : BindAssignments(clause.assignments, table, &scope)) {
    if (!computed.empty()) SubstituteColumns(&assigned.value, computed);
    plan->target_columns.push_back(assigned.column);
    plan->values.push_back(std::move(assigned.value));
  }
  scope.no_aggregates = "in WHERE";
  if (clause.where == nullptr) return;
  plan->condition = BindCondition(*clause.where, &scope, "WHERE");
  if (!computed.empty()) SubstituteColumns(&plan->condition, computed);
}

std::unique_ptr<ConflictPlan> Binder::BindConflict(const ast::InsertStatement& insert,
                                                   const TablePtr& table) {
  auto plan = std::make_unique<ConflictPlan>();
  plan->updates = insert.conflict->updates;
  plan->replaces = insert.conflict->replaces;
  AddArbiters(*insert.conflict, table, plan.get());
  if (plan->updates) BindConflictUpdate(insert, table, plan.get());
  return plan;
}

}  // namespace tupelo
