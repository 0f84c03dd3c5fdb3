// engine/drop_table.cpp: DROP TABLE, and the foreign keys that end with it.
#include <algorithm>

#include "engine/definition_steps.h"

namespace tupelo {

namespace {

bool ContainsTable(const std::vector<TablePtr>& tables, ObjectId id) {
  return std::ranges::any_of(tables, [&](const TablePtr& table) { return table->id == id; });
}

// nullptr: there is none, and that is allowed.
TablePtr FindTableIf(const DefinitionContext& context, const ast::QualifiedName& name,
                     bool if_exists) {
  try {
    return FindTable(context, name);
  } catch (const Error& error) {
    bool missing =
        error.code() == ErrorCode::kUndefinedTable || error.code() == ErrorCode::kInvalidSchemaName;
    if (!if_exists || !missing) throw;
    return nullptr;
  }
}

}  // namespace

void DropTables(const DefinitionContext& context, const std::vector<TablePtr>& tables, bool cascade,
                Position position) {
  for (const TablePtr& table : tables) {
    LockTable(context, *table, position);
    TableDefinition rest = *table;
    rest.foreign_keys.clear();
    DropForeignKeysTo(context, &rest, cascade, "table " + table->name.spelling, position,
                      [&](const TableDefinition& referencing, const ForeignKeyDefinition&) {
                        return !ContainsTable(tables, referencing.id);
                      });
  }
  for (const TablePtr& table : tables) {
    DropDependentViews(context, context.catalog->current()->ViewsUsing(table->id), cascade,
                       "table " + table->name.spelling, position);
    KeepTable(context, *table);
    context.catalog->DropTable(table->id);
  }
  for (const TablePtr& table : tables) {
    for (const ForeignKeyDefinition& key : table->foreign_keys) {
      TouchTable(context, key.referenced_table);
    }
  }
}

void DropTable(const DefinitionContext& context, const ast::DropTableStatement& statement) {
  std::vector<TablePtr> tables;
  for (const ast::QualifiedName& name : statement.tables) {
    TablePtr table = FindTableIf(context, name, statement.if_exists);
    if (table != nullptr && !ContainsTable(tables, table->id)) tables.push_back(std::move(table));
  }
  DropTables(context, tables, statement.behavior == ast::DropBehavior::kCascade,
             statement.tables.front().position());
}

}  // namespace tupelo
