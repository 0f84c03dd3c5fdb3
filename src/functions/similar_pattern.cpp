// functions/similar_pattern.cpp: the regular expressions of SQL:1999 part 2, 8.6, as RE2 writes
// them.
#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "base/error.h"
#include "functions/regular_expression.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

constexpr std::string_view kSpecial = "[]()|^-+*_%?{}";
constexpr int kMaxDepth = 500;
constexpr char32_t kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF;

// Code points from first to last.
struct Span {
  char32_t first, last;
};

void AppendQuoted(char32_t character, std::string* out) {
  out->append(fmt::format("\\x{{{:X}}}", static_cast<uint32_t>(character)));
}

// Sorted, without overlaps.
void Normalize(std::vector<Span>* spans) {
  std::ranges::sort(*spans, {}, &Span::first);
  std::vector<Span> merged;
  for (const Span& span : *spans) {
    if (!merged.empty() && span.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, span.last);
    } else {
      merged.push_back(span);
    }
  }
  *spans = std::move(merged);
}

std::vector<Span> Complement(std::vector<Span> spans) {
  spans.push_back({kFirstSurrogate, kLastSurrogate});  // no characters
  Normalize(&spans);
  std::vector<Span> rest;
  char32_t next = 0;
  for (const Span& span : spans) {
    if (span.first > next) rest.push_back({next, span.first - 1});
    next = span.last + 1;
  }
  if (next <= kMaxCodePoint) rest.push_back({next, kMaxCodePoint});
  return rest;
}

class Translator {
 public:
  Translator(std::string_view pattern, std::string_view escape)
      : whole_(pattern), rest_(pattern), escape_(escape) {
    if (!escape.empty() && CountCharacters(escape) == 1) return;
    if (escape.data() == nullptr) return;
    throw Error(ErrorCode::kInvalidEscapeCharacter,
                fmt::format("the escape of SIMILAR TO must be one character: '{}'", escape));
  }

  std::string Whole() {
    std::string regex = Piece(false);
    if (!rest_.empty()) Fail("unbalanced parenthesis");
    return regex;
  }

  std::string Three() {
    std::string regex = "(?:" + Piece(true) + ")";
    TakeSeparator();
    regex += "(" + Piece(false) + ")";
    TakeSeparator();
    return regex + "(?:" + Whole() + ")";
  }

 private:
  [[noreturn]] void Fail(std::string_view what) const {
    throw Error(ErrorCode::kInvalidRegularExpression,
                fmt::format("not a regular expression of SIMILAR TO ({}): '{}'", what, whole_));
  }
  bool At(char c) const { return !rest_.empty() && rest_[0] == c && !AtEscape(); }
  bool AtEscape() const { return !escape_.empty() && rest_.starts_with(escape_); }
  bool AtSeparator() const { return AtEscape() && rest_.substr(escape_.size()).starts_with('"'); }
  void TakeSeparator() {
    if (!AtSeparator()) Fail("two escaped double quotes divide it in three");
    rest_.remove_prefix(escape_.size() + 1);
  }

  // A part up to the end, a separator or an unbalanced parenthesis; may be empty.
  std::string Piece(bool lazy) {
    lazy_ = lazy;
    if (rest_.empty() || AtSeparator()) return {};
    return Alternatives(0);
  }

  std::string Alternatives(int depth) {
    if (depth > kMaxDepth) Fail("nested too deeply");
    std::string regex = Term(depth);
    while (At('|')) {
      rest_.remove_prefix(1);
      regex += '|';
      regex += Term(depth);
    }
    return regex;
  }

  std::string Term(int depth) {
    std::string regex;
    while (!rest_.empty() && !At('|') && !At(')') && !AtSeparator()) {
      regex += Element(depth);
      Quantifier(&regex);
    }
    if (regex.empty()) Fail("an operand is empty");
    return regex;
  }

  std::string Element(int depth) {
    std::string_view all_lazy = lazy_ ? "(?s:.*?)" : "(?s:.*)";
    if (!AtEscape()) {
      switch (rest_[0]) {
        case '%': rest_.remove_prefix(1); return std::string(all_lazy);
        case '_': rest_.remove_prefix(1); return "(?s:.)";
        case '[': return Set();
        case '(': {
          rest_.remove_prefix(1);
          std::string inside = Alternatives(depth + 1);
          if (!At(')')) Fail("unbalanced parenthesis");
          rest_.remove_prefix(1);
          return "(?:" + inside + ")";
        }
        case '*':
        case '+':
        case '?':
        case '{': Fail("a quantifier follows nothing that it could repeat");
        case ']':
        case '}': Fail("unbalanced bracket");
        default: break;
      }
    }
    std::string regex;
    AppendQuoted(Character(), &regex);
    return regex;
  }

  // A character, which an escape may stand before.
  char32_t Character() {
    size_t size = 0;
    if (AtEscape()) {
      rest_.remove_prefix(escape_.size());
      bool special = !rest_.empty() && (rest_.starts_with(escape_) ||
                                        kSpecial.find(rest_[0]) != std::string_view::npos);
      if (!special) {
        throw Error(ErrorCode::kInvalidEscapeSequence,
                    fmt::format("the escape character must stand before one of {} or itself: '{}'",
                                kSpecial, whole_));
      }
    }
    if (rest_.empty()) Fail("it ends too early");
    char32_t character = DecodeCharacter(rest_, &size);
    rest_.remove_prefix(size);
    return character;
  }

