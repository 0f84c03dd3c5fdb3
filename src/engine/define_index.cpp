// engine/define_index.cpp: CREATE INDEX and DROP INDEX.
#include <algorithm>

#include "engine/definition_steps.h"
#include "exec/conflict_on.h"
#include "plan/scope.h"

namespace tupelo {

namespace {

// "(a, b) = (1, 2)" of a row that is there.
std::string DescribeKey(const DefinitionContext& context, const TableDefinition& table,
                        const std::vector<IndexedColumn>& columns, RowId row) {
  std::vector<uint16_t> numbers, physical;
  std::vector<Type> types;
  for (const IndexedColumn& column : columns) {
    numbers.push_back(column.column);
    physical.push_back(table.columns[column.column].physical);
    types.push_back(table.columns[column.column].type);
  }
  Chunk key(types);
  for (size_t i = 0; i < types.size(); ++i) key.column(i).PrepareWrite(1);
  table.data->FetchCurrent(context.transaction, row, physical, &key, 0);
  std::string values;
  for (size_t i = 0; i < types.size(); ++i) {
    values += (i == 0 ? "" : ", ") + Value::FromVector(key.column(i), 0).ToString();
  }
  return ListColumns(table, numbers) + " = (" + values + ")";
}

IndexDefinition DefineIndex(const TableDefinition& table, const Name& name,
                            const ast::CreateIndexStatement& statement) {
  IndexDefinition index;
  index.name = name;
  index.is_unique = statement.unique;
  if (statement.columns.size() > kMaxIndexColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                "an index has at most " + std::to_string(kMaxIndexColumns) + " columns, not " +
                    std::to_string(statement.columns.size()),
                statement.columns[kMaxIndexColumns].name.position)
        .OnTable(table.name.spelling);
  }
  std::vector<ast::Identifier> names;
  for (const ast::IndexColumn& column : statement.columns) names.push_back(column.name);
  std::vector<uint16_t> columns = FindColumns(table, names);
  for (size_t i = 0; i < columns.size(); ++i) {
    const ast::IndexColumn& source = statement.columns[i];
    // Where nothing is said nulls count as the greatest, as in ORDER BY.
    bool nulls_first = source.nulls == ast::NullOrder::kUnspecified
                           ? source.descending
                           : source.nulls == ast::NullOrder::kFirst;
    index.columns.push_back({columns[i], source.descending, nulls_first});
  }
  return index;
}

}  // namespace

Index* BuildIndex(const DefinitionContext& context, const TableDefinition& table, const Name& name,
                  const std::vector<IndexedColumn>& columns, bool unique, bool never_null,
                  Position position) {
  std::vector<IndexColumn> stored;
  for (const IndexedColumn& column : columns) {
    stored.push_back(
        {table.columns[column.column].physical, column.descending, column.nulls_first, never_null});
  }
  UniqueOutcome violation;
  Index* index = nullptr;
  try {
    index = table.data->CreateIndex(context.transaction, stored, unique, &violation, context.latch);
  } catch (Error& error) {
    error.AtPosition(position).OnTable(table.name.spelling).OnConstraint(name.spelling);
    throw;
  }
  if (index != nullptr) return index;
  if (violation.kind == UniqueOutcome::kConflict) {
    ThrowConflictOn(table.name.spelling,
                    table.data->BlockersOf(context.transaction, violation.other), position);
  }
  throw Error(ErrorCode::kUniqueViolation,
              "table " + table.name.spelling + " has two rows with " +
                  DescribeKey(context, table, columns, violation.row) +
                  "; they are to be unique by " + name.spelling + ": change or delete one first",
              position)
      .OnTable(table.name.spelling)
      .OnConstraint(name.spelling);
}

void CreateIndex(const DefinitionContext& context, const ast::CreateIndexStatement& statement) {
  TablePtr found = FindTable(context, statement.table);
  Name name = MakeName(statement.index.last());
  if (statement.index.parts.size() > 1 &&
      SchemaOf(context, statement.index).key != found->schema.key) {
    throw Error(ErrorCode::kInvalidTableDefinition,
                "an index is in the schema of its table, which is " + found->schema.spelling +
                    ": " + ToText(statement.index),
                statement.index.position())
        .OnTable(found->name.spelling);
  }
  if (statement.if_not_exists && RelationExists(context, found->schema, name)) return;
  ThrowIfRelationExists(context, found->schema, name, statement.index.last().position);
  LockTable(context, *found, statement.table.position());
  TableDefinition table = *found;
  IndexDefinition index = DefineIndex(table, name, statement);
  index.index = BuildIndex(context, table, name, index.columns, index.is_unique, false,
                           statement.index.last().position);
  table.indexes.push_back(std::move(index));
  context.catalog->PutTable(std::move(table));
}

void DropIndex(const DefinitionContext& context, const ast::DropIndexStatement& statement) {
  for (const ast::QualifiedName& name : statement.indexes) {
    Position position = name.last().position;
    std::pair<TablePtr, const IndexDefinition*> found{nullptr, nullptr};
    try {
      CatalogPtr catalog = context.catalog->current();
      if (name.parts.size() == 1) {
        found = catalog->FindIndex(nullptr, MakeName(name.last()));
      } else {
        Name schema = SchemaOf(context, name);
        found = catalog->FindIndex(&schema, MakeName(name.last()));
      }
    } catch (Error& error) {
      if (statement.if_exists && error.code() == ErrorCode::kInvalidSchemaName) continue;
      error.AtPosition(position);
      throw;
    }
    auto [table, index] = found;
    if (index == nullptr) {
      if (statement.if_exists) continue;
      throw Error(ErrorCode::kUndefinedObject, "index not found: " + ToText(name), position);
    }
    if (index->of_constraint) {
      throw Error(ErrorCode::kDependentObjects,
                  "the index belongs to a constraint of table " + table->name.spelling +
                      "; use ALTER TABLE " + table->name.spelling +
                      " DROP CONSTRAINT: " + index->name.spelling,
                  position)
          .OnTable(table->name.spelling)
          .OnConstraint(index->name.spelling);
    }
    LockTable(context, *table, position);
    table->data->DropIndex(context.transaction, index->index);
    TableDefinition changed = *table;
    std::erase_if(changed.indexes,
                  [&](const IndexDefinition& other) { return other.index == index->index; });
    context.catalog->PutTable(std::move(changed));
  }
}

}  // namespace tupelo
