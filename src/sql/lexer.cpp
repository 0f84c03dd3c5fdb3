// sql/lexer.cpp: the lexer. ASCII is looked up in a table of classes; other characters are decoded
// and checked.
#include "sql/lexer.h"

#include <array>
#include <cstring>
#include <string>
#include <utf8proc.h>

#include "sql/ast.h"

namespace tupelo {

namespace {

enum CharacterClass : uint8_t {
  kOther = 0,
  kSpace = 1,
  kNameStart = 2,
  kDigit = 4,
  kNamePart = 8,
  kWide = 16,  // not ASCII
};

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) classes[c] = kSpace;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
      classes[c] = kNameStart | kNamePart;
    if (c >= '0' && c <= '9') classes[c] = kDigit | kNamePart;
    if (c >= 128) classes[c] = kWide;
  }
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

uint8_t ClassOf(char c) { return kClasses[static_cast<uint8_t>(c)]; }

// Length of the well-formed UTF-8 character at `p`, else 0.
size_t DecodeCharacter(const char* p, const char* end, int32_t* code_point) {
  utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(p), end - p, code_point);
  return length > 0 ? static_cast<size_t>(length) : 0;
}

bool IsNameStart(int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL: return true;
    default: return false;
  }
}

bool IsNamePart(int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC: return true;
    default: return code_point == 0xB7 || IsNameStart(code_point);
  }
}

size_t CountCharacters(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  return count;
}

// Of the length of a large object.
bool IsMultiplier(char c) {
  char lower = static_cast<char>(c | 0x20);
  return lower == 'k' || lower == 'm' || lower == 'g';
}

constexpr char kNameTooLongMessage[] = "an identifier is longer than 128 characters";

}  // namespace

void Lexer::Fail(ErrorCode code, const char* message, const char* at) const {
  throw Error(code, message, PositionOf(at));
}

int32_t Lexer::NextCodePoint() {
  int32_t code_point = 0;
  size_t length = DecodeCharacter(next_, end_, &code_point);
  if (length == 0) Fail(ErrorCode::kInvalidCharacter, "the text is not valid UTF-8", next_);
  next_ += length;
  return code_point;
}

void Lexer::SkipBlockComment() {
  const char* start = next_;
  next_ += 2;
  for (int depth = 1; depth > 0;) {
    if (next_ == end_)
      Fail(ErrorCode::kSyntaxError, "the comment that begins here has no */", start);
    char c = *next_;
    if (c == '*' && next_ + 1 < end_ && next_[1] == '/') {
      --depth;
      next_ += 2;
    } else if (c == '/' && next_ + 1 < end_ && next_[1] == '*') {
      ++depth;
      next_ += 2;
    } else if (c == '\0') {
      Fail(ErrorCode::kInvalidCharacter, "the text holds a zero byte", next_);
    } else if (ClassOf(c) == kWide) {
      NextCodePoint();
    } else {
      ++next_;
    }
  }
}

void Lexer::SkipSpace() {
  while (next_ < end_) {
    char c = *next_;
    if (ClassOf(c) == kSpace) {
      ++next_;
    } else if (c == '-' && next_ + 1 < end_ && next_[1] == '-') {
      while (next_ < end_ && *next_ != '\n') {
        if (*next_ == '\0') Fail(ErrorCode::kInvalidCharacter, "the text holds a zero byte", next_);
        if (ClassOf(*next_) == kWide) {
          NextCodePoint();
        } else {
          ++next_;
        }
      }
    } else if (c == '/' && next_ + 1 < end_ && next_[1] == '*') {
      SkipBlockComment();
    } else {
      return;
    }
  }
}

Token Lexer::Finish(TokenKind kind, const char* start, size_t length) {
  next_ = start + length;
  return Token{kind, Keyword::kNone, PositionOf(start), PositionOf(next_), {start, length}};
}

bool Lexer::AtNameStart() const {
  if (next_ == end_) return false;
  uint8_t character_class = ClassOf(*next_);
  if (character_class != kWide) return (character_class & kNameStart) != 0;
  int32_t code_point = 0;
  return DecodeCharacter(next_, end_, &code_point) != 0 && IsNameStart(code_point);
}

