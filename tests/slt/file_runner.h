// slt/file_runner.h: runs one .slt file and says which of its records passed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "slt/record.h"
#include "slt/session.h"

namespace tupelo::slt {

class Rules;

struct FileReport {
  int64_t passed = 0;
  int64_t failed = 0;
  int64_t left_out = 0;               // by skipif and onlyif
  std::map<size_t, int64_t> excused;  // index of the rule -> records
  std::vector<std::string> failures;  // the first ones, each with file, line and SQL
};

// Used by one thread; several may run different files.
class FileRunner {
 public:
  // `rules` may be nullptr. At most `limit` failures are told, all are counted.
  FileRunner(std::string path, const Rules* rules, size_t limit)
      : path_(std::move(path)), rules_(rules), limit_(limit) {}

  // `before`: statements that each connection runs first. They throw an Error when they fail.
  FileReport Run(const std::vector<std::string>& before);

 private:
  // Why the record failed; empty: it passed.
  std::string Check(const Record& record, const Outcome& outcome);
  std::string CheckQuery(const Record& record, const Outcome& outcome);
  // Whether a rule excuses the record, which is then counted under it.
  bool Excuse(const Record& record, const Outcome& outcome);
  std::string CheckLabel(const Record& record, const std::vector<std::string>& lines);
  void Fail(int line, const std::string& sql, const std::string& why);

  std::string path_;
  const Rules* rules_;
  size_t limit_;
  FileReport report_;
  std::map<std::string, std::string> digest_of_label_;
  // Tables, views and triggers that an excused statement should have changed, and its rule: what is
  // said of them later in the file is not as the corpus has it.
  std::map<std::string, size_t> not_changed_;
};

}  // namespace tupelo::slt
