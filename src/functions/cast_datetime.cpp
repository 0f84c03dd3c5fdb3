// functions/cast_datetime.cpp: datetimes to datetimes (SQL:1999 part 2, 6.22, general rules 11 to
// 14).
//
// Every source is first read as a local timestamp and a displacement (a TIME gets the statement's
// date, what has no time zone the session's displacement at that time, where the target has one),
// and the target takes from that what it has.
#include "functions/cast.h"
#include "functions/kernel.h"
#include "functions/time_zone.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

struct Moment {
  int64_t local_us;
  int32_t offset_minutes;  // of no meaning where the target has none
};

int64_t StartOfToday(const KernelCall& call) {
  return TimestampDate(LocalNow(call)) * kMicrosPerDay;
}

// What has no time zone: a target with one gets that of the session.
template <bool kZoned>
struct Unzoned {
  explicit Unzoned(const KernelCall& call) : clock(SessionClock(call)) {}
  ZoneClock clock;
  Moment MomentOf(int64_t local_us) {
    if constexpr (!kZoned) return {local_us, 0};
    ZonedTime zoned = clock.OfLocal(local_us);
    return {LocalTimestamp(zoned), zoned.offset_minutes};
  }
};

template <bool kZoned>
struct FromDate : Unzoned<kZoned> {
  using Unzoned<kZoned>::Unzoned;
  using In = int32_t;
  Moment Read(int32_t days) { return this->MomentOf(days * kMicrosPerDay); }
};
template <bool kZoned>
struct FromTime : Unzoned<kZoned> {
  explicit FromTime(const KernelCall& call) : Unzoned<kZoned>(call), today_us(StartOfToday(call)) {}
  using In = int64_t;
  int64_t today_us;
  Moment Read(int64_t time) { return this->MomentOf(today_us + time); }
};
template <bool>
struct FromZonedTime {
  explicit FromZonedTime(const KernelCall& call) : today_us(StartOfToday(call)) {}
  using In = ZonedTime;
  int64_t today_us;
  Moment Read(const ZonedTime& time) const {
    return {today_us + LocalTime(time), time.offset_minutes};
  }
};
template <bool kZoned>
struct FromTimestamp : Unzoned<kZoned> {
  using Unzoned<kZoned>::Unzoned;
  using In = int64_t;
  Moment Read(int64_t timestamp) { return this->MomentOf(timestamp); }
};
template <bool>
struct FromZonedTimestamp {
  explicit FromZonedTimestamp(const KernelCall&) {}
  using In = ZonedTime;
  Moment Read(const ZonedTime& timestamp) const {
    return {LocalTimestamp(timestamp), timestamp.offset_minutes};
  }
};

struct ToDate {
  using Out = int32_t;
  static int32_t Make(Moment moment, int) { return TimestampDate(moment.local_us); }
};
struct ToTime {
  using Out = int64_t;
  static int64_t Make(Moment moment, int precision) {
    return RoundTime(TimestampTime(moment.local_us), precision);
  }
};
struct ToZonedTime {
  using Out = ZonedTime;
  static ZonedTime Make(Moment moment, int precision) {
    return MakeZonedTime(RoundTime(TimestampTime(moment.local_us), precision),
                         moment.offset_minutes);
  }
};
struct ToTimestamp {
  using Out = int64_t;
  static int64_t Make(Moment moment, int precision) {
    return RoundTimestamp(moment.local_us, precision);
  }
};
struct ToZonedTimestamp {
  using Out = ZonedTime;
  static ZonedTime Make(Moment moment, int precision) {
    return MakeZonedTimestamp(RoundTimestamp(moment.local_us, precision), moment.offset_minutes);
  }
};

template <typename Source, typename Target>
struct DatetimeCast {
  static constexpr bool kEachRow = true;
  explicit DatetimeCast(const KernelCall& call)
      : source(call), precision(static_cast<int>(call.data->a)) {}
  Source source;
  int precision;
  typename Target::Out operator()(const typename Source::In& value) {
    return Target::Make(source.Read(value), precision);
  }
};

template <typename Source, typename Target>
constexpr Kernel kCast =
    UnaryKernel<typename Source::In, typename Target::Out, DatetimeCast<Source, Target>>;

template <template <bool> typename Source>
Kernel KernelTo(TypeId to) {
  switch (to) {
    case TypeId::kDate: return kCast<Source<false>, ToDate>;
    case TypeId::kTime: return kCast<Source<false>, ToTime>;
    case TypeId::kTimeTz: return kCast<Source<true>, ToZonedTime>;
    case TypeId::kTimestamp: return kCast<Source<false>, ToTimestamp>;
    default: return kCast<Source<true>, ToZonedTimestamp>;
  }
}

Kernel KernelFor(TypeId from, TypeId to) {
  switch (from) {
    case TypeId::kDate: return KernelTo<FromDate>(to);
    case TypeId::kTime: return KernelTo<FromTime>(to);
    case TypeId::kTimeTz: return KernelTo<FromZonedTime>(to);
    case TypeId::kTimestamp: return KernelTo<FromTimestamp>(to);
    default: return KernelTo<FromZonedTimestamp>(to);
  }
}

// DATE and TIME have nothing in common; everything else can be had by CAST.
bool CanCast(const Type& from, const Type& to) {
  bool date_and_time = (from.family() == TypeFamily::kDate && to.family() == TypeFamily::kTime) ||
                       (from.family() == TypeFamily::kTime && to.family() == TypeFamily::kDate);
  return !date_and_time;
}

}  // namespace

bool ResolveDatetimeCast(const Type& from, const Type& to, CastKind kind, BoundFunction* cast) {
  if (!CanCast(from, to)) return false;
  if (kind != CastKind::kExplicit && from.family() != to.family()) return false;
  bool loses = to.precision < from.precision || (from.has_time_zone() && !to.has_time_zone());
  if (kind == CastKind::kImplicit && loses) return false;
  if (from.id == to.id && !loses) return SetReferenceCast(from, to, cast);
  cast->data.a = to.precision;
  // The session's zone, or the statement's date, takes part.
  cast->is_deterministic = from.has_time_zone() == to.has_time_zone() &&
                           (from.family() == to.family() || from.family() != TypeFamily::kTime);
  bool may_fail =
      to.family() == TypeFamily::kTimestamp || (to.has_time_zone() && !from.has_time_zone());
  return SetCast(from, to, KernelFor(from.id, to.id), may_fail, cast);
}

}  // namespace tupelo
