// engine/file_tables.h: tables and definitions that are made of a database file which may be
// damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "catalog/stored_definition.h"
#include "storage/segment_directory.h"
#include "txn/redo.h"
#include "txn/table.h"

namespace tupelo {

struct DatabaseState;

// What is read comes into the tables of `state`, but into its catalog only when it is told to.
class FileTables : public ReplayTarget, public StoredTables {
 public:
  explicit FileTables(DatabaseState* state);

  Table* FindTable(uint64_t number) override { return RowsOf(number).get(); }
  std::shared_ptr<Table> RowsOf(uint64_t number) override;
  std::shared_ptr<Table> MakeTable(const std::vector<Type>& types) override;
  void CreateTable(uint64_t number, const std::vector<Type>& types) override;
  void ChangeDefinitions(std::span<const uint8_t> definitions) override;

  const std::map<uint64_t, std::shared_ptr<Table>>& tables() const { return tables_; }
  CatalogChange& catalog() { return catalog_; }
  // After the last change. With the definitions as they are, or as `catalog()` was changed.
  void Finish();

 private:
  DatabaseState* state_;
  CatalogChange catalog_;
  std::map<uint64_t, std::shared_ptr<Table>> tables_;
};

// What a checkpoint writes as the catalog (StoredDatabase::WriteCatalog). `rows` is called with
// each table when it has its columns, and no indexes yet. Throws kDataCorrupted.
using VisitStoredRows =
    std::function<void(uint64_t number, const SegmentDirectoryRoot& directory, Table* table)>;
void ReadStoredCatalog(std::span<const uint8_t> bytes, FileTables* tables,
                       const VisitStoredRows& rows);

}  // namespace tupelo
