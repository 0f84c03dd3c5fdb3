// storage/zone_check.cpp: a value against bounds, as storage/row_values.cpp widens them.
#include "storage/zone_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tupelo {

namespace {

template <typename T>
bool Within(const T& min, const T& value, const T& max) {
  return min <= value && value <= max;
}

bool HoldsInteger(const Zone& zone, int64_t value) {
  return Within(zone.min.integer, value, zone.max.integer);
}

bool HoldsReal(const Zone& zone, double value) {
  return !std::isnan(value) && Within(zone.min.real, value, zone.max.real);
}

bool HoldsString(const Zone& zone, const StringRef& value) {
  char head[8] = {};
  std::memcpy(head, value.data(), std::min<size_t>(8, value.size()));
  uint64_t prefix;
  std::memcpy(&prefix, head, 8);
  return Within(zone.min.prefix, __builtin_bswap64(prefix), zone.max.prefix);
}

}  // namespace

bool ZoneHolds(const Zone& zone, const ColumnBlock& block, uint32_t slot) {
  if (zone.unusable) return true;
  if (zone.empty) return false;
  switch (block.physical) {
    case PhysicalType::kBool: return HoldsInteger(zone, block.values<uint8_t>()[slot]);
    case PhysicalType::kInt16: return HoldsInteger(zone, block.values<int16_t>()[slot]);
    case PhysicalType::kInt32: return HoldsInteger(zone, block.values<int32_t>()[slot]);
    case PhysicalType::kInt64: return HoldsInteger(zone, block.values<int64_t>()[slot]);
    case PhysicalType::kInt128:
      return Within(zone.min.wide, block.values<int128_t>()[slot], zone.max.wide);
    case PhysicalType::kFloat: return HoldsReal(zone, block.values<float>()[slot]);
    case PhysicalType::kDouble: return HoldsReal(zone, block.values<double>()[slot]);
    case PhysicalType::kString: return HoldsString(zone, block.values<StringRef>()[slot]);
    case PhysicalType::kZoned: return HoldsInteger(zone, block.values<ZonedTime>()[slot].utc_us);
  }
  return false;
}

}  // namespace tupelo
