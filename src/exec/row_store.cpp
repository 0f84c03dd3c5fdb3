// exec/row_store.cpp: appending and gathering.
#include "exec/row_store.h"

#include <algorithm>
#include <numeric>

namespace tupelo {

void RowStore::Init(std::vector<Type> types) {
  types_ = std::move(types);
  Clear();
}

void RowStore::Clear() {
  row_count_ = 0;
  if (sets_.size() > 1) sets_.resize(1);
  if (!sets_.empty()) {
    for (size_t i = 0; i < types_.size(); ++i) sets_[0]->column(i).PrepareWrite(1);
  }
}

uint64_t RowStore::Append(const std::vector<const Vector*>& columns, Rows rows) {
  uint64_t first = row_count_;
  uint32_t done = 0;
  while (done < rows.count) {
    auto at = static_cast<uint32_t>(row_count_ % kVectorSize);
    size_t set = row_count_ / kVectorSize;
    if (set == sets_.size()) {
      sets_.push_back(std::make_unique<Chunk>(types_));
      for (size_t i = 0; i < types_.size(); ++i) sets_[set]->column(i).PrepareWrite(1);
    }
    uint32_t count = std::min(rows.count - done, kVectorSize - at);
    Rows part{rows.rows == nullptr ? nullptr : rows.rows + done, count};
    uint16_t numbers[kVectorSize];
    if (rows.rows == nullptr && done != 0) {  // the rest of a dense set: named row by row
      std::iota(numbers, numbers + count, static_cast<uint16_t>(done));
      part.rows = numbers;
    }
    for (size_t i = 0; i < types_.size(); ++i) {
      Vector& target = sets_[set]->column(i);
      target.EnsureCapacity(at, at + count);
      target.Append(at, *columns[i], part, true);
    }
    sets_[set]->SetRows(at + count);
    row_count_ += count;
    done += count;
  }
  if (types_.empty()) row_count_ = first + rows.count;
  return first;
}

uint64_t RowStore::Append(const Chunk& chunk) {
  std::vector<const Vector*> columns;
  columns.reserve(chunk.column_count());
  for (size_t i = 0; i < chunk.column_count(); ++i) columns.push_back(&chunk.column(i));
  return Append(columns, chunk.rows());
}

namespace {

template <typename T>
void GatherValues(const RowStore& store, size_t column, const uint32_t* rows, uint32_t count,
                  Vector* target) {
  T* out = target->MutableData<T>();
  for (uint32_t i = 0; i < count; ++i) {
    if (rows[i] == RowStore::kNoRow) {
      target->SetNull(i);
      continue;
    }
    const Vector& source = store.VectorOf(column, rows[i]);
    uint32_t at = rows[i] % kVectorSize;
    out[i] = source.Data<T>()[at];
    if (!source.IsValid(at)) target->SetNull(i);
  }
}

}  // namespace

void RowStore::Gather(size_t column, const uint32_t* rows, uint32_t count, Vector* target) const {
  target->PrepareWrite(count);
  switch (WidthBytes(target->physical())) {
    case 1: GatherValues<uint8_t>(*this, column, rows, count, target); break;
    case 2: GatherValues<uint16_t>(*this, column, rows, count, target); break;
    case 4: GatherValues<uint32_t>(*this, column, rows, count, target); break;
    case 8: GatherValues<uint64_t>(*this, column, rows, count, target); break;
    default: GatherValues<ZonedTime>(*this, column, rows, count, target); break;
  }
}

}  // namespace tupelo
