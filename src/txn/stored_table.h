// txn/stored_table.h: the rows of a table in the database file.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "storage/block_cache.h"
#include "storage/block_codec.h"
#include "storage/database_file.h"
#include "storage/row_source.h"
#include "storage/segment_directory.h"
#include "storage/segment_page.h"
#include "txn/table.h"

namespace tupelo {

// What a checkpoint writes, and where blocks are read from that are not in memory. A segment is
// written in three steps: what has changed is encoded with the latch (Prepare), goes to the file
// without it (Write), and takes the place of what was there before with it (Publish), so that
// statements run in between and read what is in memory.
class StoredTable : public RowSource {
 public:
  // `object`: the table's stored number, for ExtentOwner. `cache` is that of the
  // tables.
  StoredTable(DatabaseFile* file, BlockCache* cache, uint64_t object,
              const SegmentDirectoryRoot& root);

  // `table`, which has its columns and no rows, reads its rows from here from now on, and needs
  // this as long as it does. `used_rows` and `live_rows`: as the checkpoint found them.
  void Attach(Table* table, uint64_t used_rows, uint64_t live_rows);

  static uint32_t SegmentCount(const Table& table) {
    return (table.store_.stripe_count() + kBlocksPerSegment - 1) / kBlocksPerSegment;
  }
  static bool IsDropped(const Table& table, uint32_t column) {
    return table.store_.is_dropped(column);
  }
  // Encodes what has changed in the segment since it was written last, as `view` sees it. False:
  // nothing has. REQUIRES: `view` is registered since a checkpoint began, so that what later
  // transactions change has chains. [latch]
  bool Prepare(Table* table, uint32_t segment, const ReadView& view);
  // Before that: what the segment has at `from_page` or behind it, its page too, is written anew.
  // [latch]
  void WriteAnew(Table* table, uint32_t segment, uint64_t from_page);
  // With the next Flush: the directory's nodes that lead to the segment. [latch]
  void WriteNodeAnew(uint32_t segment) { directory_.WriteAnew(segment); }
  // Writes what Prepare encoded to free extents. If it fails, Abandon is called.
  void Write();
  // What was written is the segment's from now on; the extents before become free. [latch]
  void Publish();
  // As if the segment had not been prepared. [latch]
  void Abandon();
  // Copies a segment of a table that has its rows elsewhere to here, where nothing of it is yet, as
  // `view` sees it: BeginCopy; CopyStripe for each of its stripes [latch of the table]; FinishCopy,
  // which writes it and returns how many rows it has. `columns`: as many as there are in all
  // stripes, for more may be added meanwhile. If one of them fails, Abandon is called.
  void BeginCopy(uint32_t segment, uint32_t columns);
  void CopyStripe(const Table& table, uint32_t number, const ReadView& view);
  uint64_t FinishCopy();

  // After the last segment: the root that leads to all of them. [latch]
  SegmentDirectoryRoot Flush() { return directory_.Flush(); }

  // The table is dropped: its extents become free once nobody reads it as it was. [latch]
  void Remove();
  // Those extents.
  void AddExtents(std::vector<ExtentAddress>* extents);
  // The table, which has no changes, needs this no more: its rows are all in memory. Segment by
  // segment, each of which is read, and its number of rows returned; then as a whole. [latch]
  static uint64_t DetachSegment(Table* table, uint32_t segment);
  static void Detach(Table* table);

  // RowSource
  BlockCache* cache() override { return cache_; }
  const SegmentPage* FindPage(uint32_t segment) override;
  uint32_t LiveRows(uint32_t segment) override { return directory_.LiveRows(segment); }
  ColumnBlock* ReadBlock(const SegmentPage& page, uint32_t stripe, uint32_t column) override;
  [[noreturn]] void ThrowDamagedSegment(uint32_t segment, const char* what) override;

 private:
  class FileValues;
  struct Encoded {
    uint32_t stripe = 0, column = 0;
    ByteVector bytes;
    bool has_long_values = false;
  };
  struct Changed {
    Stripe* stripe;
    uint64_t columns;
  };
  // Of the segment that is written.
  struct Next {
    Table* table = nullptr;
    uint32_t columns = 0;
    SegmentPage page;
    std::vector<Encoded> encoded;
    std::vector<Changed> changed;
    std::vector<StoredBlock> replaced;
    std::vector<ExtentAddress> written, unneeded;
    ExtentAddress address;  // of the page
  };

  void NoteColumns(const Table& table);
  void PrepareStripe(const Table& table, uint32_t number, const ReadView& view);
  void PrepareVersions(const Table& table, uint32_t number, const ReadView& view);
  void ResizeColumns(uint32_t count, StoredStripe* stored);
  void EncodeColumn(const ColumnBlock& block, uint32_t stripe, uint32_t column);
  void WriteBlocks();
  void Replace(StoredBlock* block);
  void AddExtentsOf(const StoredBlock& block, std::vector<ExtentAddress>* extents);

  DatabaseFile* file_;
  BlockCache* cache_;
  uint64_t object_;
  SegmentDirectory directory_;
  std::map<uint32_t, SegmentPage> pages_;  // that were read or written
  BlockEncoder encoder_;
  BlockDecoder decoder_;
  ExtentBuffer buffer_;
  Next next_;
};

}  // namespace tupelo
