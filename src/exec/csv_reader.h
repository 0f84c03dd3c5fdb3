// exec/csv_reader.h: the records of a CSV file, as fields that point into what was read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/byte_stream.h"
#include "plan/plan.h"
#include "types/vector.h"

namespace tupelo {

struct CsvField {
  const char* data;
  uint32_t size;
  uint32_t offset : 31;  // of its first byte in the record
  uint32_t quoted : 1;   // some of it stood in quotes
  std::string_view view() const { return {data, size}; }
};

// RFC 4180, with what PostgreSQL adds: a quote may begin in the middle of a field, the escape may
// be another character than the quote. Records end with LF, CR LF or CR. One thread at a time.
class CsvReader {
 public:
  // `name`: of the file, for errors. `columns`: names of the fields that a record has; one more,
  // empty and unquoted, is what a delimiter at the end of a line makes, and is left out.
  CsvReader(const std::string& name, std::unique_ptr<InputStream> input, const CsvFormat& format,
            std::vector<std::string> columns);

  // Reads up to `limit` (at most kVectorSize) records; 0 at the end. Fields and records are good
  // until the next call. Throws kBadCopyFormat, and kInvalidCharacter for what is not UTF-8.
  uint32_t Next(uint32_t limit = kVectorSize);
  // The fields that a column has in the records read.
  const CsvField* column(size_t i) const { return fields_[i].get(); }
  // Whether all that was read by the last Next is ASCII.
  bool is_ascii() const { return is_ascii_; }
  const InputStream& input() const { return *input_; }
  const std::string& name() const { return name_; }

  // "line 7, column 12" of a field: where it begins, columns in characters.
  std::string PlaceOf(uint32_t record, size_t column) const;

 private:
  bool ReadRecord(uint32_t record);
  bool ReadQuoted(const char* begin, const char** end, CsvField* field, uint64_t* line);
  bool ReadPieces(const char* begin, const char** end, CsvField* field, uint64_t* line);
  const char* NextSpecial(const char* from);
  uint64_t SpecialsOf(const char* block) const;
  void Refill();
  void CheckText();
  [[noreturn]] void ThrowFormat(const std::string& message, uint64_t line) const;

  std::string name_;
  std::unique_ptr<InputStream> input_;
  CsvFormat format_;
  std::vector<std::string> columns_;
  std::vector<std::unique_ptr<CsvField[]>> fields_;
  std::unique_ptr<uint64_t[]> lines_;         // where each record begins
  std::unique_ptr<const char*[]> positions_;  // the same in the buffer

  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  const char* position_ = nullptr;  // what is read next
  const char* end_ = nullptr;       // of what is in the buffer
  bool at_end_ = false;             // of the file
  uint64_t line_ = 1;
  const char* begin_ = nullptr;  // of the records read last
  bool is_ascii_ = true;
  Arena unquoted_;  // fields that are not in the file as they are
  std::string scratch_;

  // The block of bytes looked at last, and which of them end a field.
  const char* block_ = nullptr;
  uint64_t specials_ = 0;
};

}  // namespace tupelo
