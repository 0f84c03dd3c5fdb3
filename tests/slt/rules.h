// slt/rules.h: where a foreign corpus and the standard differ on what is refused, and by what rule.
#pragma once

#include <cstddef>
#include <regex>
#include <string>
#include <vector>

namespace tupelo::slt {

struct Rule {
  std::string sqlstate;  // 00000: it succeeds, though the corpus wants an error; or kOtherValue
  std::regex pattern;    // found anywhere in the SQL text
  std::string reason;    // the rule of the standard, in a sentence
};

// Immutable once read, so threads may share it.
class Rules {
 public:
  // In place of a SQLSTATE: the query succeeds, and its values are not those of the corpus.
  static constexpr const char* kOtherValue = "value";

  // Lines of SQLSTATE or "value", pattern (ECMAScript, case ignored) and reason, separated by tabs;
  // # starts a comment. Throws std::runtime_error for a file that cannot be read and for a line
  // that is not of that form.
  static Rules Read(const std::string& path);

  // The index of the first rule that lets `sql` end with `sqlstate`, or give other values, or
  // kNone.
  static constexpr size_t kNone = static_cast<size_t>(-1);
  size_t Find(const std::string& sqlstate, const std::string& sql) const;

  const std::vector<Rule>& rules() const { return rules_; }

 private:
  std::vector<Rule> rules_;
};

}  // namespace tupelo::slt
