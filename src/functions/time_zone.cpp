// functions/time_zone.cpp: time zones as SQL writes them.
#include "functions/time_zone.h"

#include "base/error.h"
#include "types/datetime.h"
#include "types/interval.h"
#include "types/utf8.h"

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

TimeZone ZoneOfText(std::string_view text) {
  std::string_view name = StripBlanks(text);
  bool is_displacement = !name.empty() && (name[0] == '+' || name[0] == '-' || name[0] == ':' ||
                                           (name[0] >= '0' && name[0] <= '9'));
  if (!is_displacement) return TimeZone::Named(name);
  Type type = Type::Interval(IntervalField::kHour, IntervalField::kMinute);
  return TimeZone(OffsetOfInterval(ParseInterval(text, type)));
}

}  // namespace tupelo
