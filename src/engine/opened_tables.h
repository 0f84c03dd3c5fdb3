// engine/opened_tables.h: tables that are made of a database file and the log behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "catalog/stored_definition.h"
#include "storage/extent_address.h"
#include "txn/redo.h"

namespace tupelo {

class DatabaseFile;
struct DatabaseState;
class StoredTable;

// They come to the catalog as definitions name them. Nobody sees them before it is installed.
// [latch]
class OpenedTables : public ReplayTarget, public StoredTables {
 public:
  // Which stored numbers the tables have.
  enum class Numbers : uint8_t {
    kTheirs,  // as the file says: it is the database's own
    kNew,     // of another database's file: the numbers may be taken here
  };
  // Definitions change those of `base`.
  OpenedTables(DatabaseState* state, const CatalogPtr& base, Numbers numbers);

  // Makes the tables and definitions that a checkpoint has written, as StoredSnapshot does; what
  // else it takes to read their rows goes to `stored`, by the file's numbers. `catalog` may be
  // none. `loaded` is called with the rows of each table, and may throw.
  using Loaded = std::function<void(uint64_t rows)>;
  void Load(
      DatabaseFile* file, const ExtentAddress& catalog,
      std::map<uint64_t, std::unique_ptr<StoredTable>>* stored,
      const Loaded& loaded = [](uint64_t) {});

  Table* FindTable(uint64_t number) override { return RowsOf(number).get(); }
  std::shared_ptr<Table> RowsOf(uint64_t number) override;
  std::shared_ptr<Table> MakeTable(const std::vector<Type>& types) override;
  void CreateTable(uint64_t number, const std::vector<Type>& types) override;
  void ChangeDefinitions(std::span<const uint8_t> definitions) override;

  // After the last change.
  void Finish();
  const CatalogChange& catalog() const { return catalog_; }

 private:
  DatabaseState* state_;
  CatalogChange catalog_;
  const Numbers numbers_;
  std::map<uint64_t, std::shared_ptr<Table>> tables_;
};

}  // namespace tupelo
