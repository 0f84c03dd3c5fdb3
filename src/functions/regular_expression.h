// functions/regular_expression.h: regular expressions, compiled once and kept for the next call.
#pragma once

#include <re2/re2.h>
#include <string>
#include <string_view>

namespace tupelo {

// How letters, line ends and the dot are read.
struct RegexOptions {
  bool ignore_case = false;
  bool line_mode = false;  // . does not match a line end; ^ and $ match at each of them
  friend bool operator==(const RegexOptions&, const RegexOptions&) = default;
};

// `pattern` in the syntax of RE2, compiled. Good until this thread has compiled some others.
// Throws 2201B, which shows `written`, for a pattern that is none.
const re2::RE2& CompileRegex(const std::string& pattern, RegexOptions options,
                             std::string_view written);

// "ims" and so on, as REGEXP_LIKE takes them: i, c, n, m, s; g where `global` is given. Throws
// 22023.
RegexOptions ParseRegexFlags(std::string_view flags, bool* global);

// SIMILAR TO's pattern in the syntax of RE2. `escape` is empty where there is none. Throws 2201B,
// 22019, 22025.
std::string TranslateSimilar(std::string_view pattern, std::string_view escape);
// SUBSTRING(... SIMILAR ...): three patterns with <escape>" between them; the middle one is group
// 1.
std::string TranslateSimilarSubstring(std::string_view pattern, std::string_view escape);
// GLOB's * ? and [..].
std::string TranslateGlob(std::string_view pattern);

}  // namespace tupelo
