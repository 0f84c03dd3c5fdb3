// base/error.cpp: SQLSTATE look-up, and byte offsets to lines and columns.
#include "base/error.h"

#include <algorithm>
#include <array>

namespace tupelo {

std::string_view SqlState(ErrorCode code) {
  static constexpr std::string_view kStates[] = {
#define TUPELO_STATE(name, sqlstate, sentence) sqlstate,
      TUPELO_ERROR_CODES(TUPELO_STATE)
#undef TUPELO_STATE
  };
  return kStates[static_cast<size_t>(code)];
}

Error& Error::Locate(std::string_view text) {
  if (position_ == kNoPosition || line_ != 0) return *this;
  std::string_view before = text.substr(0, std::min<size_t>(position_, text.size()));
  line_ = 1;
  column_ = 1;
  for (char c : before) {
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++column_;  // UTF-8 continuation bytes belong to the character before them
    }
  }
  return *this;
}

}  // namespace tupelo
