// slt/record.cpp: reads .slt files line by line.
#include "slt/record.h"

#include <fstream>
#include <sstream>

namespace tupelo::slt {
namespace {

std::vector<std::string> Words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool IsBlank(const std::string& line) { return line.find_first_not_of(" \t") == std::string::npos; }

bool IsSortMode(const std::string& word, SortMode* mode) {
  if (word == "nosort") {
    *mode = SortMode::kNone;
  } else if (word == "rowsort") {
    *mode = SortMode::kRows;
  } else if (word == "valuesort") {
    *mode = SortMode::kValues;
  } else {
    return false;
  }
  return true;
}

class Reader {
 public:
  Reader(std::istream& stream, const std::string& engine) : stream_(stream), engine_(engine) {}

  ParsedFile Read() {
    while (file_.error.empty() && !halted_ && NextLine()) HandleLine();
    return std::move(file_);
  }

 private:
  bool NextLine() {
    if (!std::getline(stream_, line_)) return false;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    ++line_number_;
    return true;
  }

  void Fail(const std::string& what) {
    file_.error = std::to_string(line_number_) + ": " + what + ": " + line_;
  }

  // A line outside of a record's SQL and results.
  void HandleLine() {
    if (line_.starts_with('#')) return;
    const std::vector<std::string> words = Words(line_);
    if (words.empty()) return;
    const std::string& first = words[0];
    if (first == "skipif" && words.size() >= 2) {
      for_us_ = for_us_ && words[1] != engine_;
    } else if (first == "onlyif" && words.size() >= 2) {
      for_us_ = for_us_ && words[1] == engine_;
    } else if (first == "connection" && words.size() == 2) {
      pending_.connection = words[1];
    } else if (first == "bind") {
      pending_.bind = line_.substr(4);
    } else if (first == "hash-threshold" && words.size() == 2) {
      hash_threshold_ = std::stoll(words[1]);
    } else if (first == "halt") {
      halted_ = for_us_;
      for_us_ = true;
    } else if (first == "statement" || first == "query") {
      const bool good = first == "query" ? QueryHead(words) : StatementHead(words);
      if (good) ReadBody();
    } else {
      Fail("not the start of a record");
    }
  }

  bool StatementHead(const std::vector<std::string>& words) {
    const std::string what = words.size() > 1 ? words[1] : "";
    if (what == "ok") {
      pending_.kind = RecordKind::kStatementOk;
    } else if (what == "error") {
      pending_.kind = RecordKind::kStatementError;
      if (words.size() > 2) pending_.sqlstate = words[2];
    } else if (what == "count" && words.size() > 2 &&
               words[2].find_first_not_of("0123456789") == std::string::npos) {
      pending_.kind = RecordKind::kStatementCount;
      pending_.count = std::stoll(words[2]);
    } else {
      Fail("not one of statement ok, statement count N, statement error SQLSTATE");
      return false;
    }
    return true;
  }

  bool QueryHead(const std::vector<std::string>& words) {
    pending_.kind = RecordKind::kQuery;
    pending_.types = words.size() > 1 ? words[1] : "";
    if (pending_.types.empty() ||
        (!pending_.is_rows() && pending_.types.find_first_not_of("IRT") != std::string::npos)) {
      Fail("a query needs a type of I, R, T for each column, or rows");
      return false;
    }
    size_t next = 2;
    if (words.size() > next && IsSortMode(words[next], &pending_.sort)) ++next;
    if (words.size() > next) pending_.label = words[next];
    return true;
  }

  void ReadBody() {
    pending_.line = line_number_;
    pending_.hash_threshold = hash_threshold_;
    while (NextLine() && !IsBlank(line_)) {
      if (line_ == "----") {
        pending_.has_expected = true;
        while (NextLine() && !IsBlank(line_)) pending_.expected.push_back(line_);
        break;
      }
      if (!pending_.sql.empty()) pending_.sql += '\n';
      pending_.sql += line_;
    }
    if (for_us_) {
      file_.records.push_back(std::move(pending_));
    } else {
      ++file_.left_out;
    }
    pending_ = Record();
    for_us_ = true;
  }

  std::istream& stream_;
  const std::string& engine_;
  ParsedFile file_;
  Record pending_;
  std::string line_;
  int line_number_ = 0;
  int64_t hash_threshold_ = 0;
  bool for_us_ = true;
  bool halted_ = false;
};

}  // namespace

ParsedFile ReadFile(const std::string& path, const std::string& engine) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    ParsedFile file;
    file.error = "cannot be read";
    return file;
  }
  return Reader(stream, engine).Read();
}

}  // namespace tupelo::slt
