// functions/like.h: a LIKE pattern, looked at once and then matched against many strings.
#pragma once

#include <string_view>

namespace tupelo {

// SQL:1999 part 2, 8.5: % stands for any string, _ for one character (of a BLOB: one octet), the
// escape character takes the special meaning from %, _ and itself. Patterns of literal text and few
// % are answered by comparing and searching bytes: no character of UTF-8 begins within another.
// Refers to the text of the pattern; allocates nothing.
class LikePattern {
 public:
  // `escape` is empty where there is none. Throws 22019 unless it is one character, 22025 for an
  // escape before anything that is not special.
  LikePattern(std::string_view pattern, std::string_view escape, bool bytes);

  bool Matches(std::string_view text) const;

 private:
  enum class Form : unsigned char { kExact, kParts, kGeneral };
  static constexpr int kMostParts = 6;

  void CheckEscapes() const;
  bool Split();
  bool MatchesParts(std::string_view text) const;
  bool MatchesGeneral(std::string_view text) const;

  std::string_view pattern_;
  std::string_view escape_;
  // kParts: the text before the first %, after the last, and what stands between two.
  std::string_view first_, last_, between_[kMostParts];
  int between_count_ = 0;
  Form form_ = Form::kGeneral;
  bool bytes_;
};

}  // namespace tupelo
