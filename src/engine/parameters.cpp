// engine/parameters.cpp: rows of parameters into typed columns.
#include "engine/parameters.h"

namespace tupelo {

void ParameterSet::Reset(uint32_t count) {
  if (columns_.size() != count) columns_ = std::vector<Column>(count);
  Clear();
}

void ParameterSet::Clear() {
  row_count_ = 0;
  for (Column& column : columns_) {
    column.type = Type::Null();
    column.pending_null = true;
    column.pending_type = Type::Null();
  }
}

void ParameterSet::SetNull(uint32_t i) {
  columns_[i].pending_null = true;
  columns_[i].pending_type = Type::Null();
}

namespace {

template <typename Column>
Column& Begin(Column& column, const Type& type) {
  column.pending_null = false;
  column.pending_type = type;
  return column;
}

}  // namespace

void ParameterSet::SetBoolean(uint32_t i, bool value) {
  Begin(columns_[i], Type::Boolean()).pending.integer = value ? 1 : 0;
}
void ParameterSet::SetInteger(uint32_t i, int64_t value) {
  Begin(columns_[i], Type::BigInt()).pending.integer = value;
}
void ParameterSet::SetDecimal(uint32_t i, int128_t unscaled, int scale) {
  constexpr int128_t kNarrowLimit = 1'000'000'000'000'000'000;  // 10^18
  bool narrow =
      unscaled < kNarrowLimit && unscaled > -kNarrowLimit && scale <= kMaxInt64DecimalPrecision;
  Column& column = Begin(
      columns_[i], Type::Decimal(narrow ? kMaxInt64DecimalPrecision : kMaxDecimalPrecision, scale));
  if (narrow) {
    column.pending.integer = static_cast<int64_t>(unscaled);
  } else {
    column.pending.wide = unscaled;
  }
}
void ParameterSet::SetDouble(uint32_t i, double value) {
  Begin(columns_[i], Type::Double()).pending.real = value;
}
void ParameterSet::SetText(uint32_t i, std::string_view utf8) {
  Begin(columns_[i], Type::Varchar()).pending_text.assign(utf8);
}
void ParameterSet::SetBytes(uint32_t i, std::string_view bytes) {
  Begin(columns_[i], Type::Blob()).pending_text.assign(bytes);
}
void ParameterSet::SetDate(uint32_t i, int32_t days) {
  Begin(columns_[i], Type::Date()).pending.integer = days;
}
void ParameterSet::SetTime(uint32_t i, int64_t microseconds) {
  Begin(columns_[i], Type::Time(kMaxFractionalDigits)).pending.integer = microseconds;
}
void ParameterSet::SetTimeTz(uint32_t i, ZonedTime value) {
  Begin(columns_[i], Type::TimeTz(kMaxFractionalDigits)).pending.zoned = value;
}
void ParameterSet::SetTimestamp(uint32_t i, int64_t microseconds) {
  Begin(columns_[i], Type::Timestamp(kMaxFractionalDigits)).pending.integer = microseconds;
}
void ParameterSet::SetTimestampTz(uint32_t i, ZonedTime value) {
  Begin(columns_[i], Type::TimestampTz(kMaxFractionalDigits)).pending.zoned = value;
}
void ParameterSet::SetYearMonth(uint32_t i, int32_t months) {
  Begin(columns_[i], Type::Interval(IntervalField::kYear, IntervalField::kMonth, 9))
      .pending.integer = months;
}
void ParameterSet::SetDayTime(uint32_t i, int64_t microseconds) {
  Begin(columns_[i], Type::Interval(IntervalField::kDay, IntervalField::kSecond, 9))
      .pending.integer = microseconds;
}

void ParameterSet::StorePending(Column& column, uint32_t row) {
  if (row == 0) {
    StartColumn(column);
  } else if (column.type.id == TypeId::kNull &&
             !column.pending_null) {  // rows before were all null
    StartColumn(column);
    column.values.PrepareWrite(row + 1);
    for (uint32_t i = 0; i < row; ++i) column.values.SetNull(i);
  }
  column.values.EnsureCapacity(row, row + 1);
  if (column.pending_null) {
    column.values.SetNull(row);
    return;
  }
  column.values.SetValid(row);
  switch (column.values.physical()) {
    case PhysicalType::kBool:
      column.values.MutableData<uint8_t>()[row] = static_cast<uint8_t>(column.pending.integer);
      break;
    case PhysicalType::kInt32:
      column.values.MutableData<int32_t>()[row] = static_cast<int32_t>(column.pending.integer);
      break;
    case PhysicalType::kInt64:
      column.values.MutableData<int64_t>()[row] = column.pending.integer;
      break;
    case PhysicalType::kInt128:
      column.values.MutableData<int128_t>()[row] = column.pending.wide;
      break;
    case PhysicalType::kDouble:
      column.values.MutableData<double>()[row] = column.pending.real;
      break;
    case PhysicalType::kZoned:
      column.values.MutableData<ZonedTime>()[row] = column.pending.zoned;
      break;
    default:
      column.values.MutableData<StringRef>()[row] = column.values.CopyToHeap(column.pending_text);
  }
}

// The column takes the type of the row being set. Most runs of a statement have the types of the
// one before.
inline void ParameterSet::StartColumn(Column& column) {
  column.type = column.pending_type;
  if (!SameType(column.type, column.values.type())) column.values.SetType(column.type);
  column.values.PrepareWrite(1);
}

bool ParameterSet::EndRow() {
  if (row_count_ != 0) {
    for (const Column& column : columns_) {
      if (!column.pending_null && column.type.id != TypeId::kNull &&
          !SameType(column.pending_type, column.type)) {
        return false;
      }
    }
  }
  for (Column& column : columns_) StorePending(column, row_count_);
  ++row_count_;
  return true;
}

void ParameterSet::StartBatchWithPendingRow() {
  row_count_ = 0;
  for (Column& column : columns_) StorePending(column, 0);
  row_count_ = 1;
}

}  // namespace tupelo
