// engine/alter_table.cpp: ALTER TABLE, one action a statement.
#include "engine/definition_steps.h"
#include "engine/existing_rows.h"
#include "plan/scope.h"

namespace tupelo {

uint16_t AddStoredColumn(const DefinitionContext& context, const TableDefinition& table,
                         const Type& type, const Value& value, Position position) {
  if (table.data->column_count() >= UINT16_MAX) {
    throw Error(
        ErrorCode::kTooManyColumns,
        "columns were added to the table too often; copy it to a new one: " + table.name.spelling,
        position)
        .OnTable(table.name.spelling);
  }
  return table.data->AddColumn(context.transaction, type, value);
}

namespace {

void ThrowIfColumnExists(const TableDefinition& table, const Name& name, Position position,
                         const ColumnDefinition* except = nullptr) {
  for (const ColumnDefinition& column : table.columns) {
    if (&column == except || column.name.key != name.key) continue;
    throw Error(ErrorCode::kDuplicateColumn,
                "table " + table.name.spelling +
                    " has a column of that name already; choose another: " + name.spelling,
                position)
        .OnTable(table.name.spelling)
        .OnColumn(name.spelling);
  }
}

void AddColumn(const DefinitionContext& context, TableDefinition* table,
               const ast::ColumnDefinition& source) {
  ColumnDefinition added = DefineColumn(source);
  ThrowIfColumnExists(*table, added.name, source.position);
  if (table->columns.size() >= kMaxColumns) {
    throw Error(
        ErrorCode::kTooManyColumns,
        "a table has at most " + std::to_string(kMaxColumns) + " columns: " + table->name.spelling,
        source.position)
        .OnTable(table->name.spelling);
  }
  added.not_null = false;  // the constraint sets it, and looks at the rows
  auto column = static_cast<uint16_t>(table->columns.size());
  table->columns.push_back(std::move(added));
  if (source.default_value != nullptr) DefineDefault(context, table, column, *source.default_value);
  if (source.generated != nullptr) {
    DefineGenerated(context, table, column, *source.generated);
    CheckGenerated(*table, source.position);
  }
  bool is_identity = source.identity != ast::IdentityKind::kNone;
  if (is_identity) DefineIdentity(table, column, source);
  bool takes_numbers = !table->columns[column].default_sequences.empty();  // one for each row
  Value value = takes_numbers ? Value::Null(table->columns[column].type)
                              : EvaluateDefault(context, *table, column);
  Type type = table->columns[column].type;
  table->columns[column].physical = AddStoredColumn(context, *table, type, value, source.position);
  if (is_identity) {
    BoundExpression next(BoundKind::kNextIdentity, type, source.position);
    next.assigned_table = std::make_shared<const TableDefinition>(*table);
    next.assigned_column = column;
    FillRows(context, *table, table->columns[column].physical, next, source.position);
  }
  if (source.generated != nullptr) {
    FillRows(context, *table, table->columns[column].physical,
             *BindGeneratedOf(context, *table, column), source.position);
  }
  if (takes_numbers) {
    FillRows(context, *table, table->columns[column].physical,
             *BindDefaultOf(context, *table, column), source.position);
  }
  for (const ast::Constraint& constraint : source.constraints) {
    if (constraint.kind != ast::ConstraintKind::kForeignKey) {
      AddConstraint(context, table, constraint, column, false);
    }
  }
  for (const ast::Constraint& constraint : source.constraints) {
    if (constraint.kind != ast::ConstraintKind::kForeignKey) continue;
    AddForeignKey(context, table, constraint, column);
  }
}

void RenameTable(const DefinitionContext& context, TableDefinition* table,
                 const ast::Identifier& new_name) {
  Name name = MakeName(new_name);
  if (name.key != table->name.key) {
    ThrowIfRelationExists(context, table->schema, name, new_name.position);
  }
  table->name = name;
}

void RenameColumn(TableDefinition* table, const ast::Identifier& old_name,
                  const ast::Identifier& new_name) {
  uint16_t column = FindColumn(*table, old_name);
  ColumnDefinition& target = table->columns[column];
  Name name = MakeName(new_name);
  ThrowIfColumnExists(*table, name, new_name.position, &target);
  for (CheckDefinition& check : table->checks) {
    if (Contains(check.columns, column)) {
      check.sql = RenameInCondition(check.sql, target.name.key, name.key);
    }
  }
  for (ColumnDefinition& other : table->columns) {
    if (Contains(other.generated_from, column)) {
      other.generated_sql = RenameInCondition(other.generated_sql, target.name.key, name.key);
    }
  }
  target.name = name;
}

// Numbers of its own, so that a rollback finds the old ones.
void RestartIdentity(TableDefinition* table, uint16_t column, const ast::SignedInteger& with,
                     Position position) {
  ColumnDefinition& target = table->columns[column];
  if (target.identity == nullptr) {
    throw Error(ErrorCode::kInvalidTableDefinition,
                "RESTART is for identity columns, which this one is not: " + target.name.spelling,
                position)
        .OnTable(table->name.spelling)
        .OnColumn(target.name.spelling);
  }
  ast::IdentityOptions options;
  options.restart = true;
  options.restart_with = with;
  NumberOwner owner{"identity column " + target.name.spelling, position, target.name.spelling};
  target.identity = MakeNumbers(options, target.type, owner, target.identity.get());
}

void AddTableConstraint(const DefinitionContext& context, TableDefinition* table,
                        const ast::Constraint& constraint) {
  if (constraint.kind == ast::ConstraintKind::kForeignKey) {
    AddForeignKey(context, table, constraint, -1);
  } else {
    AddConstraint(context, table, constraint, -1, false);
  }
}

}  // namespace

void AlterTable(const DefinitionContext& context, const ast::AlterTableStatement& statement) {
  using Action = ast::AlterTableAction;
  TablePtr found = FindTable(context, statement.table);
  LockTable(context, *found, statement.table.position());
  TableDefinition table = *found;
  bool cascade = statement.behavior == ast::DropBehavior::kCascade;
  Position position = statement.name.position;
  auto column = [&] { return FindColumn(table, statement.name); };
  switch (statement.action) {
    case Action::kAddColumn: AddColumn(context, &table, *statement.column); break;
    case Action::kDropColumn: DropColumn(context, &table, column(), cascade, position); break;
    case Action::kSetDefault:
      ThrowIfGenerated(table, column(), "DEFAULT", position);
      DefineDefault(context, &table, column(), *statement.default_value);
      break;
    case Action::kDropDefault:
      ThrowIfGenerated(table, column(), "DEFAULT", position);
      table.columns[column()].default_sql.clear();
      table.columns[column()].default_sequences.clear();
      break;
    case Action::kSetNotNull: SetNotNull(context, &table, column(), position); break;
    case Action::kDropNotNull: DropNotNull(&table, column(), position); break;
    case Action::kRestart:
      RestartIdentity(&table, column(), statement.restart_with, position);
      break;
    case Action::kSetType: SetColumnType(context, &table, column(), statement.type); break;
    case Action::kAddConstraint: AddTableConstraint(context, &table, *statement.constraint); break;
    case Action::kDropConstraint: DropConstraint(context, &table, statement.name, cascade); break;
    case Action::kRenameTable: RenameTable(context, &table, statement.new_name); break;
    case Action::kRenameColumn: RenameColumn(&table, statement.name, statement.new_name); break;
  }
  context.catalog->PutTable(std::move(table));
}

}  // namespace tupelo
