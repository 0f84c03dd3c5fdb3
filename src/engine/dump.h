// engine/dump.h: a database as SQL text that makes it anew, here and in PostgreSQL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "engine/dump_names.h"

namespace tupelo {

class Connection;

// The rows of a table: what `select` gives, a text a row as VALUES has it, goes behind `insert`,
// separated by commas.
struct DumpedRows {
  std::string insert;
  std::string select;
};

// Statements without their semicolons, in the order in which they make the database anew.
struct DatabaseDump {
  std::vector<std::string> before;  // the rows
  std::vector<DumpedRows> rows;
  std::vector<std::string> after;
};

// The database as the connection's open transaction sees it. kConnectionClosed.
DatabaseDump DescribeDatabase(Connection* connection, std::string_view pattern);

// Temporary objects of sessions aside. Of tables, views and sequences only those whose names are
// LIKE `pattern`, without regard to case; empty: all. [latch]
DatabaseDump DescribeDatabase(const CatalogSnapshot& catalog, std::string_view pattern);

// dump_sequence.cpp
void DumpSequence(const SequenceDefinition& sequence, const DumpNames& names, DatabaseDump* dump);
// GENERATED ... AS IDENTITY (...)
std::string IdentityClause(const IdentitySequence& identity, const Type& type);
// dump_table.cpp
std::string CreateTableText(const TableDefinition& table, const DumpNames& names);
void DumpForeignKeys(const TableDefinition& table, const CatalogSnapshot& catalog,
                     const DumpNames& names, DatabaseDump* dump);
void DumpIndexes(const TableDefinition& table, const DumpNames& names, DatabaseDump* dump);
// dump_rows.cpp
DumpedRows DumpRows(const TableDefinition& table, const DumpNames& names);
// dump_view.cpp
std::string CreateViewText(const ViewDefinition& view, const CatalogSnapshot& catalog,
                           const DumpNames& names);
// dump_type.cpp
std::string DumpType(const Type& type);

}  // namespace tupelo
