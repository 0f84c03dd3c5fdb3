// slt/file_runner.cpp: compares what came with what was to come.
#include "slt/file_runner.h"

#include <algorithm>
#include <cctype>
#include <regex>

#include "base/md5.h"
#include "slt/rules.h"

namespace tupelo::slt {
namespace {

constexpr size_t kMaxSqlShown = 300;

std::string Describe(const Outcome& outcome) {
  if (!outcome.sqlstate.empty()) return "error " + outcome.sqlstate + ": " + outcome.message;
  return outcome.column_count > 0 ? "a query's rows" : "success";
}

std::vector<std::string> JoinRows(const std::vector<std::string>& values, size_t columns,
                                  const char* separator) {
  std::vector<std::string> rows;
  for (size_t at = 0; at < values.size(); at += columns) {
    std::string row = values[at];
    for (size_t i = 1; i < columns; ++i) row += separator + values[at + i];
    rows.push_back(std::move(row));
  }
  return rows;
}

// The values in the order of the corpus: rows sorted as lists of values, or all values.
std::vector<std::string> SortValues(const Record& record, std::vector<std::string> values,
                                    size_t columns) {
  if (record.sort == SortMode::kValues) {
    std::sort(values.begin(), values.end());
  } else if (record.sort == SortMode::kRows) {
    std::vector<std::vector<std::string>> rows;
    for (size_t at = 0; at < values.size(); at += columns) {
      rows.emplace_back(values.begin() + at, values.begin() + at + columns);
    }
    std::sort(rows.begin(), rows.end());
    values.clear();
    for (auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  }
  return values;
}

std::string Digest(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += value + "\n";
  return std::to_string(values.size()) + " values hashing to " + Md5(text);
}

bool IsDigest(const std::vector<std::string>& expected) {
  return expected.size() == 1 && expected[0].find(" values hashing to ") != std::string::npos;
}

// The first line in which they differ, and how many there are of each.
std::string Difference(const std::vector<std::string>& expected,
                       const std::vector<std::string>& actual) {
  if (expected == actual) return "";
  const auto [wanted, got] =
      std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
  const std::string none = "(no more lines)";
  return "result line " + std::to_string(wanted - expected.begin() + 1) +
         "\n    expected: " + (wanted == expected.end() ? none : *wanted) +
         "\n    actual:   " + (got == actual.end() ? none : *got) + "\n    lines:    expected " +
         std::to_string(expected.size()) + ", actual " + std::to_string(actual.size());
}

// The name of what the statement would have changed; empty: none is found.
std::string ChangedName(const std::string& sql) {
  static const std::regex kPattern(
      "\\b(?:INTO|UPDATE|DELETE +FROM|TABLE|VIEW)\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?(\\w+)",
      std::regex::ECMAScript | std::regex::icase);
  std::smatch match;
  return std::regex_search(sql, match, kPattern) ? match[1].str() : "";
}

bool NamesWord(const std::string& sql, const std::string& word) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (size_t at = sql.find(word); at != std::string::npos; at = sql.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_part(sql[at - 1])) && (end == sql.size() || !is_part(sql[end])))
      return true;
  }
  return false;
}

}  // namespace

FileReport FileRunner::Run(const std::vector<std::string>& before) {
  const ParsedFile file = ReadFile(path_, "tupelo");
  report_.left_out = file.left_out;
  if (!file.error.empty()) {
    report_.failed = 1;
    report_.failures.push_back(path_ + ":" + file.error);
    return std::move(report_);
  }
  Session session(before);
  for (const Record& record : file.records) {
    const Outcome outcome =
        session.Execute(record.connection, record.sql, record.bind, record.types);
    const std::string why = Check(record, outcome);
    if (why.empty()) {
      ++report_.passed;
      continue;
    }
    if (rules_ != nullptr && Excuse(record, outcome)) continue;
    Fail(record.line, record.sql, why);
  }
  return std::move(report_);
}

