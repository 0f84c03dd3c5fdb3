// storage/block_codec.h: a block of a column in bytes.
//
//   offset  size
//        0     1   PhysicalType
//        1     1   flags: 1, there are nulls; 2, the body is a zstd frame; 4, there are long values
//        2     2   rows, 1 to 2048
//        4     4   bytes of the body, decompressed
//        8     n   body
//
// The body:
//
//        0   r/8   where there are nulls: a bit each row, rounded up to whole bytes; set: not null
//        n         where there are long values: their number, 2 bytes; then each: row, 2 bytes;
//                  length, 4 bytes; number of extents, 2 bytes; their addresses, 8 bytes each
//        n         values: booleans and integers as storage/integer_codec.h draws them;
//                  FLOAT likewise, by their bits; DOUBLE as storage/double_codec.h; strings as
//                  storage/string_codec.h, long ones as any other; ZonedTime: utc_us, then
//                  offset_minutes, as integers; 128-bit integers: 1 byte, 0: all fit 64 bits, and
//                  follow as integers; 1: their upper halves follow as integers, then the lower
//
// Rows that are null or not live have any value: the one of a neighbour, mostly.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/column_block.h"
#include "storage/long_values.h"
#include "storage/stored_bytes.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tupelo {

// One thread at a time; keeps its memory.
class BlockEncoder {
 public:
  BlockEncoder();
  ~BlockEncoder();
  // Appends the first `rows` rows to `out`; of those that are not `live` (nullptr: all are) nothing
  // is kept. Strings of more than kLongestInBlock bytes go to `long_values`, or stay within where
  // that is nullptr. REQUIRES: 0 < rows <= kBlockRows, the block has as many, and what lies within
  // it takes no more than 64 MiB.
  void Encode(const ColumnBlock& block, uint32_t rows, const uint64_t* live,
              LongValues* long_values, ByteVector* out);

 private:
  bool FindPresent(const ColumnBlock& block, uint32_t rows, const uint64_t* live);
  bool AppendLongValues(const ColumnBlock& block, uint32_t rows, LongValues* long_values);
  void AppendValues(const ColumnBlock& block, uint32_t rows);
  template <typename T, typename Out, typename Part>
  const Out* Gather(const ColumnBlock& block, uint32_t rows, Part part);
  void AppendWide(const ColumnBlock& block, uint32_t rows);

  ZSTD_CCtx_s* zstd_;
  ByteVector body_;
  bool all_present_ = true;
  uint64_t present_[kBlockRows / 64];  // live and not null
  std::unique_ptr<uint64_t[]> values_;
};

class BlockDecoder {
 public:
  BlockDecoder();
  ~BlockDecoder();
  // A block with room for `capacity` rows, of which the first `rows` are what was encoded; zone and
  // codes are the caller's to fill in. Throws kDataCorrupted where the bytes are not those of a
  // block of `rows` rows of this type. REQUIRES: 0 < rows <= capacity <= kBlockRows.
  ColumnBlock* Decode(std::span<const uint8_t> bytes, PhysicalType physical, uint32_t rows,
                      uint32_t capacity, LongValues* long_values, ExtentPool* pool);
  // Where its long values are.
  std::vector<ExtentAddress> LongValueExtents(std::span<const uint8_t> bytes);

 private:
  struct Header {
    PhysicalType physical;
    uint8_t flags;
    uint16_t rows;
    uint32_t body_bytes;
  };
  static_assert(sizeof(Header) == 8);
  ByteReader Open(std::span<const uint8_t> bytes, Header* header);
  void ReadBody(ByteReader* reader, const Header& header, LongValues* long_values,
                ColumnBlock* block);
  void ReadValues(ByteReader* reader, uint32_t rows, ColumnBlock* block);
  template <typename T>
  void ReadIntegers(ByteReader* reader, uint32_t rows, ColumnBlock* block);
  void ReadWide(ByteReader* reader, uint32_t rows, ColumnBlock* block);
  void ReadZoned(ByteReader* reader, uint32_t rows, ColumnBlock* block);

  ZSTD_DCtx_s* zstd_;
  std::unique_ptr<uint8_t[]> body_;
  size_t body_capacity_ = 0;
  std::unique_ptr<int64_t[]> integers_;  // two for each row
};

}  // namespace tupelo
