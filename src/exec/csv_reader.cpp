// exec/csv_reader.cpp: cutting the text of a CSV file into fields.
//
// Sixty-four bytes at a time become a word with a bit for each byte that may end a field; fields
// are what lies between the bits. Only a field with a quote in it is looked at byte by byte. A
// record that the buffer ends in is read once more when there is more of it.
#include "exec/csv_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "types/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tupelo {

namespace {

constexpr size_t kFirstBufferBytes = size_t{1} << 20;
constexpr size_t kMaxRecordBytes = size_t{1} << 30;
constexpr size_t kBlockBytes = 64;

}  // namespace

CsvReader::CsvReader(const std::string& name, std::unique_ptr<InputStream> input,
                     const CsvFormat& format, std::vector<std::string> columns)
    : name_(name),
      input_(std::move(input)),
      format_(format),
      columns_(std::move(columns)),
      lines_(new uint64_t[kVectorSize]),
      positions_(new const char*[kVectorSize]) {
  for (size_t i = 0; i < columns_.size(); ++i) fields_.emplace_back(new CsvField[kVectorSize]);
}

void CsvReader::ThrowFormat(const std::string& message, uint64_t line) const {
  throw Error(ErrorCode::kBadCopyFormat,
              message + ": line " + std::to_string(line) + " of " + name_);
}

std::string CsvReader::PlaceOf(uint32_t record, size_t column) const {
  const char* begin = positions_[record];
  const CsvField& field = fields_[column][record];
  std::string_view before(begin, field.offset);
  auto lines = static_cast<uint64_t>(std::ranges::count(before, '\n'));
  size_t line_begin = before.rfind('\n');
  if (line_begin != before.npos) before = before.substr(line_begin + 1);
  auto characters = std::ranges::count_if(before, [](char c) { return !IsContinuationByte(c); });
  return "line " + std::to_string(lines_[record] + lines) + ", column " +
         std::to_string(characters + 1);
}

// What is left of the buffer moves to its begin, and more of the file behind it.
void CsvReader::Refill() {
  size_t left = static_cast<size_t>(end_ - position_);
  if (capacity_ == 0 || left > capacity_ / 2) {
    size_t capacity = std::max(kFirstBufferBytes, capacity_ * 2);
    if (capacity > 2 * kMaxRecordBytes) {
      throw Error(ErrorCode::kProgramLimit,
                  "a record is longer than 1 GiB; perhaps a quote is not closed: line " +
                      std::to_string(line_) + " of " + name_);
    }
    std::unique_ptr<char[]> bigger(new char[capacity + kBlockBytes]);
    if (left > 0) std::memcpy(bigger.get(), position_, left);
    buffer_ = std::move(bigger);
    capacity_ = capacity;
  } else {
    std::memmove(buffer_.get(), position_, left);
  }
  size_t read = input_->Read(buffer_.get() + left, capacity_ - left);
  at_end_ = read < capacity_ - left;
  position_ = buffer_.get();
  end_ = position_ + left + read;
  std::memset(buffer_.get() + left + read, 0, kBlockBytes);
  block_ = nullptr;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (input_->stored_bytes_read() != 0 && line_ == 1 && left == 0 &&
      std::string_view(position_, read).starts_with(kByteOrderMark)) {
    position_ += kByteOrderMark.size();
  }
}

uint64_t CsvReader::SpecialsOf(const char* block) const {
  uint64_t specials = 0;
#if defined(__SSE2__)
  const __m128i delimiter = _mm_set1_epi8(format_.delimiter), quote = _mm_set1_epi8(format_.quote);
  const __m128i line_feed = _mm_set1_epi8('\n'), carriage_return = _mm_set1_epi8('\r');
  for (size_t i = 0; i < kBlockBytes; i += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
    __m128i any = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, quote)),
        _mm_or_si128(_mm_cmpeq_epi8(bytes, line_feed), _mm_cmpeq_epi8(bytes, carriage_return)));
    specials |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(any))) << i;
  }
#else
  for (size_t i = 0; i < kBlockBytes; ++i) {
    char byte = block[i];
    bool is_special =
        byte == format_.delimiter || byte == format_.quote || byte == '\n' || byte == '\r';
    specials |= static_cast<uint64_t>(is_special) << i;
  }
#endif
  return specials;
}

// The first byte at or behind `from` that may end a field, or end_.
inline const char* CsvReader::NextSpecial(const char* from) {
  if (block_ == nullptr || from < block_ || from >= block_ + kBlockBytes) {
    block_ = from;
    specials_ = SpecialsOf(from);
  }
  uint64_t specials = specials_ >> (from - block_);
  if (specials != 0) return std::min(from + std::countr_zero(specials), end_);
  for (block_ += kBlockBytes; block_ < end_; block_ += kBlockBytes) {
    specials_ = SpecialsOf(block_);
    if (specials_ != 0) return std::min(block_ + std::countr_zero(specials_), end_);
  }
  block_ = nullptr;
  return end_;
}

