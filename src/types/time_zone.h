// types/time_zone.h: time zones: a displacement from UTC, or a region whose displacement changes.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "types/string_ref.h"

namespace tupelo {

// A stretch of time in which a zone has one displacement. Of the local times of a day on which
// clocks change, those between `local_begin_us` and `local_end_us` are read with it: a time that
// was skipped with the displacement before the change, one that came twice with that after it.
struct ZonePeriod {
  // Bounds of what never ends: far outside of the years 1 to 9999.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 4;
  int64_t begin_us = -kNever, end_us = kNever;              // in UTC, the end excluded
  int64_t local_begin_us = -kNever, local_end_us = kNever;  // the end excluded
  int32_t minutes = 0;
};

// A region whose clocks agree, as the system's files tell. It lives as long as the process.
class TimeRegion {
 public:
  // `upper_name` is for errors.
  TimeRegion(std::string upper_name, const std::string& path);

  // Throw kInvalidTimeZone where the displacement is not one that a value can have: local mean
  // times beside the date line, in the 19th century.
  ZonePeriod PeriodAt(int64_t utc_us) const;
  ZonePeriod PeriodOfLocal(int64_t local_us) const;

 private:
  struct Change {
    int64_t at_us;
    int32_t minutes;  // from then on; of seconds in a displacement only the nearest minute is kept
  };
  // The period after the last change that `is_after` tells to be before, moved by `shift_us`.
  ZonePeriod Period(size_t change, int64_t shift_us) const;
  int64_t CyclesTo(int64_t us) const;

  std::string name_;
  std::vector<Change> changes_;  // ascending; the first is before all time
  bool repeats_ = false;  // the changes of the last 400 years go on, in the same way, for ever
};

// What a session or AT TIME ZONE names. A value; cheap to copy.
class TimeZone {
 public:
  TimeZone() = default;  // UTC
  explicit TimeZone(int32_t minutes) : minutes_(minutes) {}
  // A region of the system's files, such as Europe/Berlin, whatever the case; UTC, GMT and Z are
  // known without files. Throws kInvalidParameterValue.
  static TimeZone Named(std::string_view name);

 private:
  friend class ZoneClock;
  const TimeRegion* region_ = nullptr;
  int32_t minutes_ = 0;  // without a region
};

// Computes with a zone, and remembers the period that it met last: times that are near each other
// cost a comparison. For one thread.
class ZoneClock {
 public:
  explicit ZoneClock(const TimeZone& zone) : region_(zone.region_) {
    if (region_ == nullptr) {
      period_.minutes = zone.minutes_;
    } else {
      period_.end_us = period_.begin_us;
      period_.local_end_us = period_.local_begin_us;
    }
  }
  // The displacement at an instant.
  int32_t MinutesAt(int64_t utc_us) {
    if (utc_us < period_.begin_us || utc_us >= period_.end_us) period_ = region_->PeriodAt(utc_us);
    return period_.minutes;
  }
  // The same instant, as clocks show it here.
  ZonedTime At(int64_t utc_us);
  // The instant when clocks here show `local_us`. One that they skip is as much later as they are
  // put forward, one that they show twice is the later.
  ZonedTime OfLocal(int64_t local_us);
  // What clocks show at an instant.
  int64_t Local(int64_t utc_us);

 private:
  const TimeRegion* region_;
  ZonePeriod period_;
};

}  // namespace tupelo
