// engine/parameters.cpp: rows of parameters into typed columns.
#include "engine/parameters.h"

#include <utility>

namespace tupelo {

void ParameterSet::Reset(uint32_t count, const ParameterTarget* targets) {
  targets_ = targets;
  if (columns_.size() != count) columns_ = std::vector<Column>(count);
  Clear();
}

void ParameterSet::Clear() {
  row_count_ = 0;
  if (!has_aside_) return;
  for (Column& column : columns_) column.is_aside = false;
  has_aside_ = false;
}

// The first row's types are the batch's; most runs of a statement have the types of the one before.
inline Vector& ParameterSet::PlaceFor(Column& column, const Type& type, uint32_t* row) {
  if (row_count_ != 0) return PlaceBeyondFirst(column, type, row);
  *row = 0;
  column.type = type;
  if (!SameType(type, column.values.type())) column.values.SetType(type);
  column.values.PrepareWrite(1);
  return column.values;
}

Vector& ParameterSet::PlaceBeyondFirst(Column& column, const Type& type, uint32_t* row) {
  *row = row_count_;
  if (column.type.id == TypeId::kNull) {  // the rows before were all null
    column.type = type;
    column.values.SetType(type);
    column.values.PrepareWrite(row_count_ + 1);
    for (uint32_t before = 0; before < row_count_; ++before) column.values.SetNull(before);
  } else if (!SameType(type, column.type)) {
    *row = 0;
    column.is_aside = has_aside_ = true;
    column.aside.SetType(type);
    column.aside.PrepareWrite(1);
    return column.aside;
  }
  column.values.EnsureCapacity(row_count_, row_count_ + 1);
  column.values.SetValid(row_count_);
  return column.values;
}

void ParameterSet::SetNull(uint32_t i) {
  Column& column = columns_[i];
  if (row_count_ == 0) {
    column.type = Type::Null();
    column.values.PrepareWrite(1);
  } else {
    column.values.EnsureCapacity(row_count_, row_count_ + 1);
  }
  column.values.SetNull(row_count_);
}

template <typename T>
inline void ParameterSet::Put(uint32_t i, const Type& type, T value) {
  uint32_t row;
  Vector& vector = PlaceFor(columns_[i], type, &row);
  vector.MutableData<T>()[row] = value;
}

inline void ParameterSet::PutText(uint32_t i, const Type& type, std::string_view text) {
  uint32_t row;
  Vector& vector = PlaceFor(columns_[i], type, &row);
  vector.MutableData<StringRef>()[row] = vector.CopyToHeap(text);
}

void ParameterSet::SetBoolean(uint32_t i, bool value) {
  Put<uint8_t>(i, Type::Boolean(), value ? 1 : 0);
}
void ParameterSet::SetInteger(uint32_t i, int64_t value) {
  if (targets_ != nullptr) {
    Type target = targets_[i].type();
    if (target.id == TypeId::kInteger && value == static_cast<int32_t>(value)) {
      return Put(i, target, static_cast<int32_t>(value));
    }
    if (target.id == TypeId::kSmallInt && value == static_cast<int16_t>(value)) {
      return Put(i, target, static_cast<int16_t>(value));
    }
  }
  Put(i, Type::BigInt(), value);
}
void ParameterSet::SetDecimal(uint32_t i, int128_t unscaled, int scale) {
  constexpr int128_t kNarrowLimit = 1'000'000'000'000'000'000;  // 10^18
  bool narrow =
      unscaled < kNarrowLimit && unscaled > -kNarrowLimit && scale <= kMaxInt64DecimalPrecision;
  if (narrow) {
    Put(i, Type::Decimal(kMaxInt64DecimalPrecision, scale), static_cast<int64_t>(unscaled));
  } else {
    Put(i, Type::Decimal(kMaxDecimalPrecision, scale), unscaled);
  }
}
void ParameterSet::SetDouble(uint32_t i, double value) { Put(i, Type::Double(), value); }
void ParameterSet::SetText(uint32_t i, std::string_view utf8) {
  if (targets_ != nullptr) {
    Type target = targets_[i].type();
    // No string has more characters than bytes.
    if ((target.id == TypeId::kVarchar || target.id == TypeId::kClob) &&
        utf8.size() <= target.length) {
      return PutText(i, target, utf8);
    }
  }
  PutText(i, Type::Varchar(), utf8);
}
void ParameterSet::SetBytes(uint32_t i, std::string_view bytes) { PutText(i, Type::Blob(), bytes); }
void ParameterSet::SetDate(uint32_t i, int32_t days) { Put(i, Type::Date(), days); }
void ParameterSet::SetTime(uint32_t i, int64_t microseconds) {
  Put(i, Type::Time(kMaxFractionalDigits), microseconds);
}
void ParameterSet::SetTimeTz(uint32_t i, ZonedTime value) {
  Put(i, Type::TimeTz(kMaxFractionalDigits), value);
}
void ParameterSet::SetTimestamp(uint32_t i, int64_t microseconds) {
  Put(i, Type::Timestamp(kMaxFractionalDigits), microseconds);
}
void ParameterSet::SetTimestampTz(uint32_t i, ZonedTime value) {
  Put(i, Type::TimestampTz(kMaxFractionalDigits), value);
}
void ParameterSet::SetYearMonth(uint32_t i, int32_t months) {
  Put(i, Type::Interval(IntervalField::kYear, IntervalField::kMonth, 9), months);
}
void ParameterSet::SetDayTime(uint32_t i, int64_t microseconds) {
  Put(i, Type::Interval(IntervalField::kDay, IntervalField::kSecond, 9), microseconds);
}

bool ParameterSet::EndRow() {
  if (has_aside_) return false;
  ++row_count_;
  return true;
}

void ParameterSet::StartBatchWithPendingRow() {
  for (Column& column : columns_) {
    if (!column.is_aside) {
      bool is_null = !column.values.IsValid(row_count_);
      uint16_t row = static_cast<uint16_t>(row_count_);
      column.aside.SetType(column.values.type());
      column.aside.PrepareWrite(1);
      column.aside.Append(0, column.values, Rows{&row, 1}, true);
      if (is_null) column.type = Type::Null();
    } else {
      column.type = column.aside.type();
    }
    std::swap(column.values, column.aside);
    column.is_aside = false;
  }
  has_aside_ = false;
  row_count_ = 1;
}

}  // namespace tupelo
