// functions/interval_unit.cpp: the granularity of interval types.
#include "functions/interval_unit.h"

#include "types/decimal.h"
#include "types/interval.h"

namespace tupelo {

int64_t LeastIntervalUnit(const Type& type) {
  if (type.end_field() != IntervalField::kSecond) return IntervalUnit(type.end_field());
  int digits = type.scale < kMaxFractionalDigits ? type.scale : kMaxFractionalDigits;
  return kPowersOfTen64[kMaxFractionalDigits - digits];
}

Type WithWidestLeadingField(const Type& type) {
  Type widest = type;
  widest.precision = kMaxLeadingPrecision;
  return widest;
}

}  // namespace tupelo
