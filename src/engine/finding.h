// engine/finding.h: what a check has found wrong.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tupelo {

// What of a table's definition does not hold.
struct BrokenRule {
  enum Kind : uint8_t { kNone, kNotNull, kType, kGenerated, kCheck, kUnique, kForeignKey };
  Kind kind = kNone;
  uint64_t table = 0;   // its id
  uint16_t number = 0;  // of the column, check, index or foreign key in the definition
  friend auto operator<=>(const BrokenRule&, const BrokenRule&) = default;
};

// One thing that is wrong, and where: a place in a file, or a table, a column, a constraint.
struct Finding {
  std::string where;
  std::string what;
  BrokenRule rule;
};

// Rows that are wrong in the same way are one finding, which names the first ones.
class Findings {
 public:
  void Add(std::string where, std::string what, const BrokenRule& rule = {}) {
    findings_.push_back({std::move(where), std::move(what), rule});
  }
  // `what`: "null in a column that is NOT NULL".
  void AddRow(const std::string& where, const std::string& what, int64_t row,
              const BrokenRule& rule = {}) {
    Rows& rows = rows_[{where, what}];
    rows.rule = rule;
    if (++rows.count <= kNamed) rows.named.push_back(row);
  }
  bool empty() const { return findings_.empty() && rows_.empty(); }
  size_t size() const { return findings_.size() + rows_.size(); }
  // All of them; none is left.
  std::vector<Finding> Take();

 private:
  static constexpr uint64_t kNamed = 5;
  struct Rows {
    uint64_t count = 0;
    std::vector<int64_t> named;
    BrokenRule rule;
  };
  std::vector<Finding> findings_;
  std::map<std::pair<std::string, std::string>, Rows> rows_;
};

}  // namespace tupelo
