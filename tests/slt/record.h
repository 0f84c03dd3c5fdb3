// slt/record.h: the records of a .slt file, in the text format of sqllogictest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tupelo::slt {

enum class RecordKind : uint8_t { kStatementOk, kStatementCount, kStatementError, kQuery };
enum class SortMode : uint8_t { kNone, kRows, kValues };

// One statement or query and what it must give. tests/sql/README.md describes the text.
struct Record {
  RecordKind kind = RecordKind::kStatementOk;
  int line = 0;  // of `statement` or `query`, from 1
  std::string sql;
  std::string connection;  // empty: the first one
  std::string bind;        // values of parameters as written; empty: none
  std::string sqlstate;    // kStatementError; empty: any
  int64_t count = 0;       // kStatementCount
  std::string types;       // kQuery: letters I, R, T, or "rows"
  SortMode sort = SortMode::kNone;
  std::string label;
  bool has_expected = false;          // `----` stood there
  std::vector<std::string> expected;  // the lines after it
  int64_t hash_threshold = 0;         // of the file at this place

  bool is_rows() const { return types == "rows"; }
};

struct ParsedFile {
  std::vector<Record> records;
  int64_t left_out = 0;  // records that skipif or onlyif keep from us
  std::string error;     // why the file could not be read, with its line; else empty
};

// Reads `path` up to `halt`. Records for other engines than `engine` are counted and left out.
ParsedFile ReadFile(const std::string& path, const std::string& engine);

}  // namespace tupelo::slt