// A field with quotes in it, from its begin; false when the buffer ends in it. *end is what ends
// it.
bool CsvReader::ReadQuoted(const char* begin, const char** end, CsvField* field, uint64_t* line) {
  field->quoted = true;
  if (*begin != format_.quote || format_.escape != format_.quote) {
    return ReadPieces(begin, end, field, line);
  }
  // Mostly there is one quote at either end and none between them.
  const void* found = std::memchr(begin + 1, format_.quote, static_cast<size_t>(end_ - begin) - 1);
  if (found == nullptr) return ReadPieces(begin, end, field, line);
  const char* close = static_cast<const char*>(found);
  const char* next = close + 1;
  if (next == end_ ? !at_end_ : *next != format_.delimiter && *next != '\n' && *next != '\r') {
    return ReadPieces(begin, end, field, line);
  }
  *line += static_cast<uint64_t>(std::count(begin, close, '\n'));
  field->data = begin + 1;
  field->size = static_cast<uint32_t>(close - begin - 1);
  *end = next;
  return true;
}

bool CsvReader::ReadPieces(const char* begin, const char** end, CsvField* field, uint64_t* line) {
  scratch_.clear();
  bool inside = false;
  const char* next = begin;
  for (;; ++next) {
    if (next >= end_) {
      if (!at_end_) return false;
      if (inside) ThrowFormat("the file ends within quotes, which begin in", line_);
      break;
    }
    char byte = *next;
    if (!inside) {
      if (byte == format_.delimiter || byte == '\n' || byte == '\r') break;
      if (byte == format_.quote) {
        inside = true;
      } else {
        scratch_ += byte;
      }
      continue;
    }
    if (byte == format_.escape) {
      if (next + 1 >= end_ && !at_end_) return false;
      if (next + 1 < end_ && (next[1] == format_.quote || next[1] == format_.escape)) {
        scratch_ += *++next;
        continue;
      }
    }
    if (byte == format_.quote) {
      inside = false;
    } else {
      *line += byte == '\n';
      scratch_ += byte;
    }
  }
  std::string_view kept = unquoted_.CopyString(scratch_);
  field->data = kept.data();
  field->size = static_cast<uint32_t>(kept.size());
  *end = next;
  return true;
}

// False: the buffer ends within it.
bool CsvReader::ReadRecord(uint32_t record) {
  const char* begin = position_;
  uint64_t line = line_;
  lines_[record] = line_;
  positions_[record] = begin;
  const char* at = begin;
  for (size_t column = 0;; ++column) {
    CsvField field{at, 0, static_cast<uint32_t>(at - begin) & 0x7FFFFFFF, 0};
    const char* end = NextSpecial(at);
    if (end < end_ && *end == format_.quote) {
      if (!ReadQuoted(at, &end, &field, &line)) return false;
    } else {
      field.size = static_cast<uint32_t>(end - at);
    }
    if (end >= end_ && !at_end_) return false;
    bool ends_record = end >= end_ || *end != format_.delimiter;
    if (column < columns_.size()) {
      fields_[column][record] = field;
    } else if (!ends_record || column > columns_.size() || field.size != 0 || field.quoted) {
      ThrowFormat("a record has more than " + std::to_string(columns_.size()) + " fields", line_);
    }
    at = end + 1;
    if (!ends_record) continue;
    if (column + 1 < columns_.size()) {
      ThrowFormat("a record has no field for column " + columns_[column + 1], line_);
    }
    if (end >= end_) {
      at = end_;
    } else if (*end == '\r') {
      if (at >= end_ && !at_end_) return false;
      if (at < end_ && *at == '\n') ++at;
    }
    break;
  }
  position_ = at;
  line_ = line + 1;
  return true;
}

uint32_t CsvReader::Next(uint32_t limit) {
  unquoted_.Reset();
  uint32_t count = 0;
  if (position_ == end_ && !at_end_) Refill();
  begin_ = position_;
  while (count < limit) {
    if (position_ == end_ && (at_end_ || count > 0)) break;
    if (position_ != end_ && ReadRecord(count)) {
      ++count;
      continue;
    }
    if (count > 0) break;  // the fields point into the buffer
    Refill();
    begin_ = position_;
  }
  CheckText();
  return count;
}

void CsvReader::CheckText() {
  std::string_view text(begin_, static_cast<size_t>(position_ - begin_));
  is_ascii_ = IsAscii(text);
  if (is_ascii_) return;
  size_t invalid = FindInvalidUtf8(text);
  if (invalid == text.size()) return;
  uint64_t lines_behind = static_cast<uint64_t>(std::ranges::count(text.substr(invalid), '\n'));
  throw Error(
      ErrorCode::kInvalidCharacter,
      "the file is not UTF-8: line " + std::to_string(line_ - lines_behind) + " of " + name_);
}

}  // namespace tupelo
