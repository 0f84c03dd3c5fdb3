// types/utf8.cpp: eight ASCII bytes at a time, else one character after the other.
#include "types/utf8.h"

#include <cassert>
#include <cstring>

#include "base/error.h"
#include "base/long_text.h"

namespace tupelo {

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080u;

uint64_t LoadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}

// Bytes of the well-formed character at `at`; 0 when there is none (Unicode, table 3-7).
size_t WellFormedBytes(const unsigned char* at, size_t left) {
  unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  size_t bytes = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (bytes == 0 || left < bytes) return 0;
  unsigned char lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < lowest || at[1] > highest) return 0;
  for (size_t i = 2; i < bytes; ++i) {
    if ((at[i] & 0xC0) != 0x80) return 0;
  }
  return bytes;
}

}  // namespace

size_t FindInvalidUtf8(std::string_view text) {
  const char* data = text.data();
  size_t size = text.size(), at = 0;
  while (at < size) {
    if (size - at >= 8 && (LoadWord(data + at) & kHighBits) == 0) {
      at += 8;
      continue;
    }
    size_t bytes = WellFormedBytes(reinterpret_cast<const unsigned char*>(data + at), size - at);
    if (bytes == 0) return at;
    at += bytes;
  }
  return size;
}

void CheckUtf8(std::string_view text) {
  size_t at = FindInvalidUtf8(text);
  if (at == text.size()) return;
  static constexpr char kHex[] = "0123456789ABCDEF";
  auto byte = static_cast<unsigned char>(text[at]);
  throw Error(ErrorCode::kInvalidCharacter,
              "text is not valid UTF-8: byte " + std::string{kHex[byte >> 4], kHex[byte & 15]} +
                  " at offset " + std::to_string(at) + " does not begin a well-formed character");
}

bool IsAscii(std::string_view text) {
  for (; text.size() > kTextStepBytes; text.remove_prefix(kTextStepBytes)) {
    if (!IsAscii(text.substr(0, kTextStepBytes))) return false;
    CheckInterruption();
  }
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    if ((LoadWord(text.data() + at) & kHighBits) != 0) return false;
  }
  unsigned char bits = 0;
  for (; at < text.size(); ++at) bits |= static_cast<unsigned char>(text[at]);
  return bits < 0x80;
}

size_t CountCharacters(std::string_view text) {
  size_t before = 0;
  for (; text.size() > kTextStepBytes; text.remove_prefix(kTextStepBytes)) {
    before += CountCharacters(text.substr(0, kTextStepBytes));
    CheckInterruption();
  }
  size_t continuations = 0;
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    uint64_t word = LoadWord(text.data() + at);
    // The top bit of a byte set and the one below it clear.
    uint64_t marks = word & kHighBits & ~(word << 1);
    if (marks != 0) continuations += static_cast<size_t>(__builtin_popcountll(marks));
  }
  for (; at < text.size(); ++at) continuations += IsContinuationByte(text[at]);
  return before + text.size() - continuations;
}

size_t OffsetOfCharacter(std::string_view text, size_t index) {
  if (index >= text.size()) return text.size();
  size_t at = 0;
  while (index > 0 && at < text.size()) {
    if (index >= 8 && text.size() - at >= 8 && (LoadWord(text.data() + at) & kHighBits) == 0) {
      at += 8;
      index -= 8;
    } else {
      at += CharacterBytes(text[at]);
      --index;
    }
  }
  return at;
}

char32_t DecodeCharacter(std::string_view text, size_t* offset) {
  assert(*offset < text.size());
  const auto* at = reinterpret_cast<const unsigned char*>(text.data()) + *offset;
  size_t bytes = CharacterBytes(text[*offset]);
  assert(*offset + bytes <= text.size());
  *offset += bytes;
  if (bytes == 1) return at[0];
  char32_t character = at[0] & (0xFFu >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) character = character << 6 | (at[i] & 0x3F);
  return character;
}

size_t EncodeCharacter(char32_t character, char* out) {
  assert(character <= kMaxCodePoint && (character < 0xD800 || character > 0xDFFF));
  if (character < 0x80) {
    out[0] = static_cast<char>(character);
    return 1;
  }
  size_t bytes = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  for (size_t i = bytes - 1; i > 0; --i) {
    out[i] = static_cast<char>(0x80 | (character & 0x3F));
    character >>= 6;
  }
  out[0] = static_cast<char>((0xF00u >> bytes & 0xFF) | character);
  return bytes;
}

void AppendCharacter(char32_t character, std::string* text) {
  char bytes[4];
  text->append(bytes, EncodeCharacter(character, bytes));
}

}  // namespace tupelo
