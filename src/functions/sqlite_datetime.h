// functions/sqlite_datetime.h: the time values and modifiers of sqlite3's date functions.
#pragma once

#include <string_view>

#include "functions/function.h"

namespace tupelo {

// Argument `first` of a call as a timestamp, and the arguments behind it applied as modifiers:
// '+1 day', 'start of month', 'weekday 0' ... A text is 'now' or a date, time or timestamp; a
// number is a Julian day, or seconds with the modifier 'unixepoch'. Throws kInvalidDatetimeFormat
// and kDatetimeOverflow.
int64_t SqliteTimestamp(const KernelCall& call, size_t first, uint32_t row);

}  // namespace tupelo
