// exec/window_range.cpp: keys as numbers, and the walk to a bound.
#include "exec/window_range.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/value.h"

namespace tupelo {

namespace {

constexpr int128_t kMost = static_cast<int128_t>(~uint128_t{0} >> 1);

int128_t SaturatingMultiply(int128_t a, int128_t b) {
  int128_t product;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? kMost : -kMost;
}

int128_t SaturatingAdd(int128_t a, int128_t b) {
  int128_t sum;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? kMost : -kMost;
}

// The timestamp so many months later, on the last day of its month where that has no such day.
int128_t AddMonths(int64_t timestamp, int64_t months) {
  CivilDate date = CivilFromDays(TimestampDate(timestamp));
  int64_t month = date.year * int64_t{12} + (date.month - 1) + months;
  int64_t year = month / 12;
  if (year < 1) return -kMost;
  if (year > 9999) return kMost;
  int day =
      std::min(date.day, DaysInMonth(static_cast<int>(year), static_cast<int>(month % 12) + 1));
  int64_t days = DaysFromCivil(static_cast<int>(year), static_cast<int>(month % 12) + 1, day);
  return days * kMicrosPerDay + TimestampTime(timestamp);
}

int128_t ExactValue(const Vector& vector, uint32_t row) {
  switch (vector.physical()) {
    case PhysicalType::kInt16: return vector.At<int16_t>(row);
    case PhysicalType::kInt32: return vector.At<int32_t>(row);
    case PhysicalType::kInt64: return vector.At<int64_t>(row);
    case PhysicalType::kInt128: return vector.At<int128_t>(row);
    default: return vector.At<ZonedTime>(row).utc_us;
  }
}

double RealValue(const Vector& vector, uint32_t row) {
  switch (vector.physical()) {
    case PhysicalType::kFloat: return vector.At<float>(row);
    case PhysicalType::kDouble: return vector.At<double>(row);
    default:
      return static_cast<double>(ExactValue(vector, row)) /
             static_cast<double>(PowerOfTen(vector.type().decimal_scale()));
  }
}

}  // namespace

RangeBound::RangeBound(const RowCollection& rows, uint32_t key, const Type& key_type,
                       const Type& offset_type, bool descending, bool nulls_first, bool preceding)
    : rows_(rows),
      key_(key),
      key_type_(key_type),
      offset_type_(offset_type),
      descending_(descending),
      nulls_first_(nulls_first),
      preceding_(preceding),
      is_real_(key_type.is_approximate() || offset_type.is_approximate()),
      key_unit_(1) {
  if (key_type.id == TypeId::kDate) key_unit_ = kMicrosPerDay;
  if (key_type.is_exact() && offset_type.is_exact()) {
    int more = std::max(0, offset_type.decimal_scale() - key_type.decimal_scale());
    key_unit_ = PowerOfTen(more);
  }
}

void RangeBound::Start(const Vector& offset, const char* which) {
  if (!offset.IsValid(0)) {
    throw Error(ErrorCode::kNullNotAllowed,
                std::string("the ") + which + " offset of a frame must not be null");
  }
  bool negative = false;
  if (is_real_) {
    real_offset_ = RealValue(offset, 0);
    negative = real_offset_ < 0;
  } else {
    exact_offset_ = ExactValue(offset, 0);
    negative = exact_offset_ < 0;
    if (key_type_.is_exact()) {
      int more = std::max(0, key_type_.decimal_scale() - offset_type_.decimal_scale());
      exact_offset_ = SaturatingMultiply(exact_offset_, PowerOfTen(more));
    }
  }
  if (negative) {
    throw Error(ErrorCode::kInvalidFrameOffset, std::string("the ") + which +
                                                    " offset of a frame must not be negative: " +
                                                    Value::FromVector(offset, 0).ToString());
  }
}

double RangeBound::RealAt(uint32_t row) const {
  return RealValue(rows_.VectorOf(key_, row), row % kVectorSize);
}

int128_t RangeBound::ExactAt(uint32_t row) const {
  return SaturatingMultiply(ExactValue(rows_.VectorOf(key_, row), row % kVectorSize), key_unit_);
}

int128_t RangeBound::ExactBound(uint32_t row) const {
  // Before the row in the order is a greater key where that descends.
  int128_t sign = preceding_ == descending_ ? 1 : -1;
  if (key_type_.is_datetime() && offset_type_.id == TypeId::kYearMonth) {
    auto months = static_cast<int64_t>(sign * exact_offset_);
    if (!key_type_.has_time_zone()) return AddMonths(static_cast<int64_t>(ExactAt(row)), months);
    ZonedTime key = rows_.VectorOf(key_, row).At<ZonedTime>(row % kVectorSize);
    int64_t displacement = key.offset_minutes * kMicrosPerMinute;
    return SaturatingAdd(AddMonths(key.utc_us + displacement, months), -displacement);
  }
  return SaturatingAdd(ExactAt(row), sign * exact_offset_);
}

// Nulls are less than all bounds where they come first, and greater where they come last.
template <typename Number, typename At>
uint32_t RangeBound::Advance(Number bound, bool is_end, At&& at) {
  for (; at_ < partition_end_; ++at_) {
    if (IsNull(at_)) {
      if (nulls_first_) continue;
      break;
    }
    Number key = at(at_);
    bool before = descending_ ? key > bound : key < bound;
    if (!before && !(is_end && key == bound)) break;
  }
  return at_;
}

uint32_t RangeBound::Find(uint32_t row, bool is_end) {
  if (is_real_) {
    double offset = preceding_ == descending_ ? real_offset_ : -real_offset_;
    return Advance(RealAt(row) + offset, is_end, [this](uint32_t at) { return RealAt(at); });
  }
  return Advance(ExactBound(row), is_end, [this](uint32_t at) { return ExactAt(at); });
}

}  // namespace tupelo
