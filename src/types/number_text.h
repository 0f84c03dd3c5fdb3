// types/number_text.h: numbers to text that reads back the same, and text to numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/decimal.h"

namespace tupelo {

inline constexpr size_t kMaxNumberText = 48;
// Each writes at most kMaxNumberText bytes and returns how many. Approximate numbers get the
// shortest text that reads back as the same number ("1.5", "1e+20"); infinities are "Infinity" and
// "-Infinity".
size_t FormatInteger(int64_t number, char* out);
size_t FormatDouble(double number, char* out);
size_t FormatReal(float number, char* out);

// The text of CAST(text AS number) (SQL:1999 part 2, 6.22): blanks around it, between them a whole
// signed numeric literal: [sign] digits and point [E [sign] digits]. kInvalid: it is not one
// (22018). kOutOfRange: it is one, but the target has no such number (22003). Nothing is written
// then.
NumberStatus ParseInteger(std::string_view text, int64_t* number);  // rounds a fraction half up
// To DECIMAL(precision, scale), rounding half up.
NumberStatus ParseDecimalAs(std::string_view text, int precision, int scale, int128_t* unscaled);
// The nearest double or float; what is too small to tell from zero is zero.
NumberStatus ParseDouble(std::string_view text, double* number);
NumberStatus ParseReal(std::string_view text, float* number);

}  // namespace tupelo
