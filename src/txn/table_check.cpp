// txn/table_check.cpp: what must hold between blocks, chains and indexes, looked at row by row.
#include "txn/table_check.h"

#include <bit>

#include "base/error.h"
#include "storage/zone_check.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

// A row id as it stands behind the key of an entry.
void AppendRow(RowId row, std::string* entry) {
  for (int shift = 40; shift >= 0; shift -= 8) {
    entry->push_back(static_cast<char>(static_cast<uint64_t>(row) >> shift));
  }
}

}  // namespace

bool TableCheck::CheckStripe(uint32_t number, const Report& report) {
  const RowStore& store = table_->store_;
  if (number >= store.stripe_count()) return false;
  const Stripe& stripe = *store.stripe(number);
  RowId first = static_cast<RowId>(number) * kBlockRows;
  uint32_t live = 0;
  for (uint32_t slot = 0; slot < kBlockRows; ++slot) {
    if (!stripe.IsLive(slot)) continue;
    ++live;
    if (slot >= stripe.used) report("is there where no row was ever written", first + slot);
  }
  if (live != stripe.live_rows) report("the rows of a stripe are counted wrong", kNoRow);
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (table_->WasThere(view_, stripe, slot)) ++rows_;
  }
  if (live == 0) return true;
  for (uint32_t c = 0; c < store.column_count(); ++c) {
    if (!store.is_dropped(c)) CheckColumn(stripe, first, c, report);
  }
  return true;
}

void TableCheck::CheckColumn(const Stripe& stripe, RowId first, uint32_t column,
                             const Report& report) const {
  const ColumnBlock* block =
      column < stripe.columns.size() ? stripe.columns[column].block : nullptr;
  if (block == nullptr) return report("a column has no values", first);
  if (block->capacity < stripe.used || stripe.columns[column].data != block->data ||
      block->physical != table_->store_.physical(column)) {
    return report("the values of a column are not as its type says", first);
  }
  uint32_t nulls = 0;
  for (uint32_t slot = 0; slot < block->capacity; ++slot) nulls += block->IsNull(slot) ? 1 : 0;
  if (nulls != block->null_count) report("the nulls of a column are counted wrong", first);
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (!stripe.IsLive(slot)) continue;
    if (block->IsNull(slot)) {
      if (!stripe.MayHaveNulls(column)) report("has a null that nobody expects", first + slot);
    } else if (!ZoneHolds(block->zone, *block, slot)) {
      report("has a value outside of the bounds that are given for its block", first + slot);
    }
  }
}

void TableCheck::CheckCount(const Report& report) const {
  if (rows_ != table_->Count(view_)) report("the rows of the table are counted wrong", kNoRow);
}

void TableCheck::BeginIndex(const Index* index) {
  index_ = index;
  cursor_.Open(&index->tree_, "", "", false, false);
  has_entry_.assign(size_t{table_->store_.stripe_count()} * (kBlockRows / 64), 0);
  last_entry_.clear();
  last_key_.clear();
  last_row_ = kNoRow;
}

// Of a slot that is free nothing may be read.
bool TableCheck::MayHaveEntries(RowId row) const {
  const RowStore& store = table_->store_;
  if (!store.Exists(row)) return false;
  const Stripe& stripe = *store.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  return slot < stripe.used && (stripe.IsLive(slot) || stripe.Chain(slot) != nullptr);
}

bool TableCheck::HasNullInKey(RowId row) const {
  std::vector<uint16_t> columns;
  std::vector<Type> types;
  for (const IndexColumn& column : index_->columns()) {
    columns.push_back(column.column);
    types.push_back(table_->column_type(column.column));
  }
  Chunk chunk(types);
  for (size_t i = 0; i < columns.size(); ++i) chunk.column(i).PrepareWrite(1);
  if (!table_->Fetch(view_, row, columns, &chunk, 0)) return true;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!chunk.column(i).IsValid(0)) return true;
  }
  return false;
}

bool TableCheck::CheckEntries(uint32_t most, const Report& report) {
  for (uint32_t i = 0; i < most; ++i) {
    if (!cursor_.Next()) return false;
    RowId row = cursor_.row();
    std::string_view key = cursor_.key();
    std::string entry(key);
    AppendRow(row, &entry);
    if (!last_entry_.empty() && entry <= last_entry_) report("has an entry out of order", row);
    last_entry_ = std::move(entry);
    if (!MayHaveEntries(row)) {
      report("is not there, but has an entry", row);
      continue;
    }
    if (!table_->AnyVersionHasKey(row, *index_, key, nullptr)) {
      report("has an entry of another key than its own", row);
      continue;
    }
    if (!table_->EntryIsSeen(view_, row, *index_, key, &scratch_)) continue;
    size_t word = static_cast<size_t>(row) / 64;
    if (word >= has_entry_.size()) continue;
    has_entry_[word] |= uint64_t{1} << (row % 64);
    bool is_double = index_->is_declared_unique() && last_row_ != kNoRow && key == last_key_;
    if (is_double && !HasNullInKey(row)) report("has the same key as another one", row);
    last_key_ = key;
    last_row_ = row;
  }
  cursor_.Pause();
  return true;
}

bool TableCheck::CheckRows(uint32_t number, const Report& report) const {
  const RowStore& store = table_->store_;
  if (number >= store.stripe_count() ||
      size_t{number + 1} * (kBlockRows / 64) > has_entry_.size()) {
    return false;
  }
  const Stripe& stripe = *store.stripe(number);
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    size_t word = (size_t{number} * kBlockRows + slot) / 64;
    if ((has_entry_[word] >> (slot % 64)) & 1) continue;
    if (!table_->WasThere(view_, stripe, slot)) continue;
    report("has no entry", static_cast<RowId>(number) * kBlockRows + slot);
  }
  return true;
}

void TableCheck::CheckTree(const Index& index, const Report& report) {
  try {
    index.tree_.Check();
  } catch (const Error& error) {
    report(error.message().c_str(), kNoRow);
  }
}

}  // namespace tupelo
