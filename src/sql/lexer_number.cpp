// sql/lexer_number.cpp: numbers in other bases than ten, and digits with underscores between them.
#include <cstring>

#include "sql/lexer.h"

namespace tupelo {

namespace {

// Of a digit in any base up to 16.
int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

// Of 0x, 0o and 0b.
int BaseOf(char letter) {
  switch (letter | 0x20) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 0;
  }
}

}  // namespace

// Whether 0x, 0o or 0b and a digit stand at `start`: SQL:2023 part 2, 5.3.
bool Lexer::AtRadix(const char* start) const {
  if (*start != '0' || end_ - start < 3) return false;
  int base = BaseOf(start[1]);
  const char* digit = start + 2;
  if (*digit == '_' && end_ - digit > 1) ++digit;
  return base != 0 && DigitValue(*digit) < base;
}

// The token's text has the number in decimal digits.
Token Lexer::ScanRadixNumber(const char* start) {
  int base = BaseOf(start[1]);
  unsigned __int128 number = 0;
  const char* at = start + 2;
  auto at_digit = [&](const char* place) { return place < end_ && DigitValue(*place) < base; };
  for (; at_digit(at) || (at < end_ && *at == '_' && at_digit(at + 1)); ++at) {
    if (*at == '_') continue;
    if (number >> 124 != 0) {
      Fail(ErrorCode::kNumericOutOfRange, "an exact numeric literal may have at most 38 digits",
           start);
    }
    number = number * static_cast<unsigned>(base) + static_cast<unsigned>(DigitValue(*at));
  }
  next_ = at;
  if (AtNameStart() || (next_ < end_ && DigitValue(*next_) < 10)) {
    Fail(ErrorCode::kSyntaxError, "a letter follows directly after a number", next_);
  }
  constexpr size_t kMostDigits = 39;
  char digits[kMostDigits];
  size_t count = 0;
  do {
    digits[kMostDigits - ++count] = static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  char* text = arena_.NewArray<char>(count);
  std::memcpy(text, digits + kMostDigits - count, count);
  Token token = Finish(TokenKind::kExactNumber, start, static_cast<size_t>(at - start));
  token.text = {text, count};
  return token;
}

std::string_view Lexer::WithoutSeparators(std::string_view number) {
  char* copy = arena_.NewArray<char>(number.size());
  size_t size = 0;
  for (char c : number) {
    if (c != '_') copy[size++] = c;
  }
  return {copy, size};
}

}  // namespace tupelo
