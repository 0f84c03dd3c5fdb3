// storage/file_header.h: the first three pages of a database file.
//
// All numbers are little-endian. Page 0, written once:
//
//   offset  size
//        0     8   "TupeloDB"
//        8     4   version of the format: 1
//       12     4   byte order: 0x01020304
//       16    16   the database's id
//       32     4   bytes of a page: 4096
//       36  4036   zero
//     4072     8   XXH3-64 of bytes 0 to 4071
//     4080    16   zero (not in the checksum)
//
// Magic, version, byte order and checksum keep their places in every version of the format.
//
// Pages 1 and 2 are roots, written in turn: the newest sound one counts. All that they say lies in
// their first 512 bytes, which a disk writes at once.
//
//   offset  size
//        0     8   XXH3-64 of bytes 8 to 4095, seeded by ExtentSeed of the page
//        8     8   generation
//       16     8   address of the catalog's extent, or 0
//       24     8   address of the free-space tree's root, or 0
//       32     8   generation of the log to replay from
//       40     8   sequence number of the first record to replay
//       48     8   pages of the file
//       56    64   eight numbers of the layers above
//      120  3976   zero
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/database_id.h"
#include "storage/extent_address.h"

namespace tupelo {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr uint64_t kFirstFreePage = 3;
inline constexpr uint64_t kUncheckedOffset = 4080;  // up to the end of page 0

using Page = std::array<uint8_t, kPageBytes>;

// What a root leads to. The numbers are opaque here: next ids of the catalog, counters.
struct DatabaseRoot {
  uint64_t generation = 0;
  ExtentAddress catalog;
  ExtentAddress free_space;
  uint64_t log_generation = 0;
  uint64_t log_sequence = 0;
  uint64_t file_pages = kFirstFreePage;
  std::array<uint64_t, 8> numbers{};
  friend bool operator==(const DatabaseRoot&, const DatabaseRoot&) = default;
};

// What goes into the checksum of an extent, or a root, beside its bytes: what belongs to another
// file or another place never checks out.
uint64_t ExtentSeed(const DatabaseId& database, const ExtentAddress& address);

// What page 0 holds as its checksum.
uint64_t HeaderChecksum(const Page& page);
void StoreFileHeader(const DatabaseId& database, Page* page);
// Throws kDataCorrupted where it is none or damaged, kFeatureNotSupported for another version or
// byte order. `bytes` is the file's beginning: less than a page of a short file.
DatabaseId LoadFileHeader(std::span<const uint8_t> bytes, const std::string& path);

// `page_number`: 1 or 2.
void StoreRoot(const DatabaseRoot& root, const DatabaseId& database, uint64_t page_number,
               Page* page);
// False: it does not check out.
bool LoadRoot(const Page& page, const DatabaseId& database, uint64_t page_number,
              DatabaseRoot* root);

}  // namespace tupelo
