// engine/stored_snapshot.h: the database at one moment, kept as it was while it is written to a
// file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/stored_parts.h"
#include "storage/database_file.h"
#include "txn/view.h"

namespace tupelo {

struct DatabaseState;

// What was committed when it was made: a registered view keeps the versions of the rows, and the
// tables are kept though they be dropped. Temporary tables are no part of it. One thread at a time.
class StoredSnapshot {
 public:
  struct Rows {
    uint64_t number = 0;
    std::shared_ptr<Table> table;
    ByteVector shape;
    uint32_t columns = 0;  // physical
    uint64_t used_rows = 0;
    uint64_t live_rows = 0;
    std::vector<uint64_t> indexes;  // their numbers
    // Once they are written:
    SegmentDirectoryRoot directory;
    std::vector<StoredTreeRoot> trees;  // of the indexes
    ByteVector statistics;
  };

  // [latch]
  StoredSnapshot(DatabaseState* state, ViewUse use, const SnapshotOwner* owner = nullptr);
  ~StoredSnapshot();  // takes the latch
  StoredSnapshot(const StoredSnapshot&) = delete;
  StoredSnapshot& operator=(const StoredSnapshot&) = delete;

  const ReadView& view() const { return view_; }
  std::vector<Rows>& tables() { return tables_; }
  // No object has a higher number.
  uint64_t last_object() const { return last_object_; }

  // Writes a table with its indexes to another file than its own, beside running statements: block
  // by block, with the latch while one is read and encoded. `parts`, which is empty, is where they
  // are then, also when it throws. Calls `wrote` with the rows of each segment, and with 0 from
  // time to time; throws what that throws.
  using Wrote = std::function<void(uint64_t rows)>;
  void Copy(Rows* rows, DatabaseFile* file, StoredParts* parts, const Wrote& wrote) const;

  // The catalog's extent, once all tables are written.
  ExtentAddress WriteCatalog(DatabaseFile* file) const;

 private:
  void CopySegment(const Rows& rows, uint32_t segment, StoredTable* out, const Wrote& wrote) const;
  void CopyIndex(Rows* rows, uint64_t number, StoredIndex* out, const Wrote& wrote) const;

  DatabaseState* state_;
  ReadView view_;
  std::vector<Rows> tables_;
  ByteVector definitions_;
  uint64_t last_object_ = 0;
};

}  // namespace tupelo
