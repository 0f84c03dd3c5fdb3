// engine/set_constraints.cpp: when constraints are checked: SET CONSTRAINTS (SQL:1999 part 2,
// 14.2), and what is left to COMMIT.
#include "base/interruption_scope.h"
#include "base/work_memory.h"
#include "engine/definition_steps.h"
#include "engine/session.h"
#include "plan/scope.h"
#include "txn/conflict.h"

namespace tupelo {

namespace {

struct FoundConstraint {
  TablePtr table;
  const Name* name;
  Deferral deferral;
};

std::vector<FoundConstraint> ConstraintsOf(const CatalogSnapshot& catalog, const Name& schema) {
  std::vector<FoundConstraint> found;
  for (const TablePtr& table : catalog.TablesOf(schema)) {
    for (const KeyDefinition& key : table->keys) found.push_back({table, &key.name, key.deferral});
    for (const CheckDefinition& check : table->checks) {
      found.push_back({table, &check.name, Deferral::kNotDeferrable});
    }
    for (const ForeignKeyDefinition& key : table->foreign_keys) {
      found.push_back({table, &key.name, key.deferral});
    }
  }
  return found;
}

// In the schema that the name says; else among the session's temporary tables, then in the default
// schema.
FoundConstraint FindConstraint(const CatalogPtr& catalog, const ast::QualifiedName& name) {
  CatalogChange unchanged(catalog);
  DefinitionContext context{&unchanged};
  std::vector<Name> schemas;
  if (name.parts.size() == 1 && !catalog->temporary_schema().empty()) {
    schemas.push_back(catalog->temporary_schema());
  }
  schemas.push_back(SchemaOf(context, name));
  Position position = name.last().position;
  for (const Name& schema : schemas) {
    std::vector<FoundConstraint> all = ConstraintsOf(*catalog, schema);
    size_t found = FindName(MakeKey(name.last()), all.size(),
                            [&](size_t i) -> std::string_view { return all[i].name->key; });
    if (found == kNameNotFound) continue;
    if (found == kNameAmbiguous) {
      throw Error(
          ErrorCode::kAmbiguousColumn,
          "constraint name matches more than one without regard to case; quote it: " + ToText(name),
          position);
    }
    if (all[found].deferral != Deferral::kNotDeferrable) return all[found];
    throw Error(ErrorCode::kWrongObjectType,
                "SET CONSTRAINTS is for constraints that are DEFERRABLE, which this one of table " +
                    all[found].table->name.spelling + " is not: " + all[found].name->spelling,
                position)
        .OnTable(all[found].table->name.spelling)
        .OnConstraint(all[found].name->spelling);
  }
  throw Error(ErrorCode::kUndefinedObject, "constraint not found: " + ToText(name), position);
}

}  // namespace

void SessionState::SetConstraints(const ast::SetConstraintsStatement& statement) {
  ConflictWait wait;
  for (;;) {
    try {
      return TrySetConstraints(statement);
    } catch (const ConflictError& conflict) {
      if (!WaitFor(conflict, &wait)) throw;
    }
  }
}

// 1. All names are looked up. 2. What is IMMEDIATE from now on is checked. 3. Nothing can fail any
// more: modes change, and what was checked is forgotten, unless going back to a savepoint would
// undo that it is as it was found. Where the statement is a transaction of its own, the modes end
// with it.
void SessionState::TrySetConstraints(const ast::SetConstraintsStatement& statement) {
  try {
    BeginStatement();
    CatalogPtr catalog = CatalogNow();
    Interruption interruption;
    BeginInterruption(&interruption);
    InterruptionScope scope(&interruption);
    std::vector<FoundConstraint> named;
    for (const ast::QualifiedName& name : statement.names) {
      named.push_back(FindConstraint(catalog, name));
    }
    const bool is_all = statement.names.empty(), forgets = savepoints_.empty();
    if (!statement.deferred) {
      if (is_all) deferred_.CheckAll(transaction_, *catalog);
      for (const FoundConstraint& one : named) {
        deferred_.Check(one.table->id, *one.name, transaction_, *catalog);
      }
    }
    ConstraintModes modes = deferred_.modes();
    if (is_all) modes.SetAll(statement.deferred);
    for (const FoundConstraint& one : named) {
      modes.Set(one.table->id, *one.name, statement.deferred);
    }
    deferred_.SetModes(std::move(modes));
    if (!statement.deferred && forgets) {
      if (is_all) deferred_.ForgetAll();
      for (const FoundConstraint& one : named) deferred_.Forget(one.table->id, *one.name);
    }
  } catch (...) {
    EndStatement(false);
    throw;
  }
  EndStatement(true);
}

// Of a transaction that is about to commit. From the first check to the commit nobody else may
// change anything: after waiting for somebody all is checked again.
void SessionState::CheckDeferred() {
  ConflictWait wait;
  for (;;) {
    try {
      RenewSnapshot();
      Interruption interruption;
      BeginInterruption(&interruption);
      InterruptionScope scope(&interruption);
      WorkMemoryScope memory(&state_->transactions.work_memory());
      return deferred_.CheckAll(transaction_, *CatalogNow());
    } catch (const ConflictError& conflict) {
      if (!WaitFor(conflict, &wait)) throw;
    }
  }
}

}  // namespace tupelo
