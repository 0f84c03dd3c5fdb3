// storage/row_source.h: where the rows of a table are that are not in memory.
#pragma once

#include <cstdint>

namespace tupelo {

class BlockCache;
struct ColumnBlock;
struct SegmentPage;

// Several threads of one statement may read blocks at once; all else is guarded by the database's
// latch. What is damaged is kDataCorrupted.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual BlockCache* cache() = 0;
  // What is said of a segment; nullptr: nothing of it was written. It stays where it is.
  virtual const SegmentPage* FindPage(uint32_t segment) = 0;
  // The segment's live rows, without its page.
  virtual uint32_t LiveRows(uint32_t segment) = 0;
  // A block that the page names. REQUIRES: it exists.
  virtual ColumnBlock* ReadBlock(const SegmentPage& page, uint32_t stripe, uint32_t column) = 0;
  // Of a segment whose page does not fit to the table.
  [[noreturn]] virtual void ThrowDamagedSegment(uint32_t segment, const char* what) = 0;
};

}  // namespace tupelo
