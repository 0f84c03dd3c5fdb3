// functions/sqlite_datetime.cpp: time values as sqlite3 reads them, and their modifiers.
//
// Days and months that overflow run on into the next month: 31 January plus one month is 3 March
// (or 2 March), as sqlite3 has it.
#include "functions/sqlite_datetime.h"

#include <cmath>
#include <fmt/format.h>

#include "types/datetime.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/value.h"

namespace tupelo {
namespace {

constexpr double kJulianDayOfEpoch = 2440587.5;

[[noreturn]] void RaiseOverflow() {
  throw Error(ErrorCode::kDatetimeOverflow, "the time is outside of the years 1 to 9999");
}

int64_t CheckRange(int64_t timestamp) {
  if (timestamp < kMinTimestamp || timestamp > kMaxTimestamp) RaiseOverflow();
  return timestamp;
}

int64_t FromMicros(double micros) {
  if (!(std::abs(micros) < 1e18)) RaiseOverflow();
  return CheckRange(std::llround(micros));
}

std::string Lower(std::string_view text) {
  std::string lower;
  for (char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  while (!lower.empty() && lower.back() == ' ') lower.pop_back();
  return lower;
}

// '2024-01-31', '2024-01-31 10:00[:00[.5]]', '2024-01-31T10:00', '10:00[:00]', with a zone or Z.
int64_t FromText(std::string_view given) {
  constexpr int32_t kFirstOf2000 = 10957;
  std::string text = Lower(given);
  if (!text.empty() && text.back() == 'z') text.replace(text.size() - 1, 1, "+00:00");
  size_t clock = text.find(':');
  if (clock == std::string::npos) return ParseDate(text) * kMicrosPerDay;
  if (clock > 10 && text[10] == 't') text[10] = ' ';
  // Seconds may be left out.
  size_t end = std::min(text.find_first_of("+-", clock), text.size());
  if (text.find(':', clock + 1) >= end) text.insert(end, ":00");
  DatetimeText parsed;
  if (clock > 3) {
    parsed = ParseTimestamp(text);
  } else {
    parsed = ParseTime(text);
    parsed.local_us += kFirstOf2000 * kMicrosPerDay;
  }
  if (!parsed.has_zone) return parsed.local_us;
  return CheckRange(parsed.local_us - parsed.offset_minutes * kMicrosPerMinute);
}

double NumberOf(const Vector& argument, uint32_t row) {
  Value value = Value::FromVector(argument, argument.Index(row));
  if (!argument.type().is_exact()) return value.real;
  value.type = argument.type();
  return DecimalToDouble(value.Unscaled(), argument.type().decimal_scale());
}

int64_t AddMonths(int64_t timestamp, int64_t months) {
  CivilDate date = CivilFromDays(TimestampDate(timestamp));
  int64_t month = date.year * int64_t{12} + date.month - 1 + months;
  int64_t year = month / 12;
  if (month < 12 || year > 9999) RaiseOverflow();
  int32_t days = DaysFromCivil(static_cast<int>(year), static_cast<int>(month % 12) + 1, 1);
  return CheckRange((days + date.day - 1) * kMicrosPerDay + TimestampTime(timestamp));
}

int64_t StartOf(std::string_view unit, int64_t timestamp) {
  int32_t days = TimestampDate(timestamp);
  CivilDate date = CivilFromDays(days);
  if (unit == "month") days = DaysFromCivil(date.year, date.month, 1);
  if (unit == "year") days = DaysFromCivil(date.year, 1, 1);
  return days * kMicrosPerDay;
}

[[noreturn]] void RaiseModifier(std::string_view modifier) {
  throw Error(ErrorCode::kInvalidDatetimeFormat,
              fmt::format("a modifier is such as '+1 day', '-2 months', 'start of month' or "
                          "'weekday 0', not: {}",
                          modifier));
}

// "+1.5 days"
int64_t Shift(std::string_view modifier, int64_t timestamp) {
  size_t blank = modifier.find(' ');
  double count = 0;
  std::string_view digits = modifier.substr(0, blank);
  if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
  if (blank == std::string_view::npos || ParseDouble(digits, &count) != NumberStatus::kOk) {
    RaiseModifier(modifier);
  }
  std::string_view unit = modifier.substr(blank + 1);
  if (!unit.empty() && unit.back() == 's') unit.remove_suffix(1);
  if (unit == "month" || unit == "year") {
    double months = std::trunc(count) * (unit == "year" ? 12 : 1);
    if (std::abs(months) > 120000) RaiseOverflow();
    return AddMonths(timestamp, std::llround(months));
  }
  struct Unit {
    std::string_view name;
    int64_t micros;
  };
  static constexpr Unit kUnits[] = {{"day", kMicrosPerDay},
                                    {"hour", kMicrosPerHour},
                                    {"minute", kMicrosPerMinute},
                                    {"second", kMicrosPerSecond}};
  for (const Unit& one : kUnits) {
    if (one.name != unit) continue;
    return FromMicros(static_cast<double>(timestamp) + count * static_cast<double>(one.micros));
  }
  RaiseModifier(modifier);
}

int64_t Modify(std::string_view given, const TimeZone& zone, int64_t timestamp) {
  std::string modifier = Lower(given);
  std::string_view text = modifier;
  if (text.starts_with("start of ")) {
    std::string_view unit = text.substr(9);
    if (unit == "day" || unit == "month" || unit == "year") return StartOf(unit, timestamp);
  }
  if (text.starts_with("weekday ") && text.size() == 9 && text[8] >= '0' && text[8] <= '6') {
    int forward = (text[8] - '0' - DayOfWeek(TimestampDate(timestamp)) + 7) % 7;
    return CheckRange(timestamp + forward * kMicrosPerDay);
  }
  if (text == "localtime") return CheckRange(ZoneClock(zone).Local(timestamp));
  if (text == "utc") return ZoneClock(zone).OfLocal(timestamp).utc_us;
  if (text == "subsec" || text == "subsecond") {
    throw Error(ErrorCode::kFeatureNotSupported,
                "the modifier 'subsec' is not supported; use STRFTIME with %f");
  }
  return Shift(text, timestamp);
}

}  // namespace

int64_t SqliteTimestamp(const KernelCall& call, size_t first, uint32_t row) {
  const Vector& argument = *call.arguments[first];
  size_t next = first + 1;
  auto modifier = [&] {
    return next < call.arguments.size() ? call.arguments[next]->At<StringRef>(row).view()
                                        : std::string_view();
  };
  int64_t timestamp = 0;
  switch (argument.type().id) {
    case TypeId::kDate: timestamp = argument.At<int32_t>(row) * kMicrosPerDay; break;
    case TypeId::kTimestamp: timestamp = argument.At<int64_t>(row); break;
    case TypeId::kTimestampTz: timestamp = argument.At<ZonedTime>(row).utc_us; break;
    default:
      if (argument.type().is_numeric()) {
        double number = NumberOf(argument, row);
        bool seconds = Lower(modifier()) == "unixepoch";
        next += seconds || Lower(modifier()) == "julianday";
        timestamp = FromMicros(seconds ? number * kMicrosPerSecond
                                       : (number - kJulianDayOfEpoch) * kMicrosPerDay);
      } else {
        std::string_view text = argument.At<StringRef>(row).view();
        timestamp = Lower(text) == "now" ? call.context->statement_time_us : FromText(text);
      }
  }
  for (; next < call.arguments.size(); ++next) {
    timestamp = Modify(modifier(), call.context->time_zone, timestamp);
  }
  return timestamp;
}

}  // namespace tupelo