bool Lexer::SkipName() {
  if (!AtNameStart()) return false;
  const char* start = next_;
  while (next_ < end_) {
    uint8_t character_class = ClassOf(*next_);
    if ((character_class & kNamePart) != 0) {
      ++next_;
    } else if (character_class == kWide) {
      const char* before = next_;
      if (!IsNamePart(NextCodePoint())) {
        next_ = before;
        break;
      }
    } else {
      break;
    }
  }
  std::string_view text(start, static_cast<size_t>(next_ - start));
  if (text.size() > ast::kMaxIdentifierCharacters &&
      CountCharacters(text) > ast::kMaxIdentifierCharacters) {
    Fail(ErrorCode::kNameTooLong, kNameTooLongMessage, start);
  }
  return true;
}

Token Lexer::ScanWord(const char* start) {
  SkipName();
  Token token = Finish(TokenKind::kWord, start, static_cast<size_t>(next_ - start));
  token.keyword = FindKeyword(token.text);
  return token;
}

Token Lexer::ScanNumber(const char* start) {
  if (AtRadix(start)) return ScanRadixNumber(start);
  bool has_separators = false;
  auto at_digit = [&](const char* at) { return at < end_ && ClassOf(*at) == (kDigit | kNamePart); };
  auto skip_digits = [&] {
    const char* first = next_;
    for (;; has_separators = true) {
      while (at_digit(next_)) ++next_;
      if (next_ == first || next_ == end_ || *next_ != '_' || !at_digit(next_ + 1)) return;
      ++next_;
    }
  };
  TokenKind kind = TokenKind::kExactNumber;
  skip_digits();
  if (next_ < end_ && *next_ == '.') {
    ++next_;
    skip_digits();
  }
  if (next_ < end_ && (*next_ == 'e' || *next_ == 'E')) {
    const char* exponent = next_ + 1;
    if (exponent < end_ && (*exponent == '+' || *exponent == '-')) ++exponent;
    if (exponent == end_ || ClassOf(*exponent) != (kDigit | kNamePart)) {
      Fail(ErrorCode::kSyntaxError, "a number has no digits after its E", start);
    }
    next_ = exponent;
    skip_digits();
    kind = TokenKind::kApproximateNumber;
  }
  if (next_ < end_ && IsMultiplier(*next_) && kind == TokenKind::kExactNumber &&
      (next_ + 1 == end_ || (ClassOf(next_[1]) & (kNamePart | kWide)) == 0)) {
    return Finish(
        kind, start,
        static_cast<size_t>(next_ - start));  // 64K: the letter is a word; see ParseNumber
  }
  if (next_ < end_ && ((ClassOf(*next_) & kNamePart) != 0 || AtNameStart())) {
    Fail(ErrorCode::kSyntaxError, "a letter follows directly after a number", next_);
  }
  Token token = Finish(kind, start, static_cast<size_t>(next_ - start));
  if (has_separators) token.text = WithoutSeparators(token.text);
  return token;
}

std::string_view Lexer::ScanQuoted(char quote, const char* start, const char* unterminated) {
  const char* first = next_;
  size_t doubled = 0;
  for (;; ++next_) {
    while (next_ < end_ && ClassOf(*next_) == kWide) NextCodePoint();
    if (next_ == end_) Fail(ErrorCode::kSyntaxError, unterminated, start);
    if (*next_ == '\0') Fail(ErrorCode::kInvalidCharacter, "the text holds a zero byte", next_);
    if (*next_ != quote) continue;
    if (next_ + 1 == end_ || next_[1] != quote) break;
    ++doubled;
    ++next_;
  }
  size_t length = static_cast<size_t>(next_ - first);
  ++next_;
  if (doubled == 0) return {first, length};
  char* copy = arena_.NewArray<char>(length - doubled);
  char* to = copy;
  for (const char* from = first; from < first + length; ++from) {
    *to++ = *from;
    if (*from == quote) ++from;
  }
  return {copy, length - doubled};
}

