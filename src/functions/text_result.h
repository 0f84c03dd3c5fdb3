// functions/text_result.h: writing text into a result, in the form its type asks for.
#pragma once

#include <string_view>

#include "types/type.h"
#include "types/vector.h"

namespace tupelo {

// How text that is longer than its type is treated.
enum class Truncation : uint8_t {
  kCut,      // CAST within text: silently
  kBlanks,   // storing: blanks go, anything else is 22001
  kNothing,  // the text of a number, datetime ...: 22001
};

// `text` as a value of `type` (a character type) in `result`'s heap: cut to its length, CHAR padded
// to it.
StringRef WriteText(std::string_view text, const Type& type, Truncation truncation, Vector* result);
// `bytes` as a value of a BLOB type; what storing cuts off must be zero octets.
StringRef WriteBytes(std::string_view bytes, const Type& type, Truncation truncation,
                     Vector* result);

}  // namespace tupelo
