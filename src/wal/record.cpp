// wal/record.cpp: framing of records, and telling a torn tail from damage.
#include "wal/record.h"

#include <cassert>
#include <cstring>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/error.h"

namespace tupelo {

namespace {

// The frame's members in the order in which they stand in the file, without padding between them.
constexpr size_t kChecksumAt = 0, kSequenceAt = 8, kDurableAt = 16, kLengthAt = 24;
constexpr uint64_t kAlignment = 8;

uint64_t RoundUp(uint64_t size) { return (size + kAlignment - 1) & ~(kAlignment - 1); }

template <typename T>
T Load(const uint8_t* from) {
  T number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

template <typename T>
void Store(T number, uint8_t* to) {
  std::memcpy(to, &number, sizeof(number));
}

// `size`: of the whole record, padding included.
uint64_t ChecksumOf(const uint8_t* record, uint64_t size, uint64_t seed, uint64_t position) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15u;  // spreads the position over all bits
  return XXH3_64bits_withSeed(record + kSequenceAt, size - kSequenceAt, seed ^ (position * kOdd));
}

}  // namespace

LogRecordWriter::LogRecordWriter(const LogHeader& header)
    : LogRecordWriter(header, kLogHeaderSize, header.first_sequence) {}

LogRecordWriter::LogRecordWriter(const LogHeader& header, uint64_t position, uint64_t next_sequence)
    : seed_(header.RecordSeed()), position_(position), next_sequence_(next_sequence) {
  assert(position >= kLogHeaderSize && position % kAlignment == 0);
}

void LogRecordWriter::Begin(std::vector<uint8_t>* buffer) {
  begin_ = buffer->size();
  buffer->resize(begin_ + kLogRecordOverhead);
}

void LogRecordWriter::End(std::vector<uint8_t>* buffer, uint64_t durable_position) {
  uint64_t size = buffer->size() - begin_;
  assert(size >= kLogRecordOverhead && size - kLogRecordOverhead <= kMaxLogPayload);
  assert(durable_position <= position_);
  uint64_t whole = RoundUp(size);
  buffer->resize(begin_ + whole);
  uint8_t* record = buffer->data() + begin_;
  Store(next_sequence_, record + kSequenceAt);
  Store(durable_position, record + kDurableAt);
  Store(static_cast<uint32_t>(size - kLogRecordOverhead), record + kLengthAt);
  Store(ChecksumOf(record, whole, seed_, position_), record + kChecksumAt);
  position_ += whole;
  ++next_sequence_;
}

void LogRecordWriter::Append(std::span<const uint8_t> payload, uint64_t durable_position,
                             std::vector<uint8_t>* buffer) {
  Begin(buffer);
  buffer->insert(buffer->end(), payload.begin(), payload.end());
  End(buffer, durable_position);
}

LogReader::LogReader(const LogHeader& header, std::span<const uint8_t> file)
    : file_(file), seed_(header.RecordSeed()), next_sequence_(header.first_sequence) {
  assert(file.size() >= kLogHeaderSize);
}

// Whether a sound record of this log begins at `position`, whatever its number.
bool LogReader::ReadAt(uint64_t position, LogRecord* record) const {
  uint64_t left = file_.size() - position;
  if (left < kLogRecordOverhead) return false;
  const uint8_t* bytes = file_.data() + position;
  uint64_t length = Load<uint32_t>(bytes + kLengthAt);
  uint64_t whole = RoundUp(kLogRecordOverhead + length);
  uint64_t durable = Load<uint64_t>(bytes + kDurableAt);
  if (length > kMaxLogPayload || whole > left || durable > position ||
      Load<uint64_t>(bytes + kChecksumAt) != ChecksumOf(bytes, whole, seed_, position)) {
    return false;
  }
  *record = {Load<uint64_t>(bytes + kSequenceAt), position, durable,
             file_.subspan(position + kLogRecordOverhead, length)};
  return true;
}

bool LogReader::Next(LogRecord* record) {
  if (position_ == file_.size()) return false;
  LogRecord next;
  if (!ReadAt(position_, &next) || next.sequence != next_sequence_) {
    CheckTail();
    return false;
  }
  position_ += RoundUp(kLogRecordOverhead + next.payload.size());
  ++next_sequence_;
  *record = next;
  return true;
}

// Lengths in the tail can't be trusted, so a record is looked for at each place where one could
// begin. The durable position and the sequence number rule nearly all of them out before a checksum
// is made.
void LogReader::CheckTail() const {
  LogRecord later;
  for (uint64_t at = position_ + kAlignment; at + kLogRecordOverhead <= file_.size();
       at += kAlignment) {
    const uint8_t* bytes = file_.data() + at;
    if (Load<uint64_t>(bytes + kDurableAt) <= position_ ||
        Load<uint64_t>(bytes + kSequenceAt) <= next_sequence_ || !ReadAt(at, &later)) {
      continue;
    }
    throw Error(ErrorCode::kDataCorrupted,
                "the log is damaged at byte " + std::to_string(position_) +
                    ", which was durable when record " + std::to_string(later.sequence) +
                    " at byte " + std::to_string(at) + " was written");
  }
}

}  // namespace tupelo
