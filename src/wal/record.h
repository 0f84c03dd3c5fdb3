// wal/record.h: how opaque records stand in a log file, one behind the other, and how they are
// read.
//
// Records begin behind the header (wal/log_header.h), each at a position (offset in the file) that
// is a multiple of eight. All numbers are little-endian.
//
//   offset  size
//        0     8   checksum: XXH3-64 of bytes 8 to the end, padding too; its seed is made of the
//                  header's RecordSeed and the record's position
//        8     8   sequence number: one more than that of the record before
//       16     8   durable position: the file was known to be durable up to there when this was
//       written 24     4   length of the payload 28     n   payload
//     28+n         zeroes up to the next multiple of eight
//
// Bound to its file and position, a record that stands in the payload of another one, or was left
// there by an earlier log, is never taken for a record of this log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wal/log_header.h"

namespace tupelo {

inline constexpr uint64_t kLogRecordOverhead = 28;
// Longer payloads are the caller's to split.
inline constexpr uint64_t kMaxLogPayload = uint64_t{1} << 30;

// Frames records into a buffer: the bytes that follow each other in the file, to be written out by
// someone else. Not thread-safe. In the steady state (a buffer that keeps its memory) nothing is
// allocated.
class LogRecordWriter {
 public:
  // A new log: the next record is the first.
  explicit LogRecordWriter(const LogHeader& header);
  // A log that was replayed: goes on at `position` with number `next_sequence`.
  LogRecordWriter(const LogHeader& header, uint64_t position, uint64_t next_sequence);

  // Where the next record begins in the file.
  uint64_t position() const { return position_; }
  uint64_t next_sequence() const { return next_sequence_; }

  // Appends room for a record's frame to `buffer`; the caller then appends the payload and calls
  // End. Between the two nothing else may go into the buffer.
  void Begin(std::vector<uint8_t>* buffer);
  // Closes the record. `durable_position` <= position(): see above.
  // REQUIRES: the payload is at most kMaxLogPayload long.
  void End(std::vector<uint8_t>* buffer, uint64_t durable_position);
  // Both, with a payload that is there already.
  void Append(std::span<const uint8_t> payload, uint64_t durable_position,
              std::vector<uint8_t>* buffer);

 private:
  uint64_t seed_;
  uint64_t position_;
  uint64_t next_sequence_;
  size_t begin_ = 0;  // of the open record in the buffer
};

struct LogRecord {
  uint64_t sequence = 0;
  uint64_t position = 0;
  uint64_t durable_position = 0;
  std::span<const uint8_t> payload;  // of the file that the reader was given
};

// Reads the records of a log in their order, to the first one that does not check out. Not
// thread-safe.
//
// What follows then is the torn tail of the last writes before a crash, and is not read; unless a
// sound record further on says that the place was durable when it was written. Then the log is
// damaged, for records that were committed are gone: Next throws kDataCorrupted.
class LogReader {
 public:
  // `file`: all bytes of the log, its header (which is sound) first. Must outlive the reader.
  LogReader(const LogHeader& header, std::span<const uint8_t> file);

  // The next record; false at the end.
  bool Next(LogRecord* record);

  // After Next returned false: where the sound records end, and the number that the next one gets.
  // Writing goes on there, once what follows was cut off.
  uint64_t end_position() const { return position_; }
  uint64_t next_sequence() const { return next_sequence_; }
  // Whether bytes follow the end: the torn tail.
  bool has_torn_tail() const { return position_ < file_.size(); }

 private:
  bool ReadAt(uint64_t position, LogRecord* record) const;
  void CheckTail() const;

  std::span<const uint8_t> file_;
  uint64_t seed_;
  uint64_t position_ = kLogHeaderSize;
  uint64_t next_sequence_;
};

}  // namespace tupelo
