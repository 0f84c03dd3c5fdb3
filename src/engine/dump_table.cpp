// engine/dump_table.cpp: tables with their columns and constraints, indexes, foreign keys.
#include <algorithm>

#include "engine/dump.h"

namespace tupelo {

namespace {

// Of several columns that take the same number of a sequence NEXT VALUE FOR alone says so.
bool SharesNumbers(const TableDefinition& table, const ColumnDefinition& column) {
  auto takes = [](const ColumnDefinition& one, ObjectId sequence) {
    return std::ranges::find(one.default_sequences, sequence) != one.default_sequences.end();
  };
  return std::ranges::any_of(column.default_sequences, [&](ObjectId sequence) {
    return std::ranges::count_if(table.columns, [&](const ColumnDefinition& one) {
             return takes(one, sequence);
           }) > 1;
  });
}

std::string ColumnText(const TableDefinition& table, const ColumnDefinition& column,
                       const DumpNames& names) {
  std::string text = names.Of(column.name) + " " + DumpType(column.type);
  if (!column.default_sql.empty()) {
    text += " DEFAULT " + names.Expression(column.default_sql, !SharesNumbers(table, column));
  }
  if (column.is_generated()) {
    text += " GENERATED ALWAYS AS (" + names.Expression(column.generated_sql, true) + ") STORED";
  }
  if (column.identity != nullptr) text += " " + IdentityClause(*column.identity, column.type);
  return column.not_null ? text + " NOT NULL" : text;
}

std::string ColumnList(const TableDefinition& table, const std::vector<uint16_t>& columns,
                       const DumpNames& names) {
  std::string text;
  for (uint16_t column : columns) {
    text += (text.empty() ? "" : ", ") + names.Of(table.columns[column].name);
  }
  return "(" + text + ")";
}

std::string ActionText(const char* event, ReferentialAction action) {
  static constexpr const char* kActions[] = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL",
                                             "SET DEFAULT"};
  if (action == ReferentialAction::kNoAction) return "";
  return std::string(" ON ") + event + " " + kActions[static_cast<int>(action)];
}

std::string DeferralText(Deferral deferral) {
  switch (deferral) {
    case Deferral::kNotDeferrable: break;
    case Deferral::kInitiallyImmediate: return " DEFERRABLE";
    case Deferral::kInitiallyDeferred: return " DEFERRABLE INITIALLY DEFERRED";
  }
  return "";
}

}  // namespace

std::string CreateTableText(const TableDefinition& table, const DumpNames& names) {
  bool is_global = table.lifetime == TableLifetime::kGlobal;
  std::string text = is_global ? "CREATE GLOBAL TEMPORARY TABLE " : "CREATE TABLE ";
  text += names.Qualified(table.schema, table.name) + " (";
  const char* separator = "\n    ";
  auto add = [&](const std::string& element) {
    text += separator + element;
    separator = ",\n    ";
  };
  for (const ColumnDefinition& column : table.columns) add(ColumnText(table, column, names));
  for (const KeyDefinition& key : table.keys) {
    add("CONSTRAINT " + names.Of(key.name) + (key.is_primary ? " PRIMARY KEY " : " UNIQUE ") +
        ColumnList(table, key.columns, names) + DeferralText(key.deferral));
  }
  for (const CheckDefinition& check : table.checks) {
    add("CONSTRAINT " + names.Of(check.name) + " CHECK (" + names.Expression(check.sql, true) +
        ")");
  }
  text += "\n)";
  if (!is_global) return text;
  return text + (table.on_commit == CommitAction::kPreserveRows ? " ON COMMIT PRESERVE ROWS"
                                                                : " ON COMMIT DELETE ROWS");
}

void DumpForeignKeys(const TableDefinition& table, const CatalogSnapshot& catalog,
                     const DumpNames& names, DatabaseDump* dump) {
  for (const ForeignKeyDefinition& key : table.foreign_keys) {
    TablePtr referenced = catalog.TableById(key.referenced_table);
    dump->after.push_back(
        "ALTER TABLE " + names.Qualified(table.schema, table.name) + " ADD CONSTRAINT " +
        names.Of(key.name) + " FOREIGN KEY " + ColumnList(table, key.columns, names) +
        " REFERENCES " + names.Qualified(referenced->schema, referenced->name) + " " +
        ColumnList(*referenced, key.referenced_columns, names) +
        (key.match_full ? " MATCH FULL" : "") + ActionText("DELETE", key.on_delete) +
        ActionText("UPDATE", key.on_update) + DeferralText(key.deferral));
  }
}

void DumpIndexes(const TableDefinition& table, const DumpNames& names, DatabaseDump* dump) {
  for (const IndexDefinition& index : table.indexes) {
    if (index.of_constraint) continue;
    std::string columns;
    for (const IndexedColumn& column : index.columns) {
      columns += (columns.empty() ? "" : ", ") + names.Of(table.columns[column.column].name);
      if (column.descending) columns += " DESC";
      // Left out, nulls are greater than all values.
      if (column.nulls_first != column.descending) {
        columns += column.nulls_first ? " NULLS FIRST" : " NULLS LAST";
      }
    }
    dump->after.push_back((index.is_unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") +
                          names.Of(index.name) + " ON " +
                          names.Qualified(table.schema, table.name) + " (" + columns + ")");
  }
}

}  // namespace tupelo
