// functions/session.cpp: what depends on the statement's time, zone and user: CURRENT_TIMESTAMP,
// CURRENT_USER, AT TIME ZONE ...
#include <chrono>

#include "functions/kernel.h"
#include "functions/registry.h"
#include "functions/time_zone.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

constexpr uint32_t kUserNameLength = 128;

struct CurrentDate {
  static int32_t Get(const KernelCall& call) { return TimestampDate(LocalNow(call)); }
};
struct CurrentLocalTime {
  static int64_t Get(const KernelCall& call) { return TimestampTime(LocalNow(call)); }
};
struct CurrentLocalTimestamp {
  static int64_t Get(const KernelCall& call) { return LocalNow(call); }
};
struct CurrentTimestamp {
  static ZonedTime Get(const KernelCall& call) {
    return SessionClock(call).At(call.context->statement_time_us);
  }
};
// Goes on while the statement runs.
struct ClockTimestamp {
  static ZonedTime Get(const KernelCall& call) {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return SessionClock(call).At(
        std::chrono::duration_cast<std::chrono::microseconds>(now).count());
  }
};
struct CurrentTime {
  static ZonedTime Get(const KernelCall& call) {
    ZonedTime now = CurrentTimestamp::Get(call);
    return MakeZonedTime(TimestampTime(LocalTimestamp(now)), now.offset_minutes);
  }
};
struct CurrentUser {
  static StringRef Get(const KernelCall& call) {
    return call.result->CopyToHeap(call.context->user_name);
  }
};

template <typename Out, typename Source>
void SessionKernel(const KernelCall& call) {
  Out* out = PrepareResult<Out>(call);
  Out value = Source::Get(call);
  ForEachRow(call.rows, [&](uint32_t row) { out[row] = value; });
}

void SetSession(const Type& type, Kernel kernel, BoundFunction* function) {
  function->result = type;
  function->kernel = kernel;
  function->is_deterministic = false;
  function->may_fail = false;
}

bool ResolveCurrentDate(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::Date(), SessionKernel<int32_t, CurrentDate>, function);
  return types.empty();
}
bool ResolveClockTimestamp(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::TimestampTz(), SessionKernel<ZonedTime, ClockTimestamp>, function);
  return types.empty();
}
bool ResolveLocalTime(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::Time(kMaxFractionalDigits), SessionKernel<int64_t, CurrentLocalTime>, function);
  return types.empty();
}
bool ResolveLocalTimestamp(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::Timestamp(), SessionKernel<int64_t, CurrentLocalTimestamp>, function);
  return types.empty();
}
bool ResolveCurrentTime(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::TimeTz(kMaxFractionalDigits), SessionKernel<ZonedTime, CurrentTime>, function);
  return types.empty();
}
bool ResolveCurrentTimestamp(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::TimestampTz(), SessionKernel<ZonedTime, CurrentTimestamp>, function);
  return types.empty();
}
bool ResolveUser(std::span<const Type> types, BoundFunction* function) {
  SetSession(Type::Varchar(kUserNameLength), SessionKernel<StringRef, CurrentUser>, function);
  return types.empty();
}

// A time of day has no date that would tell the displacement of a region: it is today's.
template <bool kTimestamp>
ZonedTime AtZone(const ZonedTime& value, ZoneClock* clock, int64_t now_us) {
  return kTimestamp ? clock->At(value.utc_us) : AtOffsetTime(value, clock->MinutesAt(now_us));
}

template <bool kTimestamp>
struct AtTimeZone {
  static constexpr bool kEachRow = true;
  ZonedTime operator()(const ZonedTime& value, int64_t displacement) {
    int32_t minutes = OffsetOfInterval(displacement);
    return kTimestamp ? AtOffsetTimestamp(value, minutes) : AtOffsetTime(value, minutes);
  }
};

template <bool kTimestamp>
struct AtNamedZone {
  static constexpr bool kEachRow = true;
  explicit AtNamedZone(const KernelCall& call)
      : now_us(call.context == nullptr ? 0 : call.context->statement_time_us), clock(TimeZone()) {}
  int64_t now_us;
  std::string last_name = "UTC";
  ZoneClock clock;
  ZonedTime operator()(const ZonedTime& value, const StringRef& name) {
    if (name.view() != last_name) {
      clock = ZoneClock(ZoneOfText(name.view()));
      last_name = name.view();
    }
    return AtZone<kTimestamp>(value, &clock, now_us);
  }
};

