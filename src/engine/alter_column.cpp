// engine/alter_column.cpp: NOT NULL and the type of a column whose table has rows.
#include <algorithm>

#include "engine/definition_steps.h"
#include "engine/existing_rows.h"
#include "plan/binder.h"

namespace tupelo {

void SetNotNull(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                Position position) {
  if (table->columns[column].not_null) return;
  CheckRowsNotNull(context, *table, column, position);
  table->columns[column].not_null = true;
}

void DropNotNull(TableDefinition* table, uint16_t column, Position position) {
  ColumnDefinition& target = table->columns[column];
  const KeyDefinition* primary = table->PrimaryKey();
  bool in_key = primary != nullptr && Contains(primary->columns, column);
  if (in_key || target.identity != nullptr) {
    throw Error(ErrorCode::kInvalidTableDefinition,
                std::string(in_key ? "a column of the primary key" : "an identity column") +
                    " is never null, its NOT NULL can't be dropped: " + target.name.spelling,
                position)
        .OnTable(table->name.spelling)
        .OnColumn(target.name.spelling);
  }
  std::erase_if(table->checks, [&](const CheckDefinition& check) {
    return check.sql == NamedNotNullCondition(target);
  });
  target.not_null = false;
}

namespace {

// The value of the column in its new type, by the rules of assignment.
ExpressionPtr Converted(const TableDefinition& table, uint16_t column, const Type& type,
                        Position position) {
  const ColumnDefinition& target = table.columns[column];
  BoundFunction cast;
  bool exists = ResolveCast(target.type, type, CastKind::kAssignment, &cast);
  if (!exists || (target.type.is_character() && !type.is_character())) {
    throw Error(ErrorCode::kDatatypeMismatch,
                "values of type " + target.type.ToString() + " can't be stored as " +
                    type.ToString() +
                    "; add a new column and fill it with CAST instead: " + target.name.spelling,
                position)
        .OnTable(table.name.spelling)
        .OnColumn(target.name.spelling);
  }
  ExpressionPtr value = MakeColumn(column, target.type, position);
  if (cast.kernel == nullptr) return value;
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(value));
  cast.result = type;
  ExpressionPtr call = MakeCall(std::move(cast), std::move(arguments), position);
  call->assigned_table = std::make_shared<const TableDefinition>(table);
  call->assigned_column = column;
  return call;
}

// Gives errors about stored text the place in the statement that they come from.
template <typename Step>
void RunAt(Position position, Step&& step) {
  try {
    step();
  } catch (const Error& error) {
    throw Error(error.code(), error.message(), position)
        .OnTable(error.table_name())
        .OnColumn(error.column_name())
        .OnConstraint(error.constraint_name());
  }
}

bool HasColumn(const IndexDefinition& index, uint16_t column) {
  return std::ranges::any_of(index.columns,
                             [&](const IndexedColumn& one) { return one.column == column; });
}

void RebuildIndexes(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                    Position position) {
  for (IndexDefinition& index : table->indexes) {
    if (!HasColumn(index, column)) continue;
    Index* old = index.index;
    index.index =
        BuildIndex(context, *table, index.name, index.columns, old->is_unique(), false, position);
    table->data->DropIndex(context.transaction, old);
    for (KeyDefinition& key : table->keys) {
      if (key.index == old) key.index = index.index;
    }
  }
}

// What was true of the column's values must be true of what became of them.
void RecheckConstraints(const DefinitionContext& context, const TableDefinition& table,
                        uint16_t column, Position position) {
  for (const CheckDefinition& check : table.checks) {
    if (!Contains(check.columns, column)) continue;
    RunAt(position, [&] { CheckRowsAgainst(context, table, check, position); });
  }
  CatalogPtr catalog = context.catalog->current();
  for (const ForeignKeyDefinition& key : table.foreign_keys) {
    bool referenced = key.referenced_table == table.id && Contains(key.referenced_columns, column);
    if (!Contains(key.columns, column) && !referenced) continue;
    TablePtr target = catalog->TableById(key.referenced_table);
    LockTable(context, *target, position);
    CheckForeignKeyTypes(table, key, *target, position);
    CheckRowsReference(context, table, key, position);
  }
  for (const TablePtr& other : catalog->Referencing(table.id)) {
    if (other->id == table.id) continue;
    for (const ForeignKeyDefinition& key : other->foreign_keys) {
      if (key.referenced_table != table.id || !Contains(key.referenced_columns, column)) continue;
      LockTable(context, *other, position);
      CheckForeignKeyTypes(*other, key, table, position);
      CheckRowsReference(context, *other, key, position);
      TouchTable(context, other->id);
    }
  }
}

}  // namespace

void SetColumnType(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                   const ast::TypeName& name) {
  Position position = name.position;
  Type type = Binder::BindType(name), before = table->columns[column].type;
  if (type == before) return;
  for (const ViewPtr& view : context.catalog->current()->ViewsUsing(table->id)) {
    if (!view->Uses(table->id, table->columns[column].physical)) continue;
    throw Error(ErrorCode::kFeatureNotSupported,
                "changing the type of a column that a view uses is not supported; drop the view "
                "first: " +
                    view->name.spelling,
                position)
        .OnTable(table->name.spelling)
        .OnColumn(table->columns[column].name.spelling);
  }
  ThrowIfTypeIsNeeded(*table, column, position);
  // 1. A new stored column with the converted values.
  ExpressionPtr value = Converted(*table, column, type, position);
  uint16_t old_physical = table->columns[column].physical;
  uint16_t physical = AddStoredColumn(context, *table, type, Value::Null(type), position);
  FillRows(context, *table, physical, *value, position);
  // 2. The definition goes over to it.
  ColumnDefinition& target = table->columns[column];
  target.type = type;
  target.physical = physical;
  if (target.identity != nullptr) {
    target.identity = RetypeIdentity(*target.identity, before, target, position);
  }
  RunAt(position, [&] { CheckDefault(context, *table, column); });
  RebuildIndexes(context, table, column, position);
  table->data->DropColumn(context.transaction, old_physical);
  // 3. Constraints; those of other tables look this one up in the catalog.
  context.catalog->PutTable(*table);
  RecheckConstraints(context, *table, column, position);
}

}  // namespace tupelo
