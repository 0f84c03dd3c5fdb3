// txn/stored_table.h: the rows of a table in the database file.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "storage/block_codec.h"
#include "storage/database_file.h"
#include "storage/segment_directory.h"
#include "storage/segment_page.h"
#include "txn/table.h"

namespace tupelo {

// What a checkpoint writes and opening reads. A segment is read from the table with the latch
// (Prepare) and written without it (Write), so that statements run in between. One thread at a
// time.
class StoredTable {
 public:
  // `object`: the table's stored number, for ExtentOwner.
  StoredTable(DatabaseFile* file, uint64_t object, const SegmentDirectoryRoot& root);

  // Fills `table`, which has the columns and no rows. Throws kDataCorrupted. Indexes and free slots
  // are the caller's to see to.
  void Load(Table* table);

  static uint32_t SegmentCount(const Table& table) {
    return (table.store_.stripe_count() + kBlocksPerSegment - 1) / kBlocksPerSegment;
  }
  // Encodes what has changed in the segment since it was written last, as `view` sees it. False:
  // nothing has. REQUIRES: `view` is registered since a checkpoint began, so that what later
  // transactions change has chains. [latch]
  bool Prepare(Table* table, uint32_t segment, const ReadView& view);
  // Encodes all of the segment, for another file than the table's own: what its stripes say of the
  // changes since a checkpoint stays. Returns how many rows it has. REQUIRES: the same of `view`.
  // [latch]
  uint64_t PrepareCopy(const Table& table, uint32_t segment, const ReadView& view);
  // Writes what Prepare encoded to free extents; those of the blocks before become free.
  void Write();
  // After the last segment: the root that leads to all of them.
  SegmentDirectoryRoot Flush() { return directory_.Flush(); }

  // The table is dropped: its extents become free.
  void Remove();
  // Calls with each extent that Remove would free.
  void ForEachExtent(const std::function<void(const ExtentAddress&)>& visit);
  // Gives back what is kept in memory to write parts of the rows another time: there is none.
  void ForgetPages();

 private:
  class FileValues;
  struct Encoded {
    uint32_t stripe = 0, column = 0;
    ByteVector bytes;
    std::vector<ExtentAddress> long_values;
  };

  SegmentPage& PageOf(uint32_t segment);
  void NoteColumns(const Table& table, SegmentPage* page) const;
  void PrepareStripe(const Table& table, uint32_t number, const ReadView& view);
  void PrepareVersions(const Table& table, uint32_t number, const ReadView& view);
  void ResizeColumns(uint32_t count, StoredStripe* stored);
  void EncodeColumn(const ColumnBlock& block, uint32_t stripe, uint32_t column);
  void WriteBlocks(SegmentPage* page);
  void Abandon(SegmentPage* page);
  void FreeBlock(StoredBlock* block);
  void LoadStripe(const SegmentPage& page, uint32_t stripe, Table* table);

  DatabaseFile* file_;
  uint64_t object_;
  SegmentDirectory directory_;
  std::map<uint32_t, SegmentPage> pages_;
  // Of blocks that have some, by the block's first page in the file.
  std::map<uint64_t, std::vector<ExtentAddress>> long_values_;
  BlockEncoder encoder_;
  BlockDecoder decoder_;
  ExtentBuffer buffer_;

  uint32_t prepared_ = 0;  // segment
  std::vector<Encoded> encoded_;
  std::set<uint32_t> unwritten_;  // segments that a checkpoint failed to write
};

}  // namespace tupelo
