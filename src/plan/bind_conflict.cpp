// plan/bind_conflict.cpp: ON CONFLICT: which keys it is about, and what is set instead.
#include <algorithm>

#include "plan/binder.h"

namespace tupelo {

namespace {

bool HasColumns(const IndexDefinition& index, const std::vector<uint16_t>& columns) {
  auto has = [&](uint16_t column) {
    return std::ranges::any_of(index.columns,
                               [&](const IndexedColumn& one) { return one.column == column; });
  };
  auto wanted = [&](const IndexedColumn& one) {
    return std::ranges::find(columns, one.column) != columns.end();
  };
  return std::ranges::all_of(columns, has) && std::ranges::all_of(index.columns, wanted);
}

uint16_t IndexOfConstraint(const TableDefinition& table, const ast::Identifier& name) {
  std::string key = MakeKey(name);
  for (bool exact : {true, false}) {
    for (const KeyDefinition& constraint : table.keys) {
      bool same = exact ? constraint.name.key == key : EqualIgnoringCase(constraint.name.key, key);
      if (!same) continue;
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

std::unique_ptr<ConflictPlan> Binder::BindConflict(const ast::InsertStatement& insert,
                                                   const TablePtr& table) {
  const ast::ConflictClause& clause = *insert.conflict;
  auto plan = std::make_unique<ConflictPlan>();
  plan->updates = clause.updates;
  // 1. The keys: those named, or all.
  if (!clause.constraint.empty()) {
    plan->arbiters.push_back(IndexOfConstraint(*table, clause.constraint));
  } else {
    std::vector<uint16_t> columns;
    for (const ast::Identifier& name : clause.columns) {
      columns.push_back(FindTargetColumn(table, name));
    }
    for (size_t i = 0; i < table->indexes.size(); ++i) {
      const IndexDefinition& index = table->indexes[i];
      if (!index.is_unique || (!columns.empty() && !HasColumns(index, columns))) continue;
      plan->arbiters.push_back(static_cast<uint16_t>(i));
    }
    if (plan->arbiters.empty() && !columns.empty()) {
      throw Error(ErrorCode::kInvalidColumnReference,
                  "no PRIMARY KEY, UNIQUE constraint or unique index of table " +
                      table->name.spelling + " has just the columns of ON CONFLICT",
                  clause.columns[0].position)
          .OnTable(table->name.spelling);
    }
  }
  if (!plan->updates) return plan;
  // 2. The new values, from the row that is there and from the one that was to come.
  Scope scope;
  NameRef name = insert.alias.empty() ? NameRef(table->name) : Keep(MakeName(insert.alias));
  plan->existing = AddTableToScope(
      table, name, insert.alias.empty() ? NameRef(table->schema) : NameRef(), false, &scope);
  CheckNewQualifier(scope, Keep(Name::Exact("EXCLUDED")), {}, clause.position);
  plan->excluded = AddTableToScope(table, Keep(Name::Exact("EXCLUDED")), NameRef(), true, &scope);
  scope.no_aggregates = "in SET";
  for (AssignedColumn& assigned : BindAssignments(clause.assignments, table, &scope)) {
    plan->target_columns.push_back(assigned.column);
    plan->values.push_back(std::move(assigned.value));
  }
  scope.no_aggregates = "in WHERE";
  if (clause.where != nullptr) plan->condition = BindCondition(*clause.where, &scope, "WHERE");
  return plan;
}

}  // namespace tupelo
