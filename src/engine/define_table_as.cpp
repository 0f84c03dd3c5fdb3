// engine/define_table_as.cpp: CREATE TABLE ... AS query: the columns and the rows of a query.
#include "engine/definition_steps.h"
#include "plan/binder.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

ColumnDefinition DefineResultColumn(const OutputColumn& source, const ast::Identifier* name,
                                    Position position) {
  ColumnDefinition column;
  column.name = name != nullptr ? MakeName(*name) : *source.name;
  column.type = source.type;
  if (column.type.id == TypeId::kNull) {
    throw Error(ErrorCode::kIndeterminateType,
                "the column of the query has no type, as it is NULL alone; use CAST: " +
                    column.name.spelling,
                position)
        .OnColumn(column.name.spelling);
  }
  return column;
}

void DefineResultColumns(const ast::CreateTableStatement& statement, const PlanNode& query,
                         TableDefinition* table) {
  size_t count = query.output.size();
  if (!statement.names.empty() && statement.names.size() != count) {
    throw Error(ErrorCode::kSyntaxError,
                "the query has " + std::to_string(count) +
                    " columns, but the table's list of names has " +
                    std::to_string(statement.names.size()) + ": " + table->name.spelling,
                statement.names[0].position);
  }
  if (count > kMaxColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                "a table has at most " + std::to_string(kMaxColumns) + " columns, not " +
                    std::to_string(count) + ": " + table->name.spelling,
                statement.query->position)
        .OnTable(table->name.spelling);
  }
  for (size_t i = 0; i < count; ++i) {
    const ast::Identifier* name = statement.names.empty() ? nullptr : &statement.names[i];
    Position position = name == nullptr ? statement.query->position : name->position;
    ColumnDefinition column = DefineResultColumn(query.output[i], name, position);
    ThrowIfColumnTwice(*table, column.name, position);
    column.physical = static_cast<uint16_t>(i);
    table->columns.push_back(std::move(column));
  }
}

}  // namespace

void CreateTableAs(const DefinitionContext& context, const ast::CreateTableStatement& statement,
                   TableDefinition table) {
  // The query is bound before the table is there: its names mean what they meant.
  CatalogPtr catalog = context.catalog->current();
  Binder binder(*catalog, context.parameter_types);
  PlanPtr query = binder.BindRows(*statement.query);
  DefineResultColumns(statement, *query, &table);
  std::vector<Type> types;
  for (const ColumnDefinition& column : table.columns) types.push_back(column.type);
  MakeStoredTable(context, types, &table);
  TablePtr made = context.catalog->PutTable(std::move(table));
  if (!statement.with_data) return;
  auto plan = std::make_shared<Plan>(binder.BindFilling(made, std::move(query)));
  Optimize(plan.get());
  context.run_write(std::move(plan));
}

}  // namespace tupelo
