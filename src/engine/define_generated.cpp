// engine/define_generated.cpp: GENERATED ALWAYS AS (...), and what depends on its columns.
#include "base/arena.h"
#include "engine/definition_steps.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

namespace {

[[noreturn]] void ThrowGenerated(ErrorCode code, const std::string& message,
                                 const TableDefinition& table, const ColumnDefinition& column,
                                 Position position) {
  throw Error(code, message + ": " + column.name.spelling, position)
      .OnTable(table.name.spelling)
      .OnColumn(column.name.spelling);
}

}  // namespace

void DefineGenerated(const DefinitionContext& context, TableDefinition* table, uint16_t column,
                     const ast::Expression& value) {
  ThrowUnlessStorable(value, "a generated column", true);
  std::vector<uint16_t> from;
  std::string sql = CanonicalCondition(*table, value, &from);
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  try {
    Binder(*catalog, no_parameters)
        .BindGenerated(std::make_shared<const TableDefinition>(*table), column, value);
  } catch (Error& error) {
    error.AtPosition(value.position);
    throw;
  }
  ColumnDefinition& target = table->columns[column];
  target.generated_sql = std::move(sql);
  target.generated_from = std::move(from);
}

void CheckGenerated(const TableDefinition& table, Position position) {
  for (const ColumnDefinition& column : table.columns) {
    for (uint16_t from : column.generated_from) {
      if (!table.columns[from].is_generated()) continue;
      ThrowGenerated(ErrorCode::kInvalidObjectDefinition,
                     "a column can't be generated from a generated column, " +
                         table.columns[from].name.spelling,
                     table, column, position);
    }
  }
}

ExpressionPtr BindGeneratedOf(const DefinitionContext& context, const TableDefinition& table,
                              uint16_t column) {
  CatalogPtr catalog = context.catalog->current();
  std::vector<Type> no_parameters;
  Arena arena;
  return Binder(*catalog, no_parameters)
      .BindGenerated(std::make_shared<const TableDefinition>(table), column,
                     *ParseExpression(table.columns[column].generated_sql, arena));
}

void ThrowIfGenerated(const TableDefinition& table, uint16_t column, const char* what,
                      Position position) {
  if (!table.columns[column].is_generated()) return;
  ThrowGenerated(ErrorCode::kSyntaxError, std::string("a generated column has no ") + what, table,
                 table.columns[column], position);
}

void ThrowIfTypeIsNeeded(const TableDefinition& table, uint16_t column, Position position) {
  for (const ColumnDefinition& other : table.columns) {
    if (!Contains(other.generated_from, column)) continue;
    ThrowGenerated(ErrorCode::kFeatureNotSupported,
                   "changing the type of a column from which " + other.name.spelling +
                       " is generated is not supported",
                   table, table.columns[column], position);
  }
  if (!table.columns[column].is_generated()) return;
  ThrowGenerated(ErrorCode::kFeatureNotSupported,
                 "changing the type of a generated column is not supported", table,
                 table.columns[column], position);
}

void DropGeneratedFrom(const DefinitionContext& context, TableDefinition* table,
                       std::string_view key, bool cascade, Position position) {
  for (size_t i = 0; i < table->columns.size();) {
    std::optional<uint16_t> column = table->FindColumn(key);
    const ColumnDefinition& other = table->columns[i];
    if (!Contains(other.generated_from, *column)) {
      ++i;
      continue;
    }
    if (!cascade) {
      ThrowGenerated(
          ErrorCode::kDependentObjects,
          "column " + other.name.spelling + " is generated from it; use CASCADE to drop that too",
          *table, table->columns[*column], position);
    }
    DropColumn(context, table, static_cast<uint16_t>(i), cascade, position);
    i = 0;
  }
}

}  // namespace tupelo
