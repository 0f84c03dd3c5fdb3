// functions/date_difference.cpp: DATEDIFF: how many years, weeks, hours ... begin between two
// datetimes; LAST_DAY of a month.
#include "functions/date_difference.h"

#include "functions/datetime_field.h"
#include "functions/kernel.h"
#include "functions/registry.h"
#include "types/datetime.h"

namespace tupelo {
namespace {

// A datetime of any of the types that the functions take. `local`: as its own zone shows it, else
// the instant.
int64_t TimestampAt(const Vector& vector, TypeId type, uint32_t row, bool local) {
  switch (type) {
    case TypeId::kDate: return vector.At<int32_t>(row) * kMicrosPerDay;
    case TypeId::kTimestamp: return vector.At<int64_t>(row);
    default: {
      const auto& zoned = vector.At<ZonedTime>(row);
      return local ? LocalTimestamp(zoned) : zoned.utc_us;
    }
  }
}

int64_t FloorDivide(int64_t number, int64_t by) {
  int64_t quotient = number / by;
  return number % by < 0 ? quotient - 1 : quotient;
}

// The number of the year, week, hour ... that a timestamp is in, in some numbering without gaps.
// They begin where DATE_TRUNC says.
int64_t NumberOfPeriod(DatetimeField field, int64_t timestamp) {
  int32_t days = TimestampDate(timestamp);
  CivilDate date = CivilFromDays(days);
  constexpr int kMonths = 12, kQuarters = 4, kWeek = 7;
  constexpr int kThursday = 3;  // days from Monday to 1970-01-01
  switch (field) {
    case DatetimeField::kMicroseconds: return timestamp;
    case DatetimeField::kMilliseconds: return FloorDivide(timestamp, 1000);
    case DatetimeField::kSecond: return FloorDivide(timestamp, kMicrosPerSecond);
    case DatetimeField::kMinute: return FloorDivide(timestamp, kMicrosPerMinute);
    case DatetimeField::kHour: return FloorDivide(timestamp, kMicrosPerHour);
    case DatetimeField::kDay: return days;
    case DatetimeField::kWeek: return FloorDivide(int64_t{days} + kThursday, kWeek);
    case DatetimeField::kMonth: return int64_t{date.year} * kMonths + date.month;
    case DatetimeField::kQuarter: return int64_t{date.year} * kQuarters + (date.month - 1) / 3;
    case DatetimeField::kYear:
    case DatetimeField::kDecade:
    case DatetimeField::kCentury:
    case DatetimeField::kMillennium:
    case DatetimeField::kIsoYear: return FieldOfTimestamp(field, timestamp);
    default: break;
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              "DATEDIFF takes a field that divides time, not DOW, ISODOW, DOY or EPOCH");
}

// data.a, data.b: the type ids of the datetimes.
void DifferenceKernel(const KernelCall& call) {
  auto* out = PrepareResult<int64_t>(call);
  auto from = static_cast<TypeId>(call.data->a), to = static_cast<TypeId>(call.data->b);
  ForEachValidRow(call, out, [&](uint32_t row) {
    DatetimeField field = FindDatetimeField(call.arguments[0]->At<StringRef>(row).view());
    bool local = !IsTimeField(field);
    out[row] = NumberOfPeriod(field, TimestampAt(*call.arguments[2], to, row, local)) -
               NumberOfPeriod(field, TimestampAt(*call.arguments[1], from, row, local));
  });
}

void LastDayKernel(const KernelCall& call) {
  auto* out = PrepareResult<int32_t>(call);
  auto type = static_cast<TypeId>(call.data->a);
  ForEachValidRow(call, out, [&](uint32_t row) {
    int64_t timestamp = TimestampAt(*call.arguments[0], type, row, true);
    CivilDate date = CivilFromDays(TimestampDate(timestamp));
    out[row] = DaysFromCivil(date.year, date.month, DaysInMonth(date.year, date.month));
  });
}

bool IsDateOrTimestamp(const Type& type) {
  return type.family() == TypeFamily::kDate || type.family() == TypeFamily::kTimestamp;
}

}  // namespace

bool ResolveDateDifference(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 3) return false;
  Type field = TypeOr(types[0], Type::Varchar());
  Type from = TypeOr(types[1], Type::Timestamp()), to = TypeOr(types[2], Type::Timestamp());
  if (!field.is_character() || !IsDateOrTimestamp(from) || !IsDateOrTimestamp(to)) return false;
  function->argument_types = {field, from, to};
  function->result = Type::BigInt();
  function->data.a = static_cast<int64_t>(from.id);
  function->data.b = static_cast<int64_t>(to.id);
  function->kernel = DifferenceKernel;
  return true;
}

bool ResolveLastDay(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 1) return false;
  Type type = TypeOr(types[0], Type::Date());
  if (!IsDateOrTimestamp(type)) return false;
  function->argument_types = {type};
  function->result = Type::Date();
  function->data.a = static_cast<int64_t>(type.id);
  function->kernel = LastDayKernel;
  function->may_fail = false;
  return true;
}

}  // namespace tupelo
