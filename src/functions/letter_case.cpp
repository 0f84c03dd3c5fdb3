// functions/letter_case.cpp: UPPER and LOWER: bytes for ASCII, utf8proc's tables for the rest.
#include "functions/letter_case.h"

#include <string>
#include <utf8proc.h>

#include "base/long_text.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

constexpr utf8proc_int32_t kSharpS = 0xDF;

void ChangeAscii(const char* in, uint32_t size, bool upper, char* out) {
  const char first = upper ? 'a' : 'A';
  TextSteps steps;
  for (uint32_t begin = 0; begin < size;) {
    const uint32_t end = static_cast<uint32_t>(std::min<size_t>(size, begin + kTextStepBytes));
    steps.At(begin);
    for (uint32_t i = begin; i < end; ++i) {
      bool letter = static_cast<unsigned char>(in[i] - first) < 26;
      out[i] = static_cast<char>(in[i] ^ (letter ? 0x20 : 0));
    }
    begin = end;
  }
}

}  // namespace

StringRef ChangeLetterCase(const StringRef& text, bool upper, Vector* result) {
  std::string_view view = text.view();
  if (IsAscii(view)) {
    if (text.is_inline()) {
      char bytes[StringRef::kInlineBytes];
      ChangeAscii(view.data(), text.size(), upper, bytes);
      return StringRef(bytes, text.size());
    }
    char* bytes = result->heap().NewArray<char>(text.size());
    ChangeAscii(view.data(), text.size(), upper, bytes);
    return StringRef(bytes, text.size());
  }
  std::string changed;
  changed.reserve(view.size() + 8);
  TextSteps steps;
  for (size_t offset = 0; offset < view.size();) {
    steps.At(offset);
    auto character = static_cast<utf8proc_int32_t>(DecodeCharacter(view, &offset));
    // The library raises the sharp s to U+1E9E; Unicode's simple mapping leaves it.
    if (character != kSharpS)
      character = upper ? utf8proc_toupper(character) : utf8proc_tolower(character);
    AppendCharacter(static_cast<char32_t>(character), &changed);
  }
  return result->CopyToHeap(changed);
}

}  // namespace tupelo
