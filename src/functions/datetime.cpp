// functions/datetime.cpp: + - * / on datetimes and intervals (SQL:1999 part 2, 6.14 and 6.15).
#include "types/datetime.h"

#include <algorithm>

#include "functions/datetime_kernel.h"
#include "functions/interval_unit.h"
#include "functions/registry.h"
#include "types/interval.h"

namespace tupelo {
namespace {

// The type of an interval operand beside a datetime, or of an untyped NULL there.
Type IntervalOr(const Type& type) {
  return TypeOr(type, Type::Interval(IntervalField::kDay, IntervalField::kDay));
}

bool SetFunction(BoundFunction* function, const Type& result, const Type& left, const Type& right,
                 Kernel kernel) {
  if (kernel == nullptr) return false;
  function->result = result;
  function->argument_types = {left, right};
  function->kernel = kernel;
  return true;
}

Type TypeOfIntervalSum(const Type& left, const Type& right) {
  Type sum = WidestInterval(left, right);
  sum.precision = static_cast<uint8_t>(std::min(sum.precision + 1, kMaxLeadingPrecision));
  return sum;
}

// datetime + interval, interval + datetime, interval + interval.
bool ResolvePlus(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  if (types[0].is_datetime()) {
    Type interval = IntervalOr(types[1]);
    return SetFunction(function, types[0], types[0], interval,
                       DatetimeIntervalKernel(types[0], interval, DatetimeForm::kPlus));
  }
  if (types[1].is_datetime()) {
    Type interval = IntervalOr(types[0]);
    return SetFunction(function, types[1], interval, types[1],
                       DatetimeIntervalKernel(types[1], interval, DatetimeForm::kSwappedPlus));
  }
  Type left = TypeOr(types[0], types[1]);
  Type right = TypeOr(types[1], left);
  if (!left.is_interval() || left.id != right.id) return false;
  return SetFunction(function, TypeOfIntervalSum(left, right), left, right,
                     IntervalSumKernel(left, false));
}

Type TypeOfDifference(const Type& left, const Type& right) {
  if (left.id == TypeId::kDate) return Type::Interval(IntervalField::kDay, IntervalField::kDay, 7);
  int leading = left.id == TypeId::kTime || left.id == TypeId::kTimeTz ? 2 : 7;
  return Type::Interval(IntervalField::kDay, IntervalField::kSecond, leading,
                        std::max(left.precision, right.precision));
}

// datetime - interval, datetime - datetime, interval - interval.
bool ResolveMinus(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  if (types[0].is_datetime() && types[1].is_interval()) {
    return SetFunction(function, types[0], types[0], types[1],
                       DatetimeIntervalKernel(types[0], types[1], DatetimeForm::kMinus));
  }
  Type left = TypeOr(types[0], types[1]);
  Type right = TypeOr(types[1], left);
  if (left.is_datetime() && right.is_datetime()) {
    if (left.family() != right.family()) return false;
    Type result = TypeOfDifference(left, right);
    if (left.id != right.id && !CommonType(left, right, &left)) return false;
    if (left.id != right.id) right = left;
    return SetFunction(function, result, left, right, DatetimeDifferenceKernel(left));
  }
  if (!left.is_interval() || left.id != right.id) return false;
  return SetFunction(function, TypeOfIntervalSum(left, right), left, right,
                     IntervalSumKernel(left, true));
}

// DATE_ADD and DATE_SUB: + and - by names that other systems have.
template <bool (*kResolve)(std::span<const Type>, BoundFunction*)>
bool ResolveNamed(std::span<const Type> types, BoundFunction* function) {
  bool fits = types.size() == 2 && types[0].is_datetime() &&
              (types[1].is_interval() || types[1].id == TypeId::kNull);
  if (!fits) return false;
  const Type both[] = {types[0], IntervalOr(types[1])};
  return kResolve(std::span<const Type>(both), function);
}

// How a number scales an interval: any integer as BIGINT, any DECIMAL in 128 bits, else DOUBLE
// PRECISION.
Type FactorType(const Type& number) {
  if (number.is_integer()) return Type::BigInt();
  if (number.is_approximate()) return Type::Double();
  return Type::Decimal(std::max<int>(number.precision, kMaxInt64DecimalPrecision + 1),
                       number.scale);
}

bool ResolveScaling(const Type& interval, const Type& number, ScalingForm form,
                    BoundFunction* function) {
  Type given = TypeOr(number, Type::Integer());
  if (!interval.is_interval() || !given.is_numeric()) return false;
  Type factor = FactorType(given);
  function->data.a = factor.decimal_scale();
  function->data.b = LeastIntervalUnit(interval);
  function->data.type = interval;
  Type result = form == ScalingForm::kDivide ? interval : WithWidestLeadingField(interval);
  bool swapped = form == ScalingForm::kSwappedMultiply;
  return SetFunction(function, result, swapped ? factor : interval, swapped ? interval : factor,
                     IntervalScalingKernel(interval, factor, form));
}

bool ResolveMultiply(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  if (types[0].is_interval())
    return ResolveScaling(types[0], types[1], ScalingForm::kMultiply, function);
  return ResolveScaling(types[1], types[0], ScalingForm::kSwappedMultiply, function);
}

bool ResolveDivide(std::span<const Type> types, BoundFunction* function) {
  return types.size() == 2 && ResolveScaling(types[0], types[1], ScalingForm::kDivide, function);
}

// (datetime - datetime) YEAR TO MONTH: the whole months between them.
bool ResolveMonthsBetween(std::span<const Type> types, BoundFunction* function) {
  if (types.size() != 2) return false;
  Type left = TypeOr(types[0], TypeOr(types[1], Type::Date()));
  Type right = TypeOr(types[1], left);
  if (left.id != right.id && (left.family() != right.family() || !CommonType(left, right, &left)))
    return false;
  if (left.id != right.id) right = left;
  return SetFunction(function, Type::Interval(IntervalField::kYear, IntervalField::kMonth, 4), left,
                     right, MonthDifferenceKernel(left));
}

constexpr FunctionRow kRows[] = {
    {"+",
     "a datetime and an interval (DATE: of years, months or whole days; TIME: of days to seconds), "
     "or two "
     "intervals of one class",
     ResolvePlus},
    {"-", "a datetime and an interval or a datetime of its kind, or two intervals of one class",
     ResolveMinus},
    {"DATE_ADD", "a datetime and an interval", ResolveNamed<ResolvePlus>},
    {"DATE_SUB", "a datetime and an interval", ResolveNamed<ResolveMinus>},
    {"*", "an interval and a number", ResolveMultiply},
    {"/", "an interval and a number", ResolveDivide},
    {"SUBTRACT_YEAR_MONTH", "two dates or two timestamps", ResolveMonthsBetween},
};

}  // namespace

std::span<const FunctionRow> DatetimeFunctions() { return kRows; }

}  // namespace tupelo
