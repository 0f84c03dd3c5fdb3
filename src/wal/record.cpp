// wal/record.cpp: framing of records, and telling a torn tail from damage.
#include "wal/record.h"

#include <algorithm>
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
constexpr uint32_t kSwitchFlag = uint32_t{1} << 31;
static_assert(kMaxLogPayload < kSwitchFlag);

// How much of the file is read at once.
constexpr uint64_t kWindow = 1 << 18;

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

uint64_t SeedAt(uint64_t position, uint64_t seed) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15u;  // spreads the position over all bits
  return seed ^ (position * kOdd);
}

// `size`: of the whole record, padding included.
uint64_t ChecksumOf(const uint8_t* record, uint64_t size, uint64_t seed, uint64_t position) {
  return XXH3_64bits_withSeed(record + kSequenceAt, size - kSequenceAt, SeedAt(position, seed));
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
  Close(buffer, durable_position, 0);
}

void LogRecordWriter::Close(std::vector<uint8_t>* buffer, uint64_t durable_position,
                            uint32_t flag) {
  uint64_t size = buffer->size() - begin_;
  assert(size >= kLogRecordOverhead && size - kLogRecordOverhead <= kMaxLogPayload);
  assert(durable_position <= position_);
  uint64_t whole = LogRecordSize(size - kLogRecordOverhead);
  buffer->resize(begin_ + whole);
  uint8_t* record = buffer->data() + begin_;
  Store(next_sequence_, record + kSequenceAt);
  Store(durable_position, record + kDurableAt);
  Store(static_cast<uint32_t>(size - kLogRecordOverhead) | flag, record + kLengthAt);
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

void LogRecordWriter::AppendSwitch(uint64_t next_generation, uint64_t durable_position,
                                   std::vector<uint8_t>* buffer) {
  Begin(buffer);
  buffer->resize(buffer->size() + sizeof(next_generation));
  Store(next_generation, buffer->data() + buffer->size() - sizeof(next_generation));
  Close(buffer, durable_position, kSwitchFlag);
}

LogReader::LogReader(const LogHeader& header, File& file)
    : LogReader(header, file, kLogHeaderSize, header.first_sequence) {}

LogReader::LogReader(const LogHeader& header, File& file, uint64_t position, uint64_t sequence)
    : file_(file),
      seed_(header.RecordSeed()),
      size_(file.Size()),
      position_(position),
      next_sequence_(sequence) {
  assert(position >= kLogHeaderSize && position % kAlignment == 0);
}

// Fewer bytes at the end of the file.
std::span<const uint8_t> LogReader::Bytes(uint64_t position, uint64_t length) {
  if (position < window_begin_ || position + length > window_begin_ + window_size_) {
    uint64_t left = size_ - std::min(size_, position);
    uint64_t wanted = std::min(std::max(length, kWindow), left);
    if (window_.size() < wanted) window_.resize(wanted);
    window_begin_ = position;
    window_size_ = 0;
    window_size_ = file_.ReadAt(position, std::span(window_).first(wanted));
  }
  uint64_t begin = position - window_begin_;
  return std::span<const uint8_t>(window_).subspan(begin, std::min(length, window_size_ - begin));
}

// Whether the record there is sound, of which no more than its frame need be in memory: of a length
// that is wrong nothing is known.
bool LogReader::ChecksOut(uint64_t position, uint64_t size, uint64_t checksum) {
  if (size <= kWindow) {
    std::span<const uint8_t> bytes = Bytes(position, size);
    return bytes.size() == size && checksum == ChecksumOf(bytes.data(), size, seed_, position);
  }
  XXH3_state_t state{};
  XXH3_64bits_reset_withSeed(&state, SeedAt(position, seed_));
  for (uint64_t at = kSequenceAt; at < size;) {
    std::span<const uint8_t> bytes = Bytes(position + at, std::min(kWindow, size - at));
    if (bytes.empty()) return false;
    XXH3_64bits_update(&state, bytes.data(), bytes.size());
    at += bytes.size();
  }
  return checksum == XXH3_64bits_digest(&state);
}

// Whether a sound record of this log begins at `position`, whatever its number.
bool LogReader::ReadAt(uint64_t position, LogRecord* record) {
  std::span<const uint8_t> frame = Bytes(position, kLogRecordOverhead);
  if (frame.size() < kLogRecordOverhead) return false;
  uint32_t stored_length = Load<uint32_t>(frame.data() + kLengthAt);
  uint64_t length = stored_length & ~kSwitchFlag;
  uint64_t size = LogRecordSize(length);
  LogRecord found;
  found.sequence = Load<uint64_t>(frame.data() + kSequenceAt);
  found.position = position;
  found.durable_position = Load<uint64_t>(frame.data() + kDurableAt);
  found.is_switch = (stored_length & kSwitchFlag) != 0;
  if (length > kMaxLogPayload || size > size_ - position || found.durable_position > position ||
      (found.is_switch && length != sizeof(found.next_generation)) ||
      !ChecksOut(position, size, Load<uint64_t>(frame.data() + kChecksumAt))) {
    return false;
  }
  found.payload = Bytes(position, size).subspan(kLogRecordOverhead, length);
  if (found.is_switch) found.next_generation = Load<uint64_t>(found.payload.data());
  *record = found;
  return true;
}

bool LogReader::Take(LogRecord* record) {
  LogRecord next;
  if (!ReadAt(position_, &next) || next.sequence != next_sequence_) return false;
  position_ += LogRecordSize(next.payload.size());
  ++next_sequence_;
  durable_position_ = std::max(durable_position_, next.durable_position);
  *record = next;
  return true;
}

bool LogReader::Next(LogRecord* record) {
  if (Take(record)) return true;
  LogRecord later;
  if (position_ >= size_ || !FindLater(&later)) return false;
  // The record may have been written since it was looked at, and the later one after it.
  uint64_t later_position = later.position, later_sequence = later.sequence;
  window_size_ = 0;
  if (Take(record)) return true;
  throw Error(ErrorCode::kDataCorrupted,
              "the log is damaged at byte " + std::to_string(position_) +
                  ", which was durable when record " + std::to_string(later_sequence) +
                  " at byte " + std::to_string(later_position) + " was written: " + file_.path());
}

bool LogReader::LookAgain(LogRecord* record) {
  size_ = file_.Size();
  window_size_ = 0;
  return Next(record);
}

// Whether a sound record says that this place was durable. Lengths in the tail can't be trusted, so
// one is looked for at each place where it could begin. The durable position and the sequence
// number rule nearly all of them out before a checksum is made.
bool LogReader::FindLater(LogRecord* later) {
  for (uint64_t at = position_ + kAlignment; at + kLogRecordOverhead <= size_; at += kAlignment) {
    std::span<const uint8_t> frame = Bytes(at, kLogRecordOverhead);
    if (frame.size() < kLogRecordOverhead) return false;
    uint64_t durable = Load<uint64_t>(frame.data() + kDurableAt);
    uint64_t ahead = Load<uint64_t>(frame.data() + kSequenceAt) - next_sequence_;
    bool possible = durable > position_ && durable <= at && ahead > 0 &&
                    ahead <= (at - position_) / LogRecordSize(0);
    if (possible && ReadAt(at, later)) return true;
  }
  return false;
}

}  // namespace tupelo
