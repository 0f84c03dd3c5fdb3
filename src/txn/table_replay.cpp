// txn/table_replay.cpp: changes of committed transactions made anew, when a database is opened.
//
// Nobody reads meanwhile: there are no versions, and an index has the entries of the newest ones
// alone.
#include <algorithm>

#include "storage/stored_bytes.h"
#include "txn/table.h"
#include "txn/version_keys.h"

namespace tupelo {

void Table::ReplayInsert(RowId first, std::span<const uint16_t> columns, const Chunk& rows) {
  for (uint32_t c = 0, i = 0; c < store_.column_count(); ++c) {
    bool is_there = i < columns.size() && columns[i] == c;
    if (is_there) ++i;
    if (!is_there && !store_.is_dropped(c)) ThrowDamaged("a new row without one of its columns");
  }
  uint32_t count = rows.row_count();
  if (!store_.PlaceRows(first, count)) ThrowDamaged("a new row where there is one");
  Stripe* stripe = store_.StripeOf(first);
  uint32_t slot = RowStore::SlotOf(first);
  for (uint16_t c : columns) {
    if (!store_.is_dropped(c)) {
      store_.WriteRun(stripe, c, slot, rows.column(c), rows.rows(), 0, count);
    }
  }
  stripe->has_changed = true;
  stripe->changed_columns = ~uint64_t{0};
  for (uint32_t i = 0; i < count; ++i) {
    stripe->SetLive(slot + i);
    InsertCurrentKeys(first + i);
  }
  CountCommitted(count);
  changed_rows_ += count;
}

void Table::ReplayUpdate(RowId row, std::span<const uint16_t> columns, const Chunk& values) {
  if (!IsThere(row)) ThrowDamaged("a change of a row that there is not");
  uint64_t mask = 0;
  for (uint16_t c : columns) mask |= ColumnBit(c);
  for (const std::unique_ptr<Index>& index : indexes_) {
    if ((mask & index->column_mask_) == 0) continue;
    VersionKeys(store_, *index, row).MakeKey(&key_);
    index->Erase(key_, row);
  }
  Stripe* stripe = store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  store_.ProvideColumns(stripe, mask);
  stripe->has_changed = true;
  stripe->changed_columns |= mask;
  for (uint16_t c : columns) {
    if (store_.is_dropped(c)) continue;
    ColumnBlock* block = stripe->columns[c].block;
    if (block->heap != nullptr && !block->IsNull(slot)) {
      block->heap->AddGarbage(block->values<StringRef>()[slot]);
    }
    store_.WriteValue(stripe, c, slot, values.column(c), 0);
    if (block->heap != nullptr && block->heap->is_mostly_garbage()) store_.CompactHeap(stripe, c);
  }
  for (const std::unique_ptr<Index>& index : indexes_) {
    if ((mask & index->column_mask_) == 0) continue;
    VersionKeys(store_, *index, row).MakeKey(&key_);
    index->Insert(key_, row);
  }
  ++changed_rows_;
}

void Table::ReplayDelete(RowId first, uint32_t count) {
  for (RowId row = first; row < first + count; ++row) {
    if (!IsThere(row)) ThrowDamaged("a row is deleted that there is not");
    EraseCurrentKeys(row);
    store_.FreeSlotValues(row);
    store_.StripeOf(row)->SetDead(RowStore::SlotOf(row));
    store_.StripeOf(row)->has_changed = true;
  }
  CountCommitted(-static_cast<int64_t>(count));
  changed_rows_ += count;
}

void Table::ReplayAddColumn(uint64_t number, const Vector& value) {
  if (number < store_.column_count() || number >= UINT16_MAX) {
    ThrowDamaged("the number of a column");
  }
  // Between them were columns that a rollback took back.
  while (store_.column_count() < number) store_.DropColumn(store_.AddColumn(value));
  uint32_t column = store_.AddColumn(value);
  if (value.physical() == PhysicalType::kString) string_mask_ |= ColumnBit(column);
  committed_columns_ = column + 1;
}

void Table::ReplayDropColumn(uint64_t column) {
  if (column >= store_.column_count() || store_.is_dropped(static_cast<uint32_t>(column))) {
    ThrowDamaged("a column is dropped that there is not");
  }
  store_.DropColumn(static_cast<uint32_t>(column));
}

void Table::ReplayCreateIndex(uint64_t number, const std::vector<IndexColumn>& columns, bool unique,
                              bool is_filled) {
  if (number == 0 || FindIndex(number) != nullptr) ThrowDamaged("the number of an index");
  std::unique_ptr<Index> index(new Index(&manager_->extents(), *this, columns, unique));
  index->table_ = this;
  index->number_ = number;
  index->is_committed_ = true;
  last_index_ = std::max(last_index_, number);
  UniqueChecks checks;  // it was found to be unique when it was made
  if (is_filled) FillIndex(index.get(), &checks, nullptr);
  indexes_.push_back(std::move(index));
  RecomputeIndexedMask();
}

void Table::ReplayDropIndex(uint64_t number) {
  Index* index = FindIndex(number);
  if (index == nullptr) ThrowDamaged("an index is dropped that there is not");
  EraseIndex(index);
}

void Table::FinishReplay() { store_.FindFreeSlots(committed_row_count()); }

bool Table::IsThere(RowId row) const {
  return store_.Exists(row) && store_.StripeOf(row)->IsLive(RowStore::SlotOf(row));
}

void Table::InsertCurrentKeys(RowId row) {
  for (const std::unique_ptr<Index>& index : indexes_) {
    VersionKeys(store_, *index, row).MakeKey(&key_);
    index->Insert(key_, row);
  }
}

}  // namespace tupelo
