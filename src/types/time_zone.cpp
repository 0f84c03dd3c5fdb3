// types/time_zone.cpp: time zones of regions, read by Abseil from the system's files.
//
// A region's changes are listed once, from the first to those of 400 years after the last that its
// file has: for as long Abseil carries the file's rule on. The Gregorian calendar repeats after 400
// years, weekdays included, so later times are looked up a number of such cycles before.
#include "types/time_zone.h"

#include <absl/time/time.h>
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/zone_files.h"
#include "types/datetime.h"
#include "types/utf8.h"

namespace tupelo {

namespace {

constexpr int64_t kCycle_us = 146097 * kMicrosPerDay;
// A change after this comes of a rule, not of a list.
constexpr int64_t kRuleYear = 2400;

int32_t MinutesOf(int seconds) { return (seconds + (seconds < 0 ? -30 : 30)) / 60; }

// When clocks go from `change.from` to `change.to`.
absl::Time InstantOf(const absl::TimeZone& zone, const absl::TimeZone::CivilTransition& change) {
  return zone.At(std::min(change.from, change.to)).trans;
}

std::string Upper(std::string_view name) {
  std::string upper;
  for (char c : name) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return upper;
}

[[noreturn]] void RaiseUnknown(std::string_view name) {
  // Whoever asks for a usual region, or has no region at all, lacks the files.
  if (FindZoneFile("Europe/London").empty()) {
    throw Error(ErrorCode::kInvalidParameterValue,
                fmt::format("this system has no time zone files in {}; install its package tzdata, "
                            "or set the environment's TZDIR to a directory of them; without them "
                            "there are UTC and displacements such as INTERVAL '-5:00' HOUR TO "
                            "MINUTE: {}",
                            ZoneDirectory(), name));
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("there is no time zone of that name; give a region such as "
                          "'Europe/Berlin', or a displacement such as INTERVAL '-5:00' HOUR TO "
                          "MINUTE: {}",
                          name));
}

}  // namespace

TimeRegion::TimeRegion(std::string upper_name, const std::string& path)
    : name_(std::move(upper_name)) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(path, &zone)) RaiseUnknown(name_);
  absl::Time at = absl::FromUnixMicros(kMinTimestamp) - absl::Hours(24);
  changes_.push_back({-ZonePeriod::kNever, MinutesOf(zone.At(at).offset)});
  absl::TimeZone::CivilTransition change;
  while (zone.NextTransition(at, &change)) {
    at = InstantOf(zone, change);
    int32_t minutes = MinutesOf(zone.At(at).offset);
    if (minutes != changes_.back().minutes) changes_.push_back({absl::ToUnixMicros(at), minutes});
    repeats_ = change.to.year() >= kRuleYear;
  }
}

ZonePeriod TimeRegion::Period(size_t change, int64_t shift_us) const {
  const Change& begin = changes_[change];
  if (begin.minutes < kMinOffsetMinutes || begin.minutes > kMaxOffsetMinutes) {
    throw Error(ErrorCode::kInvalidTimeZone,
                "at that time the displacement of the zone was outside -14:59 to +14:00: " + name_);
  }
  ZonePeriod period;
  period.minutes = begin.minutes;
  if (change > 0 || shift_us != 0) {
    period.begin_us = begin.at_us + shift_us;
    period.local_begin_us = period.begin_us + begin.minutes * kMicrosPerMinute;
  }
  if (change + 1 < changes_.size()) {
    const Change& end = changes_[change + 1];
    period.end_us = end.at_us + shift_us;
    period.local_end_us = period.end_us + end.minutes * kMicrosPerMinute;
  }
  return period;
}

// By how much a time is moved to come before the last change.
int64_t TimeRegion::CyclesTo(int64_t us) const {
  int64_t last = changes_.back().at_us;
  return repeats_ && us >= last ? ((us - last) / kCycle_us + 1) * kCycle_us : 0;
}

ZonePeriod TimeRegion::PeriodAt(int64_t utc_us) const {
  int64_t shift = CyclesTo(utc_us);
  auto after = std::upper_bound(changes_.begin() + 1, changes_.end(), utc_us - shift,
                                [](int64_t us, const Change& change) { return us < change.at_us; });
  return Period(static_cast<size_t>(after - changes_.begin()) - 1, shift);
}

ZonePeriod TimeRegion::PeriodOfLocal(int64_t local_us) const {
  int64_t shift = CyclesTo(local_us - changes_.back().minutes * kMicrosPerMinute);
  auto after = std::upper_bound(changes_.begin() + 1, changes_.end(), local_us - shift,
                                [](int64_t us, const Change& change) {
                                  return us < change.at_us + change.minutes * kMicrosPerMinute;
                                });
  return Period(static_cast<size_t>(after - changes_.begin()) - 1, shift);
}

TimeZone TimeZone::Named(std::string_view name) {
  name = StripBlanks(name);
  std::string upper = Upper(name);
  for (std::string_view utc : {"UTC", "GMT", "Z", "ZULU", "UCT", "ETC/UTC", "ETC/GMT"}) {
    if (upper == utc) return TimeZone();
  }
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const TimeRegion>, std::less<>> regions;
  std::lock_guard lock(mutex);
  auto found = regions.find(upper);
  if (found == regions.end()) {
    std::string path = FindZoneFile(name);
    if (path.empty()) RaiseUnknown(name);
    found = regions.emplace(upper, std::make_unique<const TimeRegion>(upper, path)).first;
  }
  TimeZone zone;
  zone.region_ = found->second.get();
  return zone;
}

ZonedTime ZoneClock::At(int64_t utc_us) {
  return AtOffsetTimestamp({utc_us, 0, 0}, MinutesAt(utc_us));
}

ZonedTime ZoneClock::OfLocal(int64_t local_us) {
  if (local_us < period_.local_begin_us || local_us >= period_.local_end_us) {
    period_ = region_->PeriodOfLocal(local_us);
  }
  int64_t utc_us = local_us - period_.minutes * kMicrosPerMinute;
  // A skipped time: the next period has begun.
  if (utc_us >= period_.end_us) return At(utc_us);
  return MakeZonedTimestamp(local_us, period_.minutes);
}

int64_t ZoneClock::Local(int64_t utc_us) { return utc_us + MinutesAt(utc_us) * kMicrosPerMinute; }

}  // namespace tupelo
