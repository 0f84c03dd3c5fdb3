// types/interval.h: intervals by their qualifier: text, fields, precision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/type.h"

namespace tupelo {

// An interval is a signed count: months (kYearMonth) or microseconds (kDayTime). Its type's
// qualifier says which fields its text has and how many digits the leading one may have.

inline constexpr int kMaxLeadingPrecision = 9;

// Months or microseconds of one unit of `field`.
int64_t IntervalUnit(IntervalField field);

// The text of a literal between its quotes: [sign] fields: '1-6', '3 04:05:06.5', '-25:30'. Blanks
// around it are skipped. Throws 22007 for another form or a field out of range (months over 11,
// hours over 23 ...), 22015 when the leading field has more digits than the type's precision.
int64_t ParseInterval(std::string_view text, const Type& type);

inline constexpr size_t kMaxIntervalText = 48;
// '1-6', '-3 04:05:06.50'. Writes at most kMaxIntervalText bytes, returns how many.
size_t FormatInterval(int64_t value, const Type& type, char* out);

// Whether the leading field fits the type's precision.
bool IntervalFits(int64_t value, const Type& type);
// `value` as a value of `type`: fields below the last are cut off, fractional seconds rounded half
// up (away from zero). Throws 22015 when the leading field does not fit.
int64_t ConvertInterval(int64_t value, const Type& type);

// EXTRACT: the field as the text of `type` shows it, negative for negative intervals; SECOND in
// microseconds. REQUIRES: the type has the field.
int64_t ExtractFromInterval(IntervalField field, int64_t value, const Type& type);

// The narrowest qualifier that holds every value of both. REQUIRES: same type id.
Type WidestInterval(const Type& left, const Type& right);

}  // namespace tupelo
