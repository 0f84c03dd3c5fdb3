// wal/log_header.h: the first bytes of a log file: whose log it is, and what it continues.
//
// All numbers are little-endian.
//
//   offset  size
//        0     8   "TupeloWL"
//        8     4   version of the format: 1
//       12     4   zero
//       16    16   the database's id
//       32     8   generation of the root that the log continues
//       40     8   sequence number of its first record
//       48     8   XXH3-64 of bytes 0 to 47
//       56         records (wal/record.h)
//
// A header is written and synced before the first record is: a file that holds more than a header,
// but not a sound one, is damaged; one that holds no more was never used.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tupelo {

inline constexpr uint64_t kLogHeaderSize = 56;

using DatabaseId = std::array<uint8_t, 16>;

struct LogHeader {
  DatabaseId database{};
  uint64_t generation = 0;
  uint64_t first_sequence = 1;
  // Goes into the checksum of every record: those of another database, or left over from an earlier
  // log in the same place, never check out. Follows from the other members.
  uint64_t RecordSeed() const;

  friend bool operator==(const LogHeader&, const LogHeader&) = default;
};

// Appends the header to `out`.
void AppendLogHeader(const LogHeader& header, std::vector<uint8_t>* out);

// The header of `file`; false when the file was never used (see above). Throws kDataCorrupted where
// it is damaged, kFeatureNotSupported for another version.
bool ReadLogHeader(std::span<const uint8_t> file, LogHeader* header);

// Throws kDataCorrupted unless a log with this header can be replayed on the root of that database
// and generation: the database is another one, or the root is older than what the log continues.
void CheckLogContinues(const LogHeader& header, const DatabaseId& database,
                       uint64_t root_generation);

}  // namespace tupelo
