// storage/row_values.cpp: values going into blocks and out of them, one loop for each physical
// type.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "storage/row_store.h"

namespace tupelo {

namespace {

// The member of Zone::Bound that stands for a T, and how a T becomes it.
template <typename T>
struct ZoneTraits {
  using Bound = int64_t;
  static Bound& Of(Zone::Bound& bound) { return bound.integer; }
  static Bound From(T value) { return value; }
};
template <>
struct ZoneTraits<int128_t> {
  using Bound = int128_t;
  static Bound& Of(Zone::Bound& bound) { return bound.wide; }
  static Bound From(int128_t value) { return value; }
};
template <>
struct ZoneTraits<double> {
  using Bound = double;
  static Bound& Of(Zone::Bound& bound) { return bound.real; }
  static Bound From(double value) { return value; }
};
template <>
struct ZoneTraits<float> : ZoneTraits<double> {};
template <>
struct ZoneTraits<ZonedTime> {
  using Bound = int64_t;
  static Bound& Of(Zone::Bound& bound) { return bound.integer; }
  static Bound From(const ZonedTime& value) { return value.utc_us; }
};
template <>
struct ZoneTraits<StringRef> {
  using Bound = uint64_t;
  static Bound& Of(Zone::Bound& bound) { return bound.prefix; }
  static Bound From(const StringRef& value) {
    char head[8] = {};
    std::memcpy(head, value.data(), std::min<size_t>(8, value.size()));
    uint64_t number;
    std::memcpy(&number, head, 8);
    return __builtin_bswap64(number);
  }
};

template <typename T>
void Widen(Zone* zone, const T& value) {
  using Traits = ZoneTraits<T>;
  auto bound = Traits::From(value);
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) {
      zone->unusable = true;
      return;
    }
  }
  if (zone->empty) {
    zone->empty = false;
    Traits::Of(zone->min) = Traits::Of(zone->max) = bound;
    return;
  }
  if (bound < Traits::Of(zone->min)) Traits::Of(zone->min) = bound;
  if (bound > Traits::Of(zone->max)) Traits::Of(zone->max) = bound;
}

template <typename T>
void StoreOne(ColumnBlock* block, uint32_t slot, const T& value) {
  if constexpr (std::is_same_v<T, StringRef>) {
    if (value.is_inline()) {
      block->values<StringRef>()[slot] = value;
    } else {
      if (block->heap == nullptr) block->heap = StringHeap::Create(block->pool);
      block->values<StringRef>()[slot] = block->heap->Add(value.view());
    }
  } else {
    block->values<T>()[slot] = value;
  }
  Widen(&block->zone, value);
}

void StoreNull(ColumnBlock* block, uint32_t slot, bool is_null) {
  uint64_t bit = uint64_t{1} << (slot % 64);
  uint64_t& word = block->validity[slot / 64];
  if (is_null == ((word & bit) == 0)) return;
  word ^= bit;
  block->null_count += is_null ? 1 : -1;
}

// A null's place holds zeros: a value of every type.
void StoreNothing(ColumnBlock* block, uint32_t slot) {
  size_t width = WidthBytes(block->physical);
  std::memset(block->data + slot * width, 0, width);
}

// Copies value `from_slot` of an array to `to_slot` of another one; as one move, whatever the
// width.
inline void CopyWidth(uint8_t* to, const void* from, uint32_t to_slot, uint32_t from_slot,
                      size_t width) {
  const auto* source = static_cast<const uint8_t*>(from) + from_slot * width;
  uint8_t* target = to + to_slot * width;
  switch (width) {
    case 1: *target = *source; return;
    case 2: std::memcpy(target, source, 2); return;
    case 4: std::memcpy(target, source, 4); return;
    case 8: std::memcpy(target, source, 8); return;
    default: std::memcpy(target, source, 16); return;
  }
}

template <typename T>
void StoreRun(ColumnBlock* block, uint32_t first_slot, const Vector& source, Rows rows,
              uint32_t first, uint32_t count) {
  const T* values = source.Data<T>();
  if (!source.may_have_nulls() && block->null_count == 0) {
    for (uint32_t i = 0; i < count; ++i) {
      StoreOne<T>(block, first_slot + i, values[source.Index(rows[first + i])]);
    }
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t row = rows[first + i];
    bool valid = source.IsValid(row);
    StoreNull(block, first_slot + i, !valid);
    if (valid) {
      StoreOne<T>(block, first_slot + i, values[source.Index(row)]);
    } else {
      StoreNothing(block, first_slot + i);
    }
  }
}

void StoreRunOf(ColumnBlock* block, uint32_t first_slot, const Vector& source, Rows rows,
                uint32_t first, uint32_t count) {
  switch (block->physical) {
    case PhysicalType::kBool:
      return StoreRun<uint8_t>(block, first_slot, source, rows, first, count);
    case PhysicalType::kInt16:
      return StoreRun<int16_t>(block, first_slot, source, rows, first, count);
    case PhysicalType::kInt32:
      return StoreRun<int32_t>(block, first_slot, source, rows, first, count);
    case PhysicalType::kInt64:
      return StoreRun<int64_t>(block, first_slot, source, rows, first, count);
    case PhysicalType::kInt128:
      return StoreRun<int128_t>(block, first_slot, source, rows, first, count);
    case PhysicalType::kFloat:
      return StoreRun<float>(block, first_slot, source, rows, first, count);
    case PhysicalType::kDouble:
      return StoreRun<double>(block, first_slot, source, rows, first, count);
    case PhysicalType::kString:
      if (block->has_codes.load(std::memory_order_relaxed)) block->DropCodes();
      return StoreRun<StringRef>(block, first_slot, source, rows, first, count);
    case PhysicalType::kZoned:
      return StoreRun<ZonedTime>(block, first_slot, source, rows, first, count);
  }
}

