// engine/stored_opening.h: tables and definitions made of what a file and its log say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "catalog/catalog.h"
#include "catalog/stored_definition.h"
#include "storage/database_file.h"
#include "txn/redo.h"
#include "txn/stored_table.h"

namespace tupelo {

struct DatabaseState;

// Tables come to the catalog as definitions name them. Nothing is to be seen of all of it before
// its catalog is installed. One thread at a time; with the latch, where others use the database.
class StoredOpening : public ReplayTarget, public StoredTables {
 public:
  // Which stored numbers the tables have.
  enum class Numbers : uint8_t {
    kTheirs,  // as the file says: it is the database's own
    kNew,     // of another database's file: the numbers may be taken here
  };
  StoredOpening(DatabaseState* state, Numbers numbers);

  // What a checkpoint has written, as StoredSnapshot does. `stored` gets where the tables are, by
  // the file's numbers. `loaded` is called with the rows of each table, and may throw.
  using StoredByNumber = std::map<uint64_t, std::unique_ptr<StoredTable>>;
  using Loaded = std::function<void(uint64_t rows)>;
  void LoadCatalog(
      DatabaseFile* file, const ExtentAddress& catalog, StoredByNumber* stored,
      const Loaded& loaded = [](uint64_t) {});
  // After the last change. What there is then; it replaces what there was.
  CatalogPtr Finish();

  Table* FindTable(uint64_t number) override { return RowsOf(number).get(); }
  std::shared_ptr<Table> RowsOf(uint64_t number) override;
  std::shared_ptr<Table> MakeTable(const std::vector<Type>& types) override;
  void CreateTable(uint64_t number, const std::vector<Type>& types) override;
  void ChangeDefinitions(std::span<const uint8_t> definitions) override {
    ApplyCatalogChanges(definitions, this, &catalog_);
  }

 private:
  DatabaseState* state_;
  const Numbers numbers_;
  CatalogChange catalog_;
  std::map<uint64_t, std::shared_ptr<Table>> tables_;
};

}  // namespace tupelo
