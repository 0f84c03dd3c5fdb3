// types/utf8.h: text as characters: is it well-formed, how many are there, where is the n-th.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tupelo {

// Text is checked once, on its way into the engine (FindInvalidUtf8, CheckUtf8). The other
// functions REQUIRE: well-formed text. A character is a code point.

inline constexpr char32_t kMaxCodePoint = 0x10FFFF;

// The offset of the first byte that is not part of a well-formed character, or text.size() when
// all are well-formed. Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
size_t FindInvalidUtf8(std::string_view text);
inline bool IsValidUtf8(std::string_view text) { return FindInvalidUtf8(text) == text.size(); }
// Throws 22021, naming the offset and the byte, unless `text` is well-formed.
void CheckUtf8(std::string_view text);

bool IsAscii(std::string_view text);

size_t CountCharacters(std::string_view text);
// Byte offset where character `index` (0-based) begins; text.size() when there are at most `index`
// characters.
size_t OffsetOfCharacter(std::string_view text, size_t index);

inline bool IsContinuationByte(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}
// Bytes of the character that begins with `lead`.
inline size_t CharacterBytes(char lead) {
  auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// The character at `*offset`, which moves behind it. REQUIRES: *offset < text.size(), at a
// character's begin.
char32_t DecodeCharacter(std::string_view text, size_t* offset);
// Writes 1 to 4 bytes and returns how many. REQUIRES: a code point that is no surrogate.
size_t EncodeCharacter(char32_t character, char* out);
void AppendCharacter(char32_t character, std::string* text);

// `text` without its trailing blanks (U+0020).
inline std::string_view StripTrailingBlanks(std::string_view text) {
  size_t size = text.size();
  while (size > 0 && text[size - 1] == ' ') --size;
  return text.substr(0, size);
}
// `text` without its leading and trailing blanks.
inline std::string_view StripBlanks(std::string_view text) {
  text = StripTrailingBlanks(text);
  size_t start = 0;
  while (start < text.size() && text[start] == ' ') ++start;
  return text.substr(start);
}

}  // namespace tupelo
