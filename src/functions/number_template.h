// functions/number_template.h: the templates of TO_CHAR and TO_NUMBER for numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/decimal.h"

namespace tupelo {

struct NumberTemplate {
  enum class Kind : uint8_t { kDigit, kZero, kPoint, kComma, kSign, kMinus, kPlus, kLiteral };
  struct Part {
    Kind kind;
    char character = 0;  // of kLiteral
  };
  std::vector<Part> parts;
  int whole_digits = 0, fraction_digits = 0;
  int first_zero = -1;  // among the digits of the whole: the first that is written always
  int last_zero = -1;   // among those of the fraction: the last that is written always
  bool unpadded = false;
  bool has_point = false;
  bool has_sign = false;  // S, SG, MI, PL or PR: no sign before the first digit
  bool brackets = false;  // PR
  enum class Ordinal : uint8_t { kNone, kUpper, kLower } ordinal = Ordinal::kNone;
};

// Throws kFeatureNotSupported for patterns that are not: EEEE, V, RN, L. kSyntaxError for two
// points or signs.
NumberTemplate ParseNumberTemplate(std::string_view text);

// `digits`: the number's digits without sign and point, rounded to the template's fraction digits,
// the whole part at least one digit; `is_zero`: the whole part is 0.
std::string FormatNumber(const NumberTemplate& form, bool negative, std::string_view whole,
                         std::string_view fraction);

// The number as written, scaled by ten to the power `scale`. kInvalidCast for text that is none.
int128_t ParseNumber(const NumberTemplate& form, std::string_view text, int scale);

}  // namespace tupelo
