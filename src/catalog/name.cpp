// catalog/name.cpp: case folding of identifiers, by Unicode's simple mappings.
#include "catalog/name.h"

#include <algorithm>
#include <utf8proc.h>

namespace tupelo {

namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace

std::string FoldUpper(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  if (IsAscii(text)) {
    for (char c : text) folded.push_back(AsciiUpper(c));
    return folded;
  }
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point;
    utf8proc_ssize_t used = utf8proc_iterate(bytes, left, &code_point);
    if (used <= 0) break;  // the lexer admits valid UTF-8 only
    utf8proc_uint8_t encoded[4];
    utf8proc_ssize_t size = utf8proc_encode_char(utf8proc_toupper(code_point), encoded);
    folded.append(reinterpret_cast<const char*>(encoded), static_cast<size_t>(size));
    bytes += used;
    left -= used;
  }
  return folded;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() == b.size();
  if (IsAscii(a.substr(0, 1)) && IsAscii(b.substr(0, 1)) && AsciiUpper(a[0]) != AsciiUpper(b[0])) {
    return false;  // most names differ here
  }
  if (IsAscii(a) && IsAscii(b)) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
             return AsciiUpper(x) == AsciiUpper(y);
           });
  }
  return FoldUpper(a) == FoldUpper(b);
}

std::string QuoteIdentifier(std::string_view key) {
  std::string quoted = "\"";
  for (char c : key) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

Name::Name(std::string_view text, bool delimited)
    : key(delimited ? std::string(text) : FoldUpper(text)), spelling(text) {}

}  // namespace tupelo
