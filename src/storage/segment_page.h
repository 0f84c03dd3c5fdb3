// storage/segment_page.h: where the blocks of a segment are, and what is said of them.
//
// The payload of a kSegmentPage extent:
//
//   offset  size
//        0     4   number of the segment
//        4     2   number of columns
//        6     1   number of stripes, 1 to 8
//        7     1   zero
//        8     c   PhysicalType of each column
//                  stripes, one behind the other:
//        0     2   used rows, up to 2048
//        2     1   rows that are live: 0 none, 1 all that are used, 2 a bitmap
//        3   u/8   the bitmap, where there is one: a bit each used row, up to whole bytes
//                  then for each column, in a stripe with any live rows:
//        0     1   the block: 0 none, 1 in an extent, 2 within this page, 3 in an extent that names
//                  those of long values
//        1     1   zone: 0 empty, 1 bounds, 2 unusable
//        2     2   null count, of live rows
//        4    2w   bounds, where there are any: the smallest and the largest value; w is 16 for
//                  128-bit integers, else 8
//        n     8   address of the block's kBlock extent; or: length, 2 bytes, and the block itself
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/column_block.h"
#include "storage/extent_address.h"
#include "storage/row_id.h"
#include "storage/stored_bytes.h"

namespace tupelo {

// Blocks up to this long may lie within the page, as long as that stays short.
inline constexpr size_t kLongestInlineBlock = 1024;
inline constexpr size_t kSegmentPageGoal = 4 * kPageBytes - kExtentHeaderBytes;

struct StoredBlock {
  ExtentAddress address;  // or
  ByteVector bytes;       // within the page; both empty: there is none
  Zone zone;
  uint16_t null_count = 0;
  bool has_long_values = false;

  bool exists() const { return address || !bytes.empty(); }
};

struct StoredStripe {
  uint16_t used = 0;
  uint16_t live_rows = 0;
  std::array<uint64_t, kBlockRows / 64> live{};  // as Stripe::live
  std::vector<StoredBlock> columns;              // empty: no row is live

  // Counts `live`, of which no row from `used` on is set.
  void CountLive();
};

struct SegmentPage {
  uint32_t number = 0;
  std::vector<PhysicalType> columns;
  std::array<StoredStripe, kBlocksPerSegment> stripes;

  void Store(ByteVector* out) const;
  // Throws kDataCorrupted where it is not the page of segment `number`.
  static SegmentPage Load(std::span<const uint8_t> payload, uint32_t number);
};

// Which of the segment's encoded blocks, given their lengths (0: there is none), lie within the
// page: the shortest ones, for they would waste most of an extent of their own.
std::vector<bool> ChooseInline(std::span<const size_t> block_bytes);

}  // namespace tupelo
