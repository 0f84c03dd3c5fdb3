// engine/define_table.cpp: CREATE TABLE.
#include "engine/definition_steps.h"
#include "plan/scope.h"

namespace tupelo {

namespace {

void DefineColumns(const DefinitionContext& context, const ast::CreateTableStatement& statement,
                   TableDefinition* table) {
  if (statement.columns.size() > kMaxColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                "a table has at most " + std::to_string(kMaxColumns) + " columns, not " +
                    std::to_string(statement.columns.size()) + ": " + table->name.spelling,
                statement.columns[kMaxColumns].position)
        .OnTable(table->name.spelling);
  }
  for (const ast::ColumnDefinition& source : statement.columns) {
    ColumnDefinition column = DefineColumn(source);
    for (const ColumnDefinition& other : table->columns) {
      if (other.name.key != column.name.key) continue;
      throw Error(ErrorCode::kDuplicateColumn,
                  "two columns have the same name; rename one: " + column.name.spelling,
                  source.position)
          .OnTable(table->name.spelling)
          .OnColumn(column.name.spelling);
    }
    column.physical = static_cast<uint16_t>(table->columns.size());
    table->columns.push_back(std::move(column));
  }
  for (uint16_t i = 0; i < table->columns.size(); ++i) {
    const ast::ColumnDefinition& source = statement.columns[i];
    if (source.identity != ast::IdentityKind::kNone) DefineIdentity(table, i, source);
    if (source.default_value != nullptr) DefineDefault(context, table, i, *source.default_value);
    if (source.generated != nullptr) DefineGenerated(context, table, i, *source.generated);
  }
  CheckGenerated(*table, statement.table.position());
}

// Calls `add` for every constraint, with the number of its column or -1.
template <typename Add>
void ForEachConstraint(const ast::CreateTableStatement& statement, Add&& add) {
  for (size_t i = 0; i < statement.columns.size(); ++i) {
    for (const ast::Constraint& constraint : statement.columns[i].constraints) {
      add(constraint, static_cast<int>(i));
    }
  }
  for (const ast::Constraint& constraint : statement.constraints) add(constraint, -1);
}

}  // namespace

void CreateTable(const DefinitionContext& context, const ast::CreateTableStatement& statement) {
  TableDefinition table;
  table.schema = SchemaOf(context, statement.table);
  table.name = MakeName(statement.table.last());
  if (statement.if_not_exists && RelationExists(context, table.schema, table.name)) return;
  ThrowIfRelationExists(context, table.schema, table.name, statement.table.last().position);
  table.id = Catalog::NextId();
  DefineColumns(context, statement, &table);

  std::vector<Type> types;
  for (const ColumnDefinition& column : table.columns) types.push_back(column.type);
  table.data = std::make_shared<Table>(context.transactions, types);
  KeepTable(context, table);

  // Keys first: a foreign key may reference one of them.
  bool has_foreign_keys = false;
  ForEachConstraint(statement, [&](const ast::Constraint& constraint, int column) {
    if (constraint.kind == ast::ConstraintKind::kForeignKey) {
      has_foreign_keys = true;
    } else {
      AddConstraint(context, &table, constraint, column, true);
    }
  });
  context.catalog->PutTable(table);
  if (!has_foreign_keys) return;
  ForEachConstraint(statement, [&](const ast::Constraint& constraint, int column) {
    if (constraint.kind == ast::ConstraintKind::kForeignKey) {
      AddForeignKey(context, &table, constraint, column);
    }
  });
  context.catalog->PutTable(std::move(table));
}

}  // namespace tupelo
