// functions/time_zone.cpp: displacements, and the names of UTC.
#include "functions/time_zone.h"

#include <fmt/format.h>

#include "base/error.h"
#include "types/datetime.h"
#include "types/interval.h"

namespace tupelo {

int32_t OffsetOfInterval(int64_t micros) {
  int64_t minutes = micros / kMicrosPerMinute;
  if (micros % kMicrosPerMinute != 0 || minutes < kMinOffsetMinutes ||
      minutes > kMaxOffsetMinutes) {
    throw Error(ErrorCode::kInvalidTimeZone,
                "a time zone displacement is of whole minutes, from -14:59 to +14:00");
  }
  return static_cast<int32_t>(minutes);
}

int32_t OffsetOfZone(std::string_view text) {
  std::string upper;
  for (char c : text) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  while (!upper.empty() && upper.back() == ' ') upper.pop_back();
  size_t first = upper.find_first_not_of(' ');
  bool is_name = first == std::string::npos || (upper[first] >= 'A' && upper[first] <= 'Z');
  if (!is_name) {
    Type type = Type::Interval(IntervalField::kHour, IntervalField::kMinute);
    return OffsetOfInterval(ParseInterval(text, type));
  }
  for (std::string_view utc : {"UTC", "GMT", "Z", "ZULU", "UCT", "ETC/UTC", "ETC/GMT"}) {
    if (upper == utc) return 0;
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("of time zones only UTC is known by name; give a displacement, such as "
                          "INTERVAL '-5:00' HOUR TO MINUTE: {}",
                          text));
}

}  // namespace tupelo