// A rule excuses a refusal of what should have succeeded, success (00000) of what should have been
// refused for any reason, or the values of a query where it says so; and what follows from an
// excused statement that would have changed something.
bool FileRunner::Excuse(const Record& record, const Outcome& outcome) {
  const bool failed = !outcome.sqlstate.empty();
  size_t rule = Rules::kNone;
  if (failed && record.kind != RecordKind::kStatementError) {
    rule = rules_->Find(outcome.sqlstate, record.sql);
  } else if (!failed && record.kind == RecordKind::kStatementError && record.sqlstate.empty()) {
    rule = rules_->Find("00000", record.sql);
  } else if (record.kind == RecordKind::kQuery && outcome.column_count == record.types.size()) {
    rule = rules_->Find(Rules::kOtherValue, record.sql);
  }
  if (rule == Rules::kNone) {
    for (const auto& [name, its_rule] : not_changed_) {
      if (NamesWord(record.sql, name)) rule = its_rule;
    }
  }
  if (rule == Rules::kNone) return false;
  if (failed && record.kind == RecordKind::kStatementOk) {
    const std::string name = ChangedName(record.sql);
    if (!name.empty()) not_changed_.emplace(name, rule);
  }
  ++report_.excused[rule];
  return true;
}

void FileRunner::Fail(int line, const std::string& sql, const std::string& why) {
  ++report_.failed;
  if (report_.failures.size() >= limit_) return;
  std::string shown = sql.substr(0, kMaxSqlShown);
  if (shown.size() < sql.size()) shown += " ...";
  report_.failures.push_back(path_ + ":" + std::to_string(line) + ": " + shown + "\n    " + why);
}

std::string FileRunner::Check(const Record& record, const Outcome& outcome) {
  const bool failed = !outcome.sqlstate.empty();
  switch (record.kind) {
    case RecordKind::kStatementOk: return failed ? Describe(outcome) : "";
    case RecordKind::kStatementCount:
      if (failed) return Describe(outcome);
      if (outcome.row_count == record.count) return "";
      return "rows changed: expected " + std::to_string(record.count) + ", actual " +
             std::to_string(outcome.row_count);
    case RecordKind::kStatementError:
      if (!failed || (!record.sqlstate.empty() && outcome.sqlstate != record.sqlstate)) {
        return "expected error " + record.sqlstate + ", actual " + Describe(outcome);
      }
      for (const std::string& part : record.expected) {
        if (outcome.message.find(part) == std::string::npos) {
          return "the message lacks: " + part + "\n    message: " + outcome.message;
        }
      }
      return "";
    case RecordKind::kQuery: return failed ? Describe(outcome) : CheckQuery(record, outcome);
  }
  return "";
}

std::string FileRunner::CheckQuery(const Record& record, const Outcome& outcome) {
  const size_t columns = outcome.column_count;
  if (columns == 0) return "no query: it gives no rows";
  if (record.is_rows()) {
    if (!record.has_expected) return "no ---- and result follow it";
    std::vector<std::string> rows = JoinRows(outcome.values, columns, " | ");
    std::vector<std::string> expected = record.expected;
    if (record.sort == SortMode::kRows) {
      std::sort(rows.begin(), rows.end());
      std::sort(expected.begin(), expected.end());
    }
    const std::string difference = Difference(expected, rows);
    return difference.empty() ? CheckLabel(record, rows) : difference;
  }
  if (columns != record.types.size()) {
    return "columns: expected " + std::to_string(record.types.size()) + ", actual " +
           std::to_string(columns);
  }
  const std::vector<std::string> values = SortValues(record, outcome.values, columns);
  std::string difference;
  if (IsDigest(record.expected)) {
    difference = Difference(record.expected, {Digest(values)});
  } else if (record.has_expected) {
    difference = Difference(record.expected, values);
  }
  return difference.empty() ? CheckLabel(record, values) : difference;
}

std::string FileRunner::CheckLabel(const Record& record, const std::vector<std::string>& lines) {
  if (record.label.empty()) return "";
  const auto [entry, is_new] = digest_of_label_.emplace(record.label, Digest(lines));
  if (is_new || entry->second == Digest(lines)) return "";
  return "the result is not that of the earlier query with label " + record.label;
}

}  // namespace tupelo::slt