template <typename T>
void StoreSingle(ColumnBlock* block, uint32_t slot, const Vector& source, uint32_t row) {
  bool valid = source.IsValid(row);
  if (!valid || block->null_count > 0) StoreNull(block, slot, !valid);
  if (valid) {
    StoreOne<T>(block, slot, source.At<T>(row));
  } else {
    StoreNothing(block, slot);
  }
}

// Apart, so that values of other types need not save registers around the call.
[[gnu::noinline]] void StoreSingleString(ColumnBlock* block, uint32_t slot, const Vector& source,
                                         uint32_t row) {
  if (block->has_codes.load(std::memory_order_relaxed)) block->DropCodes();
  StoreSingle<StringRef>(block, slot, source, row);
}

bool RunHasNull(const ColumnBlock& block, uint32_t first_slot, const Vector& source, Rows rows,
                uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!source.IsValid(rows[first + i]) || block.IsNull(first_slot + i)) return true;
  }
  return false;
}

}  // namespace

ColumnBlock* RowStore::MakeWritable(Stripe* stripe, uint32_t column, uint32_t first_slot,
                                    bool validity_changes) {
  ColumnBlock* block = stripe->columns[column].block;
  if (!block->is_pinned() || (first_slot >= block->pinned_rows() && !validity_changes)) {
    return block;
  }
  ColumnBlock* copy = block->Copy(0);
  block->Retire();
  stripe->columns[column].Set(copy);
  return copy;
}

void RowStore::WriteRun(Stripe* stripe, uint32_t column, uint32_t first_slot, const Vector& source,
                        Rows rows, uint32_t first, uint32_t count) {
  assert(source.physical() == columns_[column].physical);
  ColumnBlock* block = stripe->columns[column].block;
  if (block->is_pinned()) {
    bool nulls = (source.may_have_nulls() || block->null_count > 0) &&
                 RunHasNull(*block, first_slot, source, rows, first, count);
    block = MakeWritable(stripe, column, first_slot, nulls);
  }
  StoreRunOf(block, first_slot, source, rows, first, count);
  if (block->null_count > 0) stripe->columns_with_nulls |= uint64_t{1} << (column % 64);
}

void RowStore::WriteValue(Stripe* stripe, uint32_t column, uint32_t slot, const Vector& source,
                          uint32_t row) {
  assert(source.physical() == columns_[column].physical);
  ColumnBlock* block = stripe->columns[column].block;
  if (block->is_pinned())
    block = MakeWritable(stripe, column, slot, block->IsNull(slot) == source.IsValid(row));
  if (!source.IsValid(row)) stripe->columns_with_nulls |= uint64_t{1} << (column % 64);
  switch (block->physical) {
    case PhysicalType::kBool: return StoreSingle<uint8_t>(block, slot, source, row);
    case PhysicalType::kInt16: return StoreSingle<int16_t>(block, slot, source, row);
    case PhysicalType::kInt32: return StoreSingle<int32_t>(block, slot, source, row);
    case PhysicalType::kInt64: return StoreSingle<int64_t>(block, slot, source, row);
    case PhysicalType::kInt128: return StoreSingle<int128_t>(block, slot, source, row);
    case PhysicalType::kFloat: return StoreSingle<float>(block, slot, source, row);
    case PhysicalType::kDouble: return StoreSingle<double>(block, slot, source, row);
    case PhysicalType::kString: return StoreSingleString(block, slot, source, row);
    case PhysicalType::kZoned: return StoreSingle<ZonedTime>(block, slot, source, row);
  }
}

void RowStore::RestoreValue(Stripe* stripe, uint32_t column, uint32_t slot, const void* value,
                            bool is_null) {
  ColumnBlock* block = stripe->columns[column].block;
  if (block == nullptr) return;  // the column was dropped since
  block = MakeWritable(stripe, column, slot, true);
  if (is_null) stripe->columns_with_nulls |= uint64_t{1} << (column % 64);
  if (block->has_codes.load(std::memory_order_relaxed)) block->DropCodes();
  StoreNull(block, slot, is_null);
  CopyWidth(block->data, value, slot, 0, WidthBytes(block->physical));
}

bool RowStore::ReadValue(const ColumnBlock& block, uint32_t slot, void* value) {
  CopyWidth(static_cast<uint8_t*>(value), block.data, 0, slot, WidthBytes(block.physical));
  return !block.IsNull(slot);
}

void RowStore::CompactHeap(Stripe* stripe, uint32_t column) {
  ColumnBlock* block = stripe->columns[column].block;
  assert(stripe->chained_rows == 0);
  block = MakeWritable(stripe, column, 0, true);
  StringHeap* heap = StringHeap::Create(pool_);
  StringRef moved[kBlockRows];
  try {
    for (uint32_t slot = 0; slot < stripe->used; ++slot) {
      if (!stripe->IsLive(slot) || block->IsNull(slot)) continue;
      moved[slot] = heap->Add(block->values<StringRef>()[slot].view());
    }
  } catch (...) {
    heap->Release();
    throw;
  }
  if (block->has_codes.load(std::memory_order_relaxed)) block->DropCodes();
  std::copy_n(moved, stripe->used, block->values<StringRef>());
  block->heap->Release();
  block->heap = heap;
}

}  // namespace tupelo
