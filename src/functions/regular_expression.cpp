// functions/regular_expression.cpp: RE2 with a few compiled patterns kept by each thread.
#include "functions/regular_expression.h"

#include <array>
#include <fmt/format.h>
#include <memory>

#include "base/error.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

constexpr size_t kKept = 8;  // patterns a statement may use in turn
constexpr size_t kMaxMemoryBytes = size_t{16} << 20;

struct Compiled {
  std::string pattern;
  RegexOptions options;
  std::unique_ptr<re2::RE2> regex;
};

struct Cache {
  std::array<Compiled, kKept> entries;
  size_t next = 0;
};

}  // namespace

const re2::RE2& CompileRegex(const std::string& pattern, RegexOptions options,
                             std::string_view written) {
  static thread_local Cache cache;
  for (Compiled& entry : cache.entries) {
    if (entry.regex != nullptr && entry.options == options && entry.pattern == pattern) {
      return *entry.regex;
    }
  }
  re2::RE2::Options how;
  how.set_log_errors(false);
  how.set_max_mem(kMaxMemoryBytes);
  how.set_case_sensitive(!options.ignore_case);
  how.set_dot_nl(!options.line_mode);
  std::string text = options.line_mode ? "(?m)" + pattern : pattern;
  auto regex = std::make_unique<re2::RE2>(text, how);
  if (!regex->ok()) {
    throw Error(ErrorCode::kInvalidRegularExpression,
                fmt::format("not a regular expression ({}): '{}'", regex->error(), written));
  }
  Compiled& entry = cache.entries[cache.next];
  cache.next = (cache.next + 1) % kKept;
  entry = {pattern, options, std::move(regex)};
  return *entry.regex;
}

RegexOptions ParseRegexFlags(std::string_view flags, bool* global) {
  RegexOptions options;
  for (char flag : flags) {
    switch (flag) {
      case 'i': options.ignore_case = true; continue;
      case 'c': options.ignore_case = false; continue;
      case 'n':
      case 'm': options.line_mode = true; continue;
      case 's': options.line_mode = false; continue;
      case 'g':
        if (global == nullptr) break;
        *global = true;
        continue;
      case 'x':
        throw Error(
            ErrorCode::kFeatureNotSupported,
            fmt::format("the flag x of a regular expression is not supported: '{}'", flags));
      default: break;
    }
    throw Error(ErrorCode::kInvalidParameterValue,
                fmt::format("the flags of a regular expression are i, c, n, m and s{}: '{}'",
                            global == nullptr ? "" : ", and g", flags));
  }
  return options;
}

std::string TranslateGlob(std::string_view pattern) {
  std::string regex;
  for (size_t at = 0; at < pattern.size();) {
    size_t begin = at;
    char32_t character = DecodeCharacter(pattern, &at);
    if (character == '*') {
      regex += ".*";
    } else if (character == '?') {
      regex += '.';
    } else if (character != '[') {
      regex += re2::RE2::QuoteMeta(std::string(pattern.substr(begin, at - begin)));
    } else {
      // A bracket that is first in its set belongs to the set.
      size_t first = at + (at < pattern.size() && pattern[at] == '^');
      size_t end = pattern.find(']', first + 1);
      if (end == std::string_view::npos) return "[^\\x00-\\x{10FFFF}]";  // as in SQLite: no match
      regex += pattern[at] == '^' ? "[^" : "[";
      for (char c : pattern.substr(first, end - first)) {
        if (c == '[' || c == ']' || c == '\\' || c == '^') regex += '\\';
        regex += c;
      }
      regex += ']';
      at = end + 1;
    }
  }
  return regex;
}

}  // namespace tupelo
