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
//                  written
//       24     4   length of the payload; the highest bit is set in the switch record, the last of
//                  its file, whose payload is the generation (8 bytes) of the log that goes on
//       28     n   payload
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
// What a record takes in the file.
inline constexpr uint64_t LogRecordSize(uint64_t payload) {
  return (kLogRecordOverhead + payload + 7) & ~uint64_t{7};
}
// What the switch record takes.
inline constexpr uint64_t kLogSwitchSize = LogRecordSize(sizeof(uint64_t));
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
  // The last record of the file: the log goes on in another one.
  void AppendSwitch(uint64_t next_generation, uint64_t durable_position,
                    std::vector<uint8_t>* buffer);

 private:
  void Close(std::vector<uint8_t>* buffer, uint64_t durable_position, uint32_t flag);

  uint64_t seed_;
  uint64_t position_;
  uint64_t next_sequence_;
  size_t begin_ = 0;  // of the open record in the buffer
};

struct LogRecord {
  uint64_t sequence = 0;
  uint64_t position = 0;
  uint64_t durable_position = 0;
  bool is_switch = false;            // to the log of generation `next_generation`
  uint64_t next_generation = 0;      // 0 in all other records
  std::span<const uint8_t> payload;  // valid until the reader's next call
};

// Reads the records of a log in their order, to the first one that does not check out. Holds a
// part of the file in memory, or the longest payload that was read. Not thread-safe.
//
// What follows then is the torn tail of the last writes before a crash, and is not read; unless a
// sound record further on says that the place was durable when it was written. Then the log is
// damaged, for records that were committed are gone: Next throws kDataCorrupted.
//
// Another process may append to the log meanwhile: what it has written is read or not.
class LogReader {
 public:
  // Begins at the first record of `file`, which has that header and must outlive the reader.
  LogReader(const LogHeader& header, File& file);
  // Begins at `position`, where record number `sequence` is or will be.
  LogReader(const LogHeader& header, File& file, uint64_t position, uint64_t sequence);

  // The next record; false at the end.
  bool Next(LogRecord* record);
  // Next, after it was false, with what has been written since.
  bool LookAgain(LogRecord* record);

  // After Next returned false: where the sound records end, and the number that the next one gets.
  // Writing goes on there, once what follows was cut off.
  uint64_t end_position() const { return position_; }
  uint64_t next_sequence() const { return next_sequence_; }
  // Up to where the records that were read say that the file is durable.
  uint64_t durable_position() const { return durable_position_; }
  // Whether bytes follow the end: a torn tail, or what was there before.
  bool has_torn_tail() const { return position_ < size_; }

 private:
  std::span<const uint8_t> Bytes(uint64_t position, uint64_t length);
  bool ReadAt(uint64_t position, LogRecord* record);
  bool ChecksOut(uint64_t position, uint64_t size, uint64_t checksum);
  bool Take(LogRecord* record);
  bool FindLater(LogRecord* later);

  File& file_;
  uint64_t seed_;
  uint64_t size_;
  uint64_t position_;
  uint64_t next_sequence_;
  uint64_t durable_position_ = kLogHeaderSize;

  std::vector<uint8_t> window_;  // of the file, from window_begin_ on
  uint64_t window_begin_ = 0;
  uint64_t window_size_ = 0;
};

}  // namespace tupelo
