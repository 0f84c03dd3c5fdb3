// engine/stored_snapshot.h: the database at one moment, kept as it was while it is written to a
// file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "catalog/catalog.h"
#include "storage/database_file.h"
#include "txn/stored_table.h"

namespace tupelo {

struct DatabaseState;

// What was committed when it was made: a registered view keeps the versions of the rows, and the
// tables are kept though they be dropped. Temporary tables are no part of it. One thread at a time.
class StoredSnapshot {
 public:
  struct Rows {
    uint64_t number = 0;
    std::shared_ptr<Table> table;
    uint64_t count = 0;
    ByteVector shape;
    SegmentDirectoryRoot directory;  // once they are written
  };

  // `catalog`: the current one, or one that is about to take its place. [latch]
  StoredSnapshot(DatabaseState* state, const CatalogSnapshot& catalog);
  ~StoredSnapshot();  // takes the latch
  StoredSnapshot(const StoredSnapshot&) = delete;
  StoredSnapshot& operator=(const StoredSnapshot&) = delete;

  std::vector<Rows>& tables() { return tables_; }
  // No object has a higher number.
  uint64_t last_object() const { return last_object_; }

  // Both write a table segment by segment, with the latch while one is encoded. What has changed
  // since `stored`, which is where the table is, was written last:
  void WriteChanges(Rows* rows, StoredTable* stored) const;
  // All of it, to `stored`, which is empty; calls `wrote` with the rows of each segment. Throws
  // what that throws.
  using Wrote = std::function<void(uint64_t rows)>;
  void WriteAll(Rows* rows, StoredTable* stored, const Wrote& wrote) const;

  // The catalog's extent, once all tables are written.
  ExtentAddress WriteCatalog(DatabaseFile* file) const;

 private:
  DatabaseState* state_;
  ReadView view_;
  std::vector<Rows> tables_;
  ByteVector definitions_;
  uint64_t last_object_ = 0;
};

}  // namespace tupelo
