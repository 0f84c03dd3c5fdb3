// sql/lexer.h: SQL text to tokens, one at a time.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "sql/keyword.h"

namespace tupelo {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,         // unquoted name or keyword: text as typed
  kQuotedName,   // "..": text without the quotes, "" undone
  kExactNumber,  // text as written
  kApproximateNumber,
  kString,          // '..': text without the quotes, '' undone
  kNationalString,  // N'..'
  kBinaryString,    // X'..': text holds the hexadecimal digits
  kBitString,       // B'..'
  kNamedParameter,  // :name: text without the colon
  kQuestionMark,
  kLeftParen,
  kRightParen,
  kComma,
  kPeriod,
  kSemicolon,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kConcatenate,
  kAmpersand,
  kPipe,
  kHash,
  kTilde,
  kShiftLeft,
  kShiftRight,
  kDoubleColon,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Keyword keyword = Keyword::kNone;  // of kWord
  Position position = 0;
  Position end = 0;
  std::string_view text;
};

// Skips white space and comments, and checks on the way that the text is UTF-8 without zero bytes.
// Tokens point into the text, or into the arena where a doubled quote was undone.
class Lexer {
 public:
  // REQUIRES: sql.size() < kNoPosition.
  Lexer(std::string_view sql, Arena& arena, size_t offset = 0)
      : begin_(sql.data()),
        next_(sql.data() + offset),
        end_(sql.data() + sql.size()),
        arena_(arena) {}

  // The next token; at the end kEnd, again and again. Throws kInvalidCharacter, kNameTooLong,
  // kSyntaxError.
  Token Next();

 private:
  Position PositionOf(const char* p) const { return static_cast<Position>(p - begin_); }
  [[noreturn]] void Fail(ErrorCode code, const char* message, const char* at) const;
  void SkipSpace();
  void SkipBlockComment();
  // Steps over one character that is not ASCII; its code point.
  int32_t NextCodePoint();
  bool AtNameStart() const;
  Token Finish(TokenKind kind, const char* start, size_t length);
  bool AtRadix(const char* start) const;
  Token ScanRadixNumber(const char* start);
  std::string_view WithoutSeparators(std::string_view number);
  Token ScanWord(const char* start);
  // Steps over the characters of a name; false when there is none.
  bool SkipName();
  Token ScanNumber(const char* start);
  Token ScanPunctuation(const char* start);
  // What stands between two `quote`s: next_ is behind the first one.
  std::string_view ScanQuoted(char quote, const char* start, const char* unterminated);

  const char* begin_;
  const char* next_;
  const char* end_;
  Arena& arena_;
};

}  // namespace tupelo
