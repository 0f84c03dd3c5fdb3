// catalog/name.h: identifiers as the standard folds them, and how a person typed them.
#pragma once

#include <string>
#include <string_view>

namespace tupelo {

// `key` is what the standard compares (SQL:1999 part 2, 5.2: regular identifiers fold to upper
// case, delimited ones stay); `spelling` is how the definition wrote it, shown in descriptions and
// errors.
struct Name {
  std::string key;
  std::string spelling;

  Name() = default;
  // From text as it stands in SQL (between the quotes when delimited).
  Name(std::string_view text, bool delimited);
  static Name Exact(std::string_view text) { return Name(text, true); }
  bool empty() const { return key.empty(); }
};

// Upper case by Unicode's simple mapping.
std::string FoldUpper(std::string_view text);
// Whether the two are equal without regard to case.
bool EqualIgnoringCase(std::string_view a, std::string_view b);
// As SQL text that means exactly `key`: always delimited.
std::string QuoteIdentifier(std::string_view key);

// The rule for looking a name up within one scope: an exact match, else the only one that matches
// without regard to case. `candidate(i)` gives key i. Returns its index, kNotFound or kAmbiguous.
inline constexpr size_t kNameNotFound = static_cast<size_t>(-1);
inline constexpr size_t kNameAmbiguous = static_cast<size_t>(-2);
template <typename Candidate>
size_t FindName(std::string_view key, size_t count, Candidate&& candidate) {
  size_t exact = kNameNotFound, inexact = kNameNotFound;
  for (size_t i = 0; i < count; ++i) {
    std::string_view other = candidate(i);
    if (other == key) {
      if (exact != kNameNotFound) return kNameAmbiguous;
      exact = i;
    } else if (exact == kNameNotFound && EqualIgnoringCase(other, key)) {
      inexact = inexact == kNameNotFound ? i : kNameAmbiguous;
    }
  }
  return exact != kNameNotFound ? exact : inexact;
}

}  // namespace tupelo
