// wal/log_header.h: the first bytes of a log file: whose log it is, and what it continues.
//
// All numbers are little-endian.
//
//   offset  size
//        0     8   "TupeloWL"
//        8     4   version of the format: 1
//       12     4   zero
//       16    16   the database's id
//       32     8   generation: one more than that of the log before
//       40     8   sequence number of its first record
//       48     8   XXH3-64 of bytes 0 to 47
//       56         records (wal/record.h)
//
// A header is written and synced before the first record is. It lies within one sector, so a write
// of it that a power cut ends leaves it whole or as it was.
#pragma once

#include <array>
#include <cstdint>

#include "base/file_system.h"

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

// What is found at the beginning of a file.
enum class LogHeaderState : uint8_t {
  kUnused,  // no header, in a file that has no room for more: no record was ever there
  kSound,
  kDamaged,
};

std::array<uint8_t, kLogHeaderSize> LogHeaderBytes(const LogHeader& header);

// `header` is set where it is sound. Throws kFeatureNotSupported for another version.
LogHeaderState ReadLogHeader(File& file, LogHeader* header);

}  // namespace tupelo
