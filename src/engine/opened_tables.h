// engine/opened_tables.h: tables that are made of a database file and the log behind it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "catalog/stored_definition.h"
#include "storage/extent_address.h"
#include "txn/redo.h"

namespace tupelo {

class ByteReader;
class DatabaseFile;
struct DatabaseState;
struct StoredParts;

// They come to the catalog as definitions name them. [latch]
class OpenedTables : public ReplayTarget, public StoredTables {
 public:
  // Definitions change those of `base`. `owner`: what the tables that are made here need for as
  // long as they are there; may be nullptr.
  OpenedTables(DatabaseState* state, const CatalogPtr& base, std::shared_ptr<const void> owner);

  // Makes the tables and definitions that a checkpoint has written, as WriteCatalog does; what
  // else it takes to read their rows goes to `stored`. `catalog` may be none.
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

 private:
  void LoadTable(DatabaseFile* file, ByteReader* reader, std::map<uint64_t, StoredParts>* stored);
  void LoadCatalog(DatabaseFile* file, const ExtentAddress& catalog, std::span<const uint8_t> bytes,
                   std::map<uint64_t, StoredParts>* stored);

  DatabaseState* state_;
  CatalogChange catalog_;
  std::shared_ptr<const void> owner_;
  std::map<uint64_t, std::shared_ptr<Table>> tables_;
  std::set<uint64_t> changed_;  // those that were asked for to be changed
};

}  // namespace tupelo
