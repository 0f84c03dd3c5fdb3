// txn/scan.cpp: reading all of a table, stripe by stripe.
//
// A stripe is lent to the reader, pinned, when all values in it are as the view sees them; rows it
// does not see are left out by a selection. Where older values must be put in place of newer ones,
// the stripe is copied.
#include "txn/scan.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include "buffer/extent_pool.h"
#include "txn/undo.h"

namespace tupelo {

uint64_t TableScan::Length(const Table& table) {
  return uint64_t{table.store_.stripe_count()} * kBlockRows;
}

void TableScan::Open(const Table* table, const ReadView& view, std::span<const uint16_t> columns,
                     std::span<const ZonePredicate> zones) {
  Unpin();
  passed_ = nullptr;
  table_ = table;
  view_ = view;
  columns_ = columns;
  zones_ = zones;
  wanted_ = {};
  order_ = {};
  next_stripe_ = 0;
  end_stripe_ = UINT32_MAX;
}

bool TableScan::Restrict(uint32_t first, uint32_t end) {
  next_stripe_ = first;
  end_stripe_ = end;
  return first < table_->store_.stripe_count();
}

void TableScan::Close() {
  Unpin();
  passed_ = nullptr;
  table_ = nullptr;
}

void TableScan::Unpin() {
  for (BlockPin& pin : pins_) pin.Release();
  pins_.clear();
}

bool TableScan::Next(Chunk* out, RowIds* ids) {
  Unpin();
  if (table_ == nullptr) return false;
  if (passed_ != nullptr) table_->store_.Leave(std::exchange(passed_, nullptr), columns_);
  uint32_t end = std::min(end_stripe_, table_->store_.stripe_count());
  while (next_stripe_ < end) {
    uint32_t number = order_.empty() ? next_stripe_ : order_[next_stripe_];
    ++next_stripe_;
    Stripe* stripe = table_->store_.stripe(number);
    if (stripe->live_rows == 0 && stripe->chained_rows == 0) continue;
    if (!zones_.empty() && Skips(*stripe)) continue;
    if (!wanted_.empty() && !IsWanted(*stripe)) continue;
    bool is_complete = stripe->capacity > 0;
    if (!ScanStripe(stripe, out)) continue;
    if (!is_complete) passed_ = stripe;
    table_->store_.pool()->NoteUse(columns_.size());
    if (ids != nullptr) {
      RowId first = static_cast<RowId>(number) * kBlockRows;
      for (uint32_t slot = 0; slot < stripe->used; ++slot) ids->ids[slot] = first + slot;
    }
    return true;
  }
  return false;
}

bool TableScan::ScanStripe(Stripe* stripe, Chunk* out) {
  uint32_t used = stripe->used;
  // 1. Which rows the view sees, and which of them in an older version.
  uint64_t there[kBlockRows / 64];
  std::memcpy(there, stripe->live, sizeof(there));
  uint32_t count = stripe->live_rows;
  uint32_t older_count = 0;
  if (stripe->chained_rows != 0 && !SeesNewest(view_, *stripe)) {
    for (uint32_t slot = 0; slot < used; ++slot) {
      const UndoRecord* record = stripe->Chain(slot);
      if (record == nullptr || Sees(view_, *record)) continue;
      bool live = stripe->IsLive(slot);
      bool seen = table_->WasThere(view_, *stripe, slot);
      if (live != seen) {
        there[slot / 64] ^= uint64_t{1} << (slot % 64);
        count += seen ? 1 : -1;
      }
      if (seen) older_[older_count++] = static_cast<uint16_t>(slot);
    }
  }
  if (count == 0) return false;
  // 2. The values.
  if (std::none_of(older_, older_ + older_count,
                   [&](uint16_t slot) { return HasOlderValues(*stripe, slot); })) {
    PinAndBorrow(stripe, used, out);
  } else {
    CopyOut(stripe, used, out);
    for (uint32_t i = 0; i < older_count; ++i) {
      table_->CopyOlder(view_, stripe->Chain(older_[i]), columns_, out, older_[i]);
    }
  }
  // 3. The rows.
  if (count == used) {
    out->SetRows(used);
    return true;
  }
  uint16_t* selection = out->SelectionBuffer();
  uint32_t selected = 0;
  for (uint32_t word = 0; word * 64 < used; ++word) {
    for (uint64_t bits = there[word]; bits != 0; bits &= bits - 1) {
      selection[selected++] =
          static_cast<uint16_t>(word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
    }
  }
  assert(selected == count);
  out->SetRows(Rows{selection, selected});
  return true;
}

bool TableScan::HasOlderValues(const Stripe& stripe, uint32_t slot) const {
  for (const UndoRecord* record = stripe.Chain(slot); record != nullptr && !Sees(view_, *record);
       record = record->older) {
    if (record->kind == UndoKind::kUpdate) return true;
  }
  return false;
}

void TableScan::PinAndBorrow(Stripe* stripe, uint32_t count, Chunk* out) {
  bool is_full = count == kBlockRows;
  pins_.reserve(columns_.size());  // so that what is pinned is noted
  for (size_t j = 0; j < columns_.size(); ++j) {
    ColumnBlock* block = table_->store_.ColumnOf(*stripe, columns_[j]).block;
    block->Pin(count);
    pins_.push_back({block, nullptr});
    out->column(j).Borrow(block->data, block->validity_or_null());
    if (!is_full || block->physical != PhysicalType::kString) continue;
    if (block->codes_or_null() == nullptr) table_->store_.ProvideCodes(*stripe, columns_[j]);
    out->column(j).SetCodes(block->codes_or_null());
  }
}

void TableScan::CopyOut(Stripe* stripe, uint32_t count, Chunk* out) {
  pins_.reserve(columns_.size());  // as above
  for (size_t j = 0; j < columns_.size(); ++j) {
    ColumnBlock* block = table_->store_.ColumnOf(*stripe, columns_[j]).block;
    Vector& vector = out->column(j);
    vector.PrepareWrite(count);
    std::memcpy(vector.RawData(), block->data, count * WidthBytes(block->physical));
    if (block->null_count > 0)
      std::memcpy(vector.MutableValidity(), block->validity, (count + 63) / 64 * 8);
    if (block->heap != nullptr) {
      block->heap->AddReference();
      pins_.push_back({nullptr, block->heap});
    }
  }
}

namespace {

// Whether values in [min, max] can fulfil `value op constant`.
template <typename T>
bool CanFulfil(ZoneOp op, T min, T max, T constant, bool exact) {
  switch (op) {
    case ZoneOp::kEqual: return min <= constant && constant <= max;
    case ZoneOp::kLess: return exact ? min < constant : min <= constant;
    case ZoneOp::kLessEqual: return min <= constant;
    case ZoneOp::kGreater: return exact ? max > constant : max >= constant;
    case ZoneOp::kGreaterEqual: return max >= constant;
    default: return true;
  }
}

uint64_t StringPrefix(const std::string& text) {
  uint64_t prefix = 0;
  std::memcpy(&prefix, text.data(), std::min<size_t>(8, text.size()));
  return __builtin_bswap64(prefix);
}

bool CanFulfil(ZoneOp op, const Zone& zone, PhysicalType physical, const Value& value) {
  switch (physical) {
    case PhysicalType::kInt128:
      return CanFulfil(op, zone.min.wide, zone.max.wide, value.wide, true);
    case PhysicalType::kFloat:
    case PhysicalType::kDouble:
      return value.real != value.real ||
             CanFulfil(op, zone.min.real, zone.max.real, value.real, true);
    case PhysicalType::kString:
      // CHARACTER compares as if padded with blanks, which a prefix of bytes does not tell.
      if (value.type.id == TypeId::kChar) return true;
      return CanFulfil(op, zone.min.prefix, zone.max.prefix, StringPrefix(value.text), false);
    case PhysicalType::kZoned:
      return CanFulfil(op, zone.min.integer, zone.max.integer, value.zoned.utc_us, true);
    default: return CanFulfil(op, zone.min.integer, zone.max.integer, value.integer, true);
  }
}

}  // namespace

// Whether no row of the stripe, in any version, can fulfil it.
bool TableScan::ExcludedBy(const Stripe& stripe, const ZonePredicate& predicate) const {
  RowStore::Summary summary;
  if (!table_->store_.Summarize(stripe, predicate.column, &summary)) return false;
  const Zone& zone = *summary.zone;
  if (predicate.op == ZoneOp::kIsNotNull) return zone.empty && !zone.unusable;
  // Older versions may have nulls that are not counted.
  if (predicate.op == ZoneOp::kIsNull) return summary.null_count == 0 && stripe.chained_rows == 0;
  if (predicate.value.is_null) return true;
  if (zone.unusable || table_->column_type(predicate.column).id == TypeId::kChar) return false;
  return zone.empty ||
         !CanFulfil(predicate.op, zone, table_->store_.physical(predicate.column), predicate.value);
}

bool TableScan::Skips(const Stripe& stripe) const {
  return std::ranges::any_of(
      zones_, [&](const ZonePredicate& predicate) { return ExcludedBy(stripe, predicate); });
}

bool TableScan::IsWanted(const Stripe& stripe) const {
  return !std::ranges::all_of(
      wanted_, [&](const ZonePredicate& predicate) { return ExcludedBy(stripe, predicate); });
}

}  // namespace tupelo
