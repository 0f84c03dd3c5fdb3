// functions/letter_case.h: UPPER and LOWER.
#pragma once

#include "types/vector.h"

namespace tupelo {

// Each character's simple case mapping of Unicode; what has none stays. New bytes go to `result`'s
// heap.
StringRef ChangeLetterCase(const StringRef& text, bool upper, Vector* result);

}  // namespace tupelo
