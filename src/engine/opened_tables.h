// engine/opened_tables.h: tables that are made of a database file and the log behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "catalog/stored_definition.h"
#include "storage/btree_stored.h"
#include "storage/extent_address.h"
#include "storage/segment_directory.h"
#include "txn/redo.h"

namespace tupelo {

class ByteReader;
class DatabaseFile;
struct DatabaseState;
struct StoredParts;

// A table as the catalog's extent has it.
struct WrittenTable {
  uint64_t number = 0;
  std::shared_ptr<Table> table;  // with its columns and indexes, without rows and entries
  SegmentDirectoryRoot directory;
  uint64_t used_rows = 0, live_rows = 0;
  struct Tree {
    uint64_t index;
    StoredTreeRoot root;
  };
  std::vector<Tree> trees;
};

// They come to the catalog as definitions name them. [latch]
class OpenedTables : public ReplayTarget, public StoredTables {
 public:
  // Definitions change those of `base`. `owner`: what the tables that are made here need for as
  // long as they are there; may be nullptr.
  OpenedTables(DatabaseState* state, const CatalogPtr& base, std::shared_ptr<const void> owner);

  // Makes the tables and definitions that a checkpoint has written (StoredDatabase::WriteCatalog):
  // the payload of the catalog's extent. `visit` is called with each table before its statistics
  // are read. Throws kDataCorrupted.
  using VisitWritten = std::function<void(const WrittenTable& table)>;
  void ReadCatalog(std::span<const uint8_t> payload, const VisitWritten& visit);
  // The same of a file that is sound; rows and entries are read when they are wanted, and what that
  // takes goes to `stored`. `catalog` may be none.
  void Load(DatabaseFile* file, const ExtentAddress& catalog,
            std::map<uint64_t, StoredParts>* stored);
  // Tables that were made before.
  void Know(const CatalogSnapshot& catalog);

  Table* FindTable(uint64_t number) override;
  std::shared_ptr<Table> RowsOf(uint64_t number) override;
  std::shared_ptr<Table> MakeTable(const std::vector<Type>& types) override;
  void CreateTable(uint64_t number, const std::vector<Type>& types) override;
  void ChangeDefinitions(std::span<const uint8_t> definitions) override;

  // After the last change.
  void Finish();
  const CatalogChange& catalog() const { return catalog_; }
  CatalogChange& catalog() { return catalog_; }
  // By their numbers.
  const std::map<uint64_t, std::shared_ptr<Table>>& tables() const { return tables_; }

 private:
  void ReadTable(ByteReader* reader, const VisitWritten& visit);
  void Attach(DatabaseFile* file, const WrittenTable& written,
              std::map<uint64_t, StoredParts>* stored);

  DatabaseState* state_;
  CatalogChange catalog_;
  std::shared_ptr<const void> owner_;
  std::map<uint64_t, std::shared_ptr<Table>> tables_;
  std::set<uint64_t> changed_;  // those that were asked for to be changed
};

}  // namespace tupelo
