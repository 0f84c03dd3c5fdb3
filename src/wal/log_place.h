// wal/log_place.h: the two files of a log, and a place in it that a root names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wal/log_header.h"

namespace tupelo {

// The files are used in turn; which one holds which generation is said by their headers alone.
inline constexpr int kLogFiles = 2;
// `file` is 0 or 1.
std::string LogPath(const std::string& database_path, int file);

// Where replay begins. The root of the database holds all four; a new database has the defaults.
struct LogPlace {
  uint64_t generation = 1;
  uint64_t position = kLogHeaderSize;
  uint64_t sequence = 1;  // of the record that is, or will be, there
  // Whether that generation was begun when the place was named: then its file must be there.
  // Otherwise it may be missing: the database was new, or closed.
  bool is_begun = false;

  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

// What a replay found: where the log goes on.
struct LogEnd {
  // One of the files that was read, the older one first.
  struct Part {
    int file = 0;
    LogHeader header;
    uint64_t durable_position = kLogHeaderSize;  // what its records say
    uint64_t end_position = kLogHeaderSize;
  };
  std::vector<Part> parts;  // none, one or two
  LogPlace place;
  uint64_t bytes = 0;  // that the records which were read take in the files
};

}  // namespace tupelo
