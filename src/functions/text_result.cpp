// functions/text_result.cpp: text cut or padded to the length of its type.
#include "functions/text_result.h"

#include <cstring>
#include <fmt/format.h>

#include "base/error.h"
#include "types/utf8.h"

namespace tupelo {
namespace {

constexpr size_t kShownBytes = 40;

[[noreturn]] void RaiseTooLong(std::string_view text, const Type& type) {
  std::string_view shown = text;
  if (text.size() > kShownBytes) {
    size_t end = kShownBytes;
    while (end > 0 && IsContinuationByte(text[end])) --end;
    shown = text.substr(0, end);
  }
  throw Error(ErrorCode::kStringTruncation,
              fmt::format("text too long for {}: '{}'{}", type.ToString(), shown,
                          shown.size() < text.size() ? "..." : ""));
}

StringRef WritePadded(std::string_view text, size_t blanks, Vector* result) {
  size_t size = text.size() + blanks;
  if (size <= StringRef::kInlineBytes) {
    char inlined[StringRef::kInlineBytes];
    std::memcpy(inlined, text.data(), text.size());
    std::memset(inlined + text.size(), ' ', blanks);
    return StringRef(inlined, static_cast<uint32_t>(size));
  }
  char* bytes = result->heap().NewArray<char>(size);
  std::memcpy(bytes, text.data(), text.size());
  std::memset(bytes + text.size(), ' ', blanks);
  return StringRef(bytes, static_cast<uint32_t>(size));
}

}  // namespace

StringRef WriteText(std::string_view text, const Type& type, Truncation truncation,
                    Vector* result) {
  if (type.length == kUnlimitedLength) return result->CopyToHeap(text);
  if (type.id != TypeId::kChar && text.size() <= type.length) return result->CopyToHeap(text);
  size_t end = OffsetOfCharacter(text, type.length);
  if (end < text.size()) {
    bool loses =
        truncation == Truncation::kNothing || !StripTrailingBlanks(text.substr(end)).empty();
    if (truncation != Truncation::kCut && loses) RaiseTooLong(text, type);
    return result->CopyToHeap(text.substr(0, end));
  }
  if (type.id != TypeId::kChar) return result->CopyToHeap(text);
  return WritePadded(text, type.length - CountCharacters(text), result);
}

StringRef WriteBytes(std::string_view bytes, const Type& type, Truncation truncation,
                     Vector* result) {
  if (type.length != kUnlimitedLength && bytes.size() > type.length) {
    std::string_view rest = bytes.substr(type.length);
    if (truncation != Truncation::kCut && rest.find_first_not_of('\0') != std::string_view::npos) {
      throw Error(ErrorCode::kStringTruncation,
                  fmt::format("{} octets are too many for {}", bytes.size(), type.ToString()));
    }
    bytes = bytes.substr(0, type.length);
  }
  return result->CopyToHeap(bytes);
}

}  // namespace tupelo