Token Lexer::ScanPunctuation(const char* start) {
  char c = *start;
  char following = start + 1 < end_ ? start[1] : '\0';
  switch (c) {
    case '(': return Finish(TokenKind::kLeftParen, start, 1);
    case ')': return Finish(TokenKind::kRightParen, start, 1);
    case ',': return Finish(TokenKind::kComma, start, 1);
    case '.': return Finish(TokenKind::kPeriod, start, 1);
    case ';': return Finish(TokenKind::kSemicolon, start, 1);
    case '+': return Finish(TokenKind::kPlus, start, 1);
    case '-': return Finish(TokenKind::kMinus, start, 1);
    case '*': return Finish(TokenKind::kStar, start, 1);
    case '/': return Finish(TokenKind::kSlash, start, 1);
    case '%': return Finish(TokenKind::kPercent, start, 1);
    case '&': return Finish(TokenKind::kAmpersand, start, 1);
    case '#': return Finish(TokenKind::kHash, start, 1);
    case '~': return Finish(TokenKind::kTilde, start, 1);
    case '?': return Finish(TokenKind::kQuestionMark, start, 1);
    case '=':
      if (following == '=')
        Fail(ErrorCode::kSyntaxError, "syntax error at \"==\": equality is \"=\"", start);
      return Finish(TokenKind::kEqual, start, 1);
    case '<':
      if (following == '=') return Finish(TokenKind::kLessOrEqual, start, 2);
      if (following == '>') return Finish(TokenKind::kNotEqual, start, 2);
      if (following == '<') return Finish(TokenKind::kShiftLeft, start, 2);
      return Finish(TokenKind::kLess, start, 1);
    case '>':
      if (following == '=') return Finish(TokenKind::kGreaterOrEqual, start, 2);
      if (following == '>') return Finish(TokenKind::kShiftRight, start, 2);
      return Finish(TokenKind::kGreater, start, 1);
    case '!':
      if (following == '=') return Finish(TokenKind::kNotEqual, start, 2);
      break;
    case '|':
      if (following == '|') return Finish(TokenKind::kConcatenate, start, 2);
      return Finish(TokenKind::kPipe, start, 1);
    case ':':
      if (following == ':') return Finish(TokenKind::kDoubleColon, start, 2);
      next_ = start + 1;
      if (SkipName()) {
        Token token = Finish(TokenKind::kNamedParameter, start, static_cast<size_t>(next_ - start));
        token.text.remove_prefix(1);
        return token;
      }
      break;
    case '\0': Fail(ErrorCode::kInvalidCharacter, "the text holds a zero byte", start);
    default: break;
  }
  next_ = start;
  const char* after = start + 1;
  if (ClassOf(c) == kWide) {
    NextCodePoint();
    after = next_;
  }
  if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
    Fail(ErrorCode::kSyntaxError, "syntax error: a control character is not part of SQL", start);
  }
  std::string message = "syntax error at \"";
  message.append(start, after).append("\": this character is not part of SQL");
  throw Error(ErrorCode::kSyntaxError, message, PositionOf(start));
}

Token Lexer::Next() {
  SkipSpace();
  const char* start = next_;
  if (start == end_)
    return Token{TokenKind::kEnd, Keyword::kNone, PositionOf(start), PositionOf(start), {}};
  char c = *start;
  uint8_t character_class = ClassOf(c);
  char following = start + 1 < end_ ? start[1] : '\0';
  auto quoted = [&](TokenKind kind, size_t prefix, char quote, const char* unterminated) {
    next_ = start + prefix;
    std::string_view text = ScanQuoted(quote, start, unterminated);
    return Token{kind, Keyword::kNone, PositionOf(start), PositionOf(next_), text};
  };
  constexpr char kOpenString[] = "the string that begins here has no closing '";
  if ((character_class & kNameStart) != 0) {
    if (following == '\'') {
      if (c == 'X' || c == 'x') return quoted(TokenKind::kBinaryString, 2, '\'', kOpenString);
      if (c == 'N' || c == 'n') return quoted(TokenKind::kNationalString, 2, '\'', kOpenString);
      if (c == 'B' || c == 'b') return quoted(TokenKind::kBitString, 2, '\'', kOpenString);
    }
    return ScanWord(start);
  }
  if ((character_class & kDigit) != 0) return ScanNumber(start);
  if (c == '.' && (ClassOf(following) & kDigit) != 0) return ScanNumber(start);
  if (c == '\'') return quoted(TokenKind::kString, 1, '\'', kOpenString);
  if (c == '"') {
    Token token =
        quoted(TokenKind::kQuotedName, 1, '"', "the name that begins here has no closing \"");
    if (token.text.empty()) Fail(ErrorCode::kSyntaxError, "a name between quotes is empty", start);
    if (token.text.size() > ast::kMaxIdentifierCharacters &&
        CountCharacters(token.text) > ast::kMaxIdentifierCharacters) {
      Fail(ErrorCode::kNameTooLong, kNameTooLongMessage, start);
    }
    return token;
  }
  if (character_class == kWide && AtNameStart()) return ScanWord(start);
  return ScanPunctuation(start);
}

}  // namespace tupelo
