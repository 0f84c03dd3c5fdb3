// functions/cast_datetime.cpp: datetimes to datetimes (SQL:1999 part 2, 6.22, general rules 11 to
// 14).
//
// Every source is first read as a local timestamp and a displacement (a TIME gets the statement's
// date, what has no time zone the session's displacement), and the target takes from that what it
// has.
#include "functions/cast.h"
#include "functions/kernel.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

struct Moment {
  int64_t local_us;
  int32_t offset_minutes;
};

struct SourceBase {
  explicit SourceBase(const EvaluationContext* context)
      : zone_minutes(context == nullptr ? 0 : context->time_zone_minutes) {
    int64_t now =
        (context == nullptr ? 0 : context->statement_time_us) + zone_minutes * kMicrosPerMinute;
    today_us = TimestampDate(now) * kMicrosPerDay;
  }
  int32_t zone_minutes;
  int64_t today_us;
};

struct FromDate : SourceBase {
  using SourceBase::SourceBase;
  using In = int32_t;
  Moment Read(int32_t days) const { return {days * kMicrosPerDay, zone_minutes}; }
};
struct FromTime : SourceBase {
  using SourceBase::SourceBase;
  using In = int64_t;
  Moment Read(int64_t time) const { return {today_us + time, zone_minutes}; }
};
struct FromZonedTime : SourceBase {
  using SourceBase::SourceBase;
  using In = ZonedTime;
  Moment Read(const ZonedTime& time) const {
    return {today_us + LocalTime(time), time.offset_minutes};
  }
};
struct FromTimestamp : SourceBase {
  using SourceBase::SourceBase;
  using In = int64_t;
  Moment Read(int64_t timestamp) const { return {timestamp, zone_minutes}; }
};
struct FromZonedTimestamp : SourceBase {
  using SourceBase::SourceBase;
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
      : source(call.context), precision(static_cast<int>(call.data->a)) {}
  Source source;
  int precision;
  typename Target::Out operator()(const typename Source::In& value) {
    return Target::Make(source.Read(value), precision);
  }
};

template <typename Source, typename Target>
constexpr Kernel kCast =
    UnaryKernel<typename Source::In, typename Target::Out, DatetimeCast<Source, Target>>;

template <typename Source>
Kernel KernelTo(TypeId to) {
  switch (to) {
    case TypeId::kDate: return kCast<Source, ToDate>;
    case TypeId::kTime: return kCast<Source, ToTime>;
    case TypeId::kTimeTz: return kCast<Source, ToZonedTime>;
    case TypeId::kTimestamp: return kCast<Source, ToTimestamp>;
    default: return kCast<Source, ToZonedTimestamp>;
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
  return SetCast(from, to, KernelFor(from.id, to.id), to.family() == TypeFamily::kTimestamp, cast);
}

}  // namespace tupelo
