// base/long_text.h: going through text that may be very long, in pieces between which a statement
// may end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/interruption_scope.h"

namespace tupelo {

inline constexpr size_t kTextStepBytes = size_t{1} << 20;

// For loops over the bytes or characters of a text.
class TextSteps {
 public:
  // `done`: bytes so far; never fewer than before.
  void At(size_t done) {
    if (done < next_) return;
    next_ = done + kTextStepBytes;
    CheckInterruption();
  }

 private:
  size_t next_ = kTextStepBytes;
};

inline void CopyLongText(char* target, const char* source, size_t bytes) {
  for (; bytes > kTextStepBytes; bytes -= kTextStepBytes) {
    std::memcpy(target, source, kTextStepBytes);
    CheckInterruption();
    target += kTextStepBytes;
    source += kTextStepBytes;
  }
  std::memcpy(target, source, bytes);
}

// Where `sought` begins in `text` at or after `from`; npos when it does not. In a time that is
// linear in both lengths, unlike std::string_view's.
inline size_t FindText(std::string_view text, std::string_view sought, size_t from = 0) {
  while (from <= text.size()) {
    // Pieces overlap by what a place at the end of one needs.
    const size_t size =
        std::min(text.size() - from, std::max(kTextStepBytes, sought.size()) + sought.size());
    const void* found = memmem(text.data() + from, size, sought.data(), sought.size());
    if (found != nullptr) {
      return static_cast<size_t>(static_cast<const char*>(found) - text.data());
    }
    if (from + size == text.size()) break;
    from += size - sought.size() + 1;
    CheckInterruption();
  }
  return std::string_view::npos;
}

template <typename String>
void AppendLongText(String* text, std::string_view more) {
  for (; more.size() > kTextStepBytes; more.remove_prefix(kTextStepBytes)) {
    text->append(more.substr(0, kTextStepBytes));
    CheckInterruption();
  }
  text->append(more);
}

}  // namespace tupelo
