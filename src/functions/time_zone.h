// functions/time_zone.h: time zones: displacements as intervals, and names.
#pragma once

#include <cstdint>
#include <string_view>

namespace tupelo {

// Of microseconds to minutes. kInvalidTimeZone unless whole minutes from -14:59 to +14:00.
int32_t OffsetOfInterval(int64_t micros);
// The displacement of a zone that is given as text: the literal of an INTERVAL HOUR TO MINUTE, such
// as '-5:00', or a name. Only UTC is known by name: kInvalidParameterValue for any other.
int32_t OffsetOfZone(std::string_view text);

}  // namespace tupelo