template <bool kTimestamp>
struct AtLocal {
  static constexpr bool kEachRow = true;
  explicit AtLocal(const KernelCall& call)
      : now_us(call.context->statement_time_us), clock(SessionClock(call)) {}
  int64_t now_us;
  ZoneClock clock;
  ZonedTime operator()(const ZonedTime& value) { return AtZone<kTimestamp>(value, &clock, now_us); }
};

// A datetime without time zone is first given the session's, by the cast to `*zoned`.
bool ZonedOf(const Type& type, Type* zoned) {
  switch (type.id) {
    case TypeId::kTime:
    case TypeId::kTimeTz: *zoned = Type::TimeTz(type.precision); return true;
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: *zoned = Type::TimestampTz(type.precision); return true;
    case TypeId::kNull: *zoned = Type::TimestampTz(); return true;
    default: return false;
  }
}

bool ResolveAtTimeZone(std::span<const Type> types, BoundFunction* function) {
  Type zoned;
  if (types.size() != 2 || !ZonedOf(types[0], &zoned)) return false;
  if (types[1].is_character()) {
    function->result = zoned;
    function->argument_types = {zoned, types[1]};
    function->kernel = zoned.id == TypeId::kTimestampTz
                           ? BinaryKernel<ZonedTime, StringRef, ZonedTime, AtNamedZone<true>>
                           : BinaryKernel<ZonedTime, StringRef, ZonedTime, AtNamedZone<false>>;
    function->is_deterministic = zoned.id == TypeId::kTimestampTz;
    return true;
  }
  Type interval = TypeOr(types[1], Type::Interval(IntervalField::kHour, IntervalField::kMinute));
  if (interval.id != TypeId::kDayTime) return false;
  function->result = zoned;
  function->argument_types = {zoned, interval};
  function->kernel = zoned.id == TypeId::kTimestampTz
                         ? BinaryKernel<ZonedTime, int64_t, ZonedTime, AtTimeZone<true>>
                         : BinaryKernel<ZonedTime, int64_t, ZonedTime, AtTimeZone<false>>;
  return true;
}

bool ResolveAtLocal(std::span<const Type> types, BoundFunction* function) {
  Type zoned;
  if (types.size() != 1 || !ZonedOf(types[0], &zoned)) return false;
  function->result = zoned;
  function->argument_types = {zoned};
  function->kernel = zoned.id == TypeId::kTimestampTz
                         ? UnaryKernel<ZonedTime, ZonedTime, AtLocal<true>>
                         : UnaryKernel<ZonedTime, ZonedTime, AtLocal<false>>;
  function->is_deterministic = false;
  return true;
}

constexpr FunctionRow kRows[] = {
    {"CURRENT_DATE", "no arguments", ResolveCurrentDate},
    {"CURRENT_TIME", "no arguments", ResolveCurrentTime},
    {"CURRENT_TIMESTAMP", "no arguments", ResolveCurrentTimestamp},
    {"NOW", "no arguments", ResolveCurrentTimestamp},
    {"STATEMENT_TIMESTAMP", "no arguments", ResolveCurrentTimestamp},
    {"CLOCK_TIMESTAMP", "no arguments", ResolveClockTimestamp},
    {"LOCALTIME", "no arguments", ResolveLocalTime},
    {"LOCALTIMESTAMP", "no arguments", ResolveLocalTimestamp},
    {"CURRENT_USER", "no arguments", ResolveUser},
    {"SESSION_USER", "no arguments", ResolveUser},
    {"SYSTEM_USER", "no arguments", ResolveUser},
    {"USER", "no arguments", ResolveUser},
    {"AT_TIME_ZONE", "a time or timestamp, and an INTERVAL HOUR TO MINUTE or a region's name",
     ResolveAtTimeZone},
    {"AT_LOCAL", "a time or timestamp", ResolveAtLocal},
};

}  // namespace

std::span<const FunctionRow> SessionFunctions() { return kRows; }

}  // namespace tupelo
