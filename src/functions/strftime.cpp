// functions/strftime.cpp: STRFTIME, DATE, TIME, DATETIME, UNIXEPOCH, JULIANDAY of text, as in
// sqlite3.
#include <fmt/format.h>

#include "functions/datetime_names.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/sqlite_datetime.h"
#include "functions/string_signature.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

int64_t ToSeconds(int64_t timestamp) {
  return (timestamp - (timestamp % kMicrosPerSecond + kMicrosPerSecond) % kMicrosPerSecond) /
         kMicrosPerSecond;
}

double ToJulianDay(int64_t timestamp) {
  return static_cast<double>(timestamp) / static_cast<double>(kMicrosPerDay) + 2440587.5;
}

std::string DateText(int64_t timestamp) {
  CivilDate date = CivilFromDays(TimestampDate(timestamp));
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

// One specification behind %.
void Append(char c, int64_t timestamp, std::string* out) {
  int32_t days = TimestampDate(timestamp);
  CivilDate date = CivilFromDays(days);
  int64_t time = TimestampTime(timestamp);
  int64_t hour = time / kMicrosPerHour, minute = time / kMicrosPerMinute % 60;
  int64_t second = time / kMicrosPerSecond % 60, half_hour = (hour + 11) % 12 + 1;
  int32_t day_of_year = days - DaysFromCivil(date.year, 1, 1);
  int weekday = DayOfWeek(days), from_monday = (weekday + 6) % 7;
  auto add = [&](const std::string& text) { out->append(text); };
  switch (c) {
    case 'd': return add(fmt::format("{:02}", date.day));
    case 'e': return add(fmt::format("{:2}", date.day));
    case 'f': return add(fmt::format("{:02}.{:03}", second, time % kMicrosPerSecond / 1000));
    case 'F': return add(DateText(timestamp));
    case 'g': return add(fmt::format("{:02}", IsoYearOf(days) % 100));
    case 'G': return add(fmt::format("{:04}", IsoYearOf(days)));
    case 'H': return add(fmt::format("{:02}", hour));
    case 'I': return add(fmt::format("{:02}", half_hour));
    case 'j': return add(fmt::format("{:03}", day_of_year + 1));
    case 'J': return add(fmt::format("{:.16g}", ToJulianDay(timestamp)));
    case 'k': return add(fmt::format("{:2}", hour));
    case 'l': return add(fmt::format("{:2}", half_hour));
    case 'm': return add(fmt::format("{:02}", date.month));
    case 'M': return add(fmt::format("{:02}", minute));
    case 'p': return add(hour >= 12 ? "PM" : "AM");
    case 'P': return add(hour >= 12 ? "pm" : "am");
    case 'R': return add(fmt::format("{:02}:{:02}", hour, minute));
    case 's': return add(fmt::format("{}", ToSeconds(timestamp)));
    case 'S': return add(fmt::format("{:02}", second));
    case 'T': return add(fmt::format("{:02}:{:02}:{:02}", hour, minute, second));
    case 'u': return add(fmt::format("{}", from_monday + 1));
    case 'U': return add(fmt::format("{:02}", (day_of_year + 7 - weekday) / 7));
    case 'V': return add(fmt::format("{:02}", IsoWeekOf(days)));
    case 'w': return add(fmt::format("{}", weekday));
    case 'W': return add(fmt::format("{:02}", (day_of_year + 7 - from_monday) / 7));
    case 'Y': return add(fmt::format("{:04}", date.year));
    case '%': return add("%");
    default: break;
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("STRFTIME has no specification of that letter: %{}", c));
}

void FormatTimes(const KernelCall& call) {
  auto* out = PrepareResult<StringRef>(call);
  std::string buffer;
  ForEachValidRow(call, out, [&](uint32_t row) {
    std::string_view form = call.arguments[0]->At<StringRef>(row).view();
    int64_t timestamp = SqliteTimestamp(call, 1, row);
    buffer.clear();
    for (size_t i = 0; i < form.size(); ++i) {
      if (form[i] != '%') {
        buffer += form[i];
      } else {
        ++i;
        Append(i < form.size() ? form[i] : ' ', timestamp, &buffer);
      }
    }
    CheckStringSize(buffer.size());
    out[row] = call.result->CopyToHeap(buffer);
  });
}

struct DatePart {
  using Out = int32_t;
  static Out Of(int64_t timestamp) { return TimestampDate(timestamp); }
};
// Fractions of seconds are cut off.
struct TimePart {
  using Out = int64_t;
  static Out Of(int64_t timestamp) {
    int64_t time = TimestampTime(timestamp);
    return time - time % kMicrosPerSecond;
  }
};
struct WholeSecond {
  using Out = int64_t;
  static Out Of(int64_t timestamp) { return ToSeconds(timestamp) * kMicrosPerSecond; }
};
struct EpochSecond {
  using Out = int64_t;
  static Out Of(int64_t timestamp) { return ToSeconds(timestamp); }
};
struct JulianDay {
  using Out = double;
  static Out Of(int64_t timestamp) { return ToJulianDay(timestamp); }
};

template <typename Part>
void PartKernel(const KernelCall& call) {
  auto* out = PrepareResult<typename Part::Out>(call);
  ForEachValidRow(call, out,
                  [&](uint32_t row) { out[row] = Part::Of(SqliteTimestamp(call, 0, row)); });
}

// A time value and modifiers, from argument `first` on.
bool TakesTime(std::span<const Type> types, size_t first, BoundFunction* function) {
  if (types.size() <= first) return false;
  for (size_t i = 0; i < types.size(); ++i) {
    Type type = TypeOr(types[i], Type::Varchar());
    bool is_time = type.id == TypeId::kDate || type.id == TypeId::kTimestamp ||
                   type.id == TypeId::kTimestampTz || type.is_numeric();
    if (!type.is_character() && !(i == first && is_time)) return false;
    function->argument_types.push_back(type.id == TypeId::kReal ? Type::Double() : type);
  }
  function->is_deterministic = false;  // 'now' and 'localtime'
  return true;
}

bool ResolveFormat(std::span<const Type> types, BoundFunction* function) {
  if (types.empty() || !TypeOr(types[0], Type::Varchar()).is_character()) return false;
  if (!TakesTime(types, 1, function)) return false;
  function->result = Type::Varchar();
  function->kernel = FormatTimes;
  return true;
}

bool Resolve(std::span<const Type> types, const Type& result, Kernel kernel,
             BoundFunction* function) {
  if (!TakesTime(types, 0, function)) return false;
  function->result = result;
  function->kernel = kernel;
  return true;
}

bool ResolveDate(std::span<const Type> types, BoundFunction* function) {
  return Resolve(types, Type::Date(), PartKernel<DatePart>, function);
}
bool ResolveTime(std::span<const Type> types, BoundFunction* function) {
  return Resolve(types, Type::Time(0), PartKernel<TimePart>, function);
}
bool ResolveDatetime(std::span<const Type> types, BoundFunction* function) {
  return Resolve(types, Type::Timestamp(0), PartKernel<WholeSecond>, function);
}
bool ResolveUnixEpoch(std::span<const Type> types, BoundFunction* function) {
  return Resolve(types, Type::BigInt(), PartKernel<EpochSecond>, function);
}
bool ResolveJulianDay(std::span<const Type> types, BoundFunction* function) {
  return Resolve(types, Type::Double(), PartKernel<JulianDay>, function);
}

constexpr std::string_view kTakes = "a date, a timestamp, a string or a number, and modifiers";
constexpr FunctionRow kRows[] = {
    {"STRFTIME", "a format, a time value and modifiers", ResolveFormat},
    {"DATE", kTakes, ResolveDate},
    {"TIME", kTakes, ResolveTime},
    {"DATETIME", kTakes, ResolveDatetime},
    {"UNIXEPOCH", kTakes, ResolveUnixEpoch},
    {"JULIANDAY", kTakes, ResolveJulianDay},
};

}  // namespace

std::span<const FunctionRow> SqliteDatetimeFunctions() { return kRows; }

}  // namespace tupelo