  void Quantifier(std::string* regex) {
    if (!At('*') && !At('+') && !At('?') && !At('{')) return;
    size_t size = 1;
    if (rest_[0] == '{') {
      size = rest_.find('}') + 1;
      std::string_view bounds = rest_.substr(1, size == 0 ? 0 : size - 2);
      bool valid = size > 2 && bounds.find_first_not_of("0123456789,") == std::string_view::npos &&
                   bounds[0] != ',' && std::ranges::count(bounds, ',') <= 1;
      if (!valid) Fail("the repetition is {n}, {n,} or {n,m}");
    }
    regex->append(rest_.substr(0, size));
    if (lazy_) *regex += '?';
    rest_.remove_prefix(size);
    if (At('*') || At('+') || At('?') || At('{')) Fail("two quantifiers follow each other");
  }

  // [a-z], [^a-z], [a-z^aeiou], [[:ALPHA:]]
  std::string Set() {
    rest_.remove_prefix(1);
    std::vector<Span> included, excluded;
    std::string classes;
    bool is_excluding = false;
    for (bool first = true; !At(']'); first = false) {
      if (rest_.empty()) Fail("unbalanced bracket");
      if (At('^') && !is_excluding) {
        rest_.remove_prefix(1);
        if (first) included.push_back({0, kMaxCodePoint});
        is_excluding = true;
        if (At(']')) Fail("nothing is excluded");
      } else if (At('[')) {
        Class(is_excluding ? &excluded : &included, &classes);
      } else {
        SetItem(is_excluding ? &excluded : &included);
      }
      if (first && included.empty() && classes.empty()) Fail("the set is empty");
    }
    rest_.remove_prefix(1);
    if (included.empty() && classes.empty()) Fail("the set is empty");
    return Written(included, excluded, classes, is_excluding);
  }

  void SetItem(std::vector<Span>* spans) {
    char32_t first = Character(), last = first;
    if (At('-') && rest_.size() > 1 && rest_[1] != ']') {
      rest_.remove_prefix(1);
      last = Character();
      if (last < first) Fail("a range runs backwards");
    }
    spans->push_back({first, last});
  }

  void Class(std::vector<Span>* spans, std::string* classes) {
    static constexpr std::pair<std::string_view, std::string_view> kLetters[] = {
        {"ALPHA", "\\pL"}, {"UPPER", "\\p{Lu}"}, {"LOWER", "\\p{Ll}"}, {"ALNUM", "\\pL\\p{Nd}"}};
    size_t end = rest_.find(":]");
    if (!rest_.starts_with("[:") || end == std::string_view::npos) Fail("unbalanced bracket");
    std::string name(rest_.substr(2, end - 2));
    rest_.remove_prefix(end + 2);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (name == "DIGIT") return spans->push_back({'0', '9'});
    if (name == "SPACE") return spans->push_back({' ', ' '});
    if (name == "WHITESPACE") {
      for (Span span : {Span{9, 13}, Span{32, 32}, Span{0x85, 0x85}, Span{0xA0, 0xA0},
                        Span{0x2000, 0x200A}, Span{0x2028, 0x2029}, Span{0x3000, 0x3000}}) {
        spans->push_back(span);
      }
      return;
    }
    for (const auto& [known, written] : kLetters) {
      if (name == known) return classes->append(written), void();
    }
    Fail("a class is ALPHA, UPPER, LOWER, DIGIT, ALNUM, SPACE or WHITESPACE");
  }

  std::string Written(std::vector<Span> included, const std::vector<Span>& excluded,
                      const std::string& classes, bool is_excluding) const {
    bool all_but = is_excluding && included.size() == 1 && included[0].first == 0 &&
                   included[0].last == kMaxCodePoint;
    std::vector<Span> spans = excluded;
    if (is_excluding && !classes.empty() && !all_but) {
      throw Error(ErrorCode::kFeatureNotSupported,
                  fmt::format("a class of letters in a set that excludes characters is not "
                              "supported: '{}'",
                              whole_));
    }
    if (!all_but) {
      if (is_excluding) {  // what is included and not excluded
        spans = Complement(std::move(included));
        spans.insert(spans.end(), excluded.begin(), excluded.end());
        spans = Complement(std::move(spans));
        if (spans.empty()) return "[^\\x{0}-\\x{10FFFF}]";
      } else {
        spans = std::move(included);
      }
    }
    std::string regex = all_but ? "[^" : "[";
    for (const Span& span : spans) {
      AppendQuoted(span.first, &regex);
      regex += '-';
      AppendQuoted(span.last, &regex);
    }
    return regex + classes + "]";
  }

  std::string_view whole_, rest_, escape_;
  bool lazy_ = false;
};

}  // namespace

std::string TranslateSimilar(std::string_view pattern, std::string_view escape) {
  return Translator(pattern, escape).Whole();
}

std::string TranslateSimilarSubstring(std::string_view pattern, std::string_view escape) {
  return Translator(pattern, escape).Three();
}

}  // namespace tupelo
