// functions/time_zone.h: time zones as SQL writes them, and that of the session.
#pragma once

#include <cstdint>
#include <string_view>

#include "functions/function.h"

namespace tupelo {

// Of microseconds to minutes. kInvalidTimeZone unless whole minutes from -14:59 to +14:00.
int32_t OffsetOfInterval(int64_t micros);
// A zone that is given as text: the literal of an INTERVAL HOUR TO MINUTE, such as '-5:00', or a
// name, as TimeZone::Named takes it.
TimeZone ZoneOfText(std::string_view text);

// For the duration of a call; UTC where there is no session.
inline ZoneClock SessionClock(const KernelCall& call) {
  return ZoneClock(call.context == nullptr ? TimeZone() : call.context->time_zone);
}
// What clocks of the session show when the statement runs.
inline int64_t LocalNow(const KernelCall& call) {
  return call.context == nullptr ? 0 : SessionClock(call).Local(call.context->statement_time_us);
}

}  // namespace tupelo
