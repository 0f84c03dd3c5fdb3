// base/zone_files.h: where the system keeps its time zones.
#pragma once

#include <string>
#include <string_view>

namespace tupelo {

// The directory of TZif files (RFC 8536): what the environment's TZDIR says, else
// /usr/share/zoneinfo. It need not exist.
std::string ZoneDirectory();
// Whether `name` has the form of a region's name, such as America/Port-au-Prince, and so cannot
// lead out of the directory.
bool IsZoneName(std::string_view name);
// The path of the file of a region, found whatever the case of its letters; empty when there is
// none.
std::string FindZoneFile(std::string_view name);

}  // namespace tupelo
