// engine/truncate.cpp: TRUNCATE TABLE: a new, empty stored table in place of the old one.
//
// Who still sees the older definition goes on reading the old rows; a rollback of the definition
// brings them back. Nothing is done row by row.
#include <algorithm>

#include "engine/definition_steps.h"
#include "txn/scan.h"

namespace tupelo {

namespace {

bool HasTable(const std::vector<TablePtr>& tables, ObjectId id) {
  return std::ranges::any_of(tables, [&](const TablePtr& table) { return table->id == id; });
}

// With CASCADE whoever references one of the tables is emptied too; else nobody outside may.
void AddReferencing(const DefinitionContext& context, bool cascade, Position position,
                    std::vector<TablePtr>* tables) {
  for (size_t i = 0; i < tables->size(); ++i) {
    for (TablePtr& other : context.catalog->current()->Referencing((*tables)[i]->id)) {
      if (HasTable(*tables, other->id)) continue;
      if (cascade) {
        tables->push_back(std::move(other));
        continue;
      }
      throw Error(
          ErrorCode::kFeatureNotSupported,
          "a table that another one references can't be truncated: table " + other->name.spelling +
              " references it; truncate both, or use CASCADE: " + (*tables)[i]->name.spelling,
          position)
          .OnTable((*tables)[i]->name.spelling);
    }
  }
}

void TruncateTable(const DefinitionContext& context, const TableDefinition& old, bool restart,
                   Position position) {
  LockTable(context, old, position);
  KeepTable(context, old);
  if (old.lifetime == TableLifetime::kGlobal && !restart) {
    // The definition, which all share, stays; only this session's rows go.
    return DeleteAllRows(context.transactions, context.transaction, old.data.get());
  }
  TableDefinition table = MakeEmptyCopy(old, context.transactions, context.transaction);
  for (ColumnDefinition& column : table.columns) {
    if (restart && column.identity != nullptr) column.identity = column.identity->CopyOptions();
  }
  context.catalog->PutTable(std::move(table));
}

}  // namespace

TableDefinition MakeEmptyCopy(const TableDefinition& old, TransactionManager* transactions,
                              Transaction* transaction) {
  TableDefinition table = old;
  std::vector<Type> types;
  for (uint32_t i = 0; i < old.data->column_count(); ++i) types.push_back(old.data->column_type(i));
  table.data = std::make_shared<Table>(transactions, types);
  transaction->OnRollback([data = table.data] {});
  if (!old.is_temporary()) table.data->Store(transaction, NextObjectId());
  for (IndexDefinition& index : table.indexes) {
    UniqueOutcome violation;
    Index* empty = table.data->CreateIndex(transaction, index.index->columns(),
                                           index.index->is_unique(), &violation);
    for (KeyDefinition& key : table.keys) {
      if (key.index == index.index) key.index = empty;
    }
    index.index = empty;
  }
  return table;
}

void DeleteAllRows(TransactionManager* transactions, Transaction* transaction, Table* table) {
  transactions->NextStatement(transaction);
  ReadView view = transaction->View();
  if (table->Count(view) == 0) return;
  TableScan scan;
  Chunk chunk;
  auto ids = std::make_unique<RowIds>();
  auto rows = std::make_unique<RowId[]>(kVectorSize);
  scan.Open(table, view, {});
  while (scan.Next(&chunk, ids.get())) {
    uint32_t count = 0;
    ForEachRow(chunk.rows(), [&](uint32_t row) { rows[count++] = ids->ids[row]; });
    if (count != 0) table->DeleteRows(transaction, rows.get(), count);
  }
}

void Truncate(const DefinitionContext& context, const ast::TruncateStatement& statement) {
  std::vector<TablePtr> tables;
  for (const ast::QualifiedName& name : statement.tables) {
    TablePtr table = FindTable(context, name);
    if (!HasTable(tables, table->id)) tables.push_back(std::move(table));
  }
  Position position = statement.tables.front().position();
  AddReferencing(context, statement.behavior == ast::DropBehavior::kCascade, position, &tables);
  for (const TablePtr& table : tables) {
    TruncateTable(context, *table, statement.restart_identity, position);
  }
}

}  // namespace tupelo
