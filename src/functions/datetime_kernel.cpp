// functions/datetime_kernel.cpp: datetimes plus and minus intervals and datetimes.
#include "functions/datetime_kernel.h"

#include <limits>

#include "functions/kernel.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

int64_t Negated(int64_t interval) {
  if (interval == std::numeric_limits<int64_t>::min()) {
    throw Error(ErrorCode::kIntervalOverflow,
                "the negated interval is outside the range of its type");
  }
  return -interval;
}

struct DatePlusMonths {
  static int32_t Add(int32_t date, int64_t months) { return AddMonthsToDate(date, months); }
};
struct DatePlusMicros {
  static int32_t Add(int32_t date, int64_t micros) {
    if (micros % kMicrosPerDay != 0) {
      throw Error(ErrorCode::kDatetimeOverflow,
                  "a DATE has no time of day: the interval must be of whole days, or the date be "
                  "cast to TIMESTAMP");
    }
    return AddDaysToDate(date, micros / kMicrosPerDay);
  }
};
struct TimePlusMicros {
  static int64_t Add(int64_t time, int64_t micros) { return AddToTime(time, micros); }
};
struct ZonedTimePlusMicros {
  static ZonedTime Add(ZonedTime time, int64_t micros) {
    return MakeZonedTime(AddToTime(LocalTime(time), micros), time.offset_minutes);
  }
};
struct TimestampPlusMonths {
  static int64_t Add(int64_t timestamp, int64_t months) {
    return AddMonthsToTimestamp(timestamp, months);
  }
};
struct TimestampPlusMicros {
  static int64_t Add(int64_t timestamp, int64_t micros) {
    return AddToTimestamp(timestamp, micros);
  }
};
struct ZonedPlusMonths {
  static ZonedTime Add(ZonedTime timestamp, int64_t months) {
    return MakeZonedTimestamp(AddMonthsToTimestamp(LocalTimestamp(timestamp), months),
                              timestamp.offset_minutes);
  }
};
struct ZonedPlusMicros {
  static ZonedTime Add(ZonedTime timestamp, int64_t micros) {
    return MakeZonedTimestamp(AddToTimestamp(LocalTimestamp(timestamp), micros),
                              timestamp.offset_minutes);
  }
};

template <typename Adder, DatetimeForm kForm>
struct PlusOperation {
  static constexpr bool kEachRow = true;
  template <typename Left, typename Right>
  auto operator()(const Left& left, const Right& right) {
    if constexpr (kForm == DatetimeForm::kPlus) return Adder::Add(left, right);
    if constexpr (kForm == DatetimeForm::kMinus) return Adder::Add(left, Negated(right));
    if constexpr (kForm == DatetimeForm::kSwappedPlus) return Adder::Add(right, left);
  }
};

template <typename Datetime, typename Interval, typename Adder>
Kernel KernelOf(DatetimeForm form) {
  switch (form) {
    case DatetimeForm::kPlus:
      return BinaryKernel<Datetime, Interval, Datetime, PlusOperation<Adder, DatetimeForm::kPlus>>;
    case DatetimeForm::kMinus:
      return BinaryKernel<Datetime, Interval, Datetime, PlusOperation<Adder, DatetimeForm::kMinus>>;
    case DatetimeForm::kSwappedPlus:
      return BinaryKernel<Interval, Datetime, Datetime,
                          PlusOperation<Adder, DatetimeForm::kSwappedPlus>>;
  }
  return nullptr;
}

struct DateDifference {
  int64_t operator()(int32_t left, int32_t right) {
    return (int64_t{left} - right) * kMicrosPerDay;
  }
};
// Both lie within the years 1 to 9999; garbage of null rows wraps.
struct MicrosDifference {
  int64_t operator()(int64_t left, int64_t right) {
    return static_cast<int64_t>(static_cast<uint64_t>(left) - static_cast<uint64_t>(right));
  }
  int64_t operator()(const ZonedTime& left, const ZonedTime& right) {
    return (*this)(left.utc_us, right.utc_us);
  }
};

// Whole months from `right` to `left`: a begun month does not count, in either direction.
struct MonthDifference {
  static constexpr bool kEachRow = true;
  int32_t operator()(int64_t left, int64_t right) {
    CivilDate to = CivilFromDays(TimestampDate(left));
    CivilDate from = CivilFromDays(TimestampDate(right));
    int32_t months = (to.year - from.year) * 12 + (to.month - from.month);
    int64_t to_in_month = to.day * kMicrosPerDay + TimestampTime(left);
    int64_t from_in_month = from.day * kMicrosPerDay + TimestampTime(right);
    if (months > 0 && to_in_month < from_in_month) --months;
    if (months < 0 && to_in_month > from_in_month) ++months;
    return months;
  }
  int32_t operator()(int32_t left, int32_t right) {
    return (*this)(left * kMicrosPerDay, right * kMicrosPerDay);
  }
  // As the clock of `left` shows both.
  int32_t operator()(const ZonedTime& left, const ZonedTime& right) {
    return (*this)(LocalTimestamp(left), LocalTimestamp({right.utc_us, left.offset_minutes, 0}));
  }
};

}  // namespace

Kernel DatetimeIntervalKernel(const Type& datetime, const Type& interval, DatetimeForm form) {
  if (!interval.is_interval()) return nullptr;
  bool months = interval.id == TypeId::kYearMonth;
  switch (datetime.id) {
    case TypeId::kDate:
      return months ? KernelOf<int32_t, int32_t, DatePlusMonths>(form)
                    : KernelOf<int32_t, int64_t, DatePlusMicros>(form);
    case TypeId::kTime: return months ? nullptr : KernelOf<int64_t, int64_t, TimePlusMicros>(form);
    case TypeId::kTimeTz:
      return months ? nullptr : KernelOf<ZonedTime, int64_t, ZonedTimePlusMicros>(form);
    case TypeId::kTimestamp:
      return months ? KernelOf<int64_t, int32_t, TimestampPlusMonths>(form)
                    : KernelOf<int64_t, int64_t, TimestampPlusMicros>(form);
    case TypeId::kTimestampTz:
      return months ? KernelOf<ZonedTime, int32_t, ZonedPlusMonths>(form)
                    : KernelOf<ZonedTime, int64_t, ZonedPlusMicros>(form);
    default: return nullptr;
  }
}

Kernel DatetimeDifferenceKernel(const Type& datetime) {
  switch (datetime.physical()) {
    case PhysicalType::kInt32: return BinaryKernel<int32_t, int32_t, int64_t, DateDifference>;
    case PhysicalType::kInt64: return BinaryKernel<int64_t, int64_t, int64_t, MicrosDifference>;
    case PhysicalType::kZoned: return BinaryKernel<ZonedTime, ZonedTime, int64_t, MicrosDifference>;
    default: return nullptr;
  }
}

Kernel MonthDifferenceKernel(const Type& datetime) {
  switch (datetime.id) {
    case TypeId::kDate: return BinaryKernel<int32_t, int32_t, int32_t, MonthDifference>;
    case TypeId::kTimestamp: return BinaryKernel<int64_t, int64_t, int32_t, MonthDifference>;
    case TypeId::kTimestampTz: return BinaryKernel<ZonedTime, ZonedTime, int32_t, MonthDifference>;
    default: return nullptr;
  }
}

}  // namespace tupelo
