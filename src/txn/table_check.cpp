// txn/table_check.cpp: what must hold between blocks, chains and indexes.
#include "txn/table_check.h"

#include "base/error.h"
#include "storage/btree_node.h"
#include "storage/zone_check.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

std::string_view KeyOf(std::string_view entry) {
  return entry.substr(0, entry.size() - kBTreeRowBytes);
}

void AppendRow(RowId row, std::string* entry) {
  for (int shift = 40; shift >= 0; shift -= 8) {
    entry->push_back(static_cast<char>(static_cast<uint64_t>(row) >> shift));
  }
}

}  // namespace

// Stripes ------------------------------------------------------------

bool TableCheck::CheckStripe(uint32_t number, bool whole, const Report& report) {
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
  bool is_as_stored = stripe.is_stored && !stripe.has_changed && stripe.chained_rows == 0;
  if (live == 0 || (is_as_stored && !whole)) return true;
  std::vector<uint16_t> columns;
  for (uint32_t c = 0; c < store.column_count(); ++c) {
    if (store.is_dropped(c)) continue;
    columns.push_back(static_cast<uint16_t>(c));
    CheckColumn(stripe, first, c, report);
  }
  Leave(number, columns);
  return true;
}

void TableCheck::Leave(uint32_t stripe, std::span<const uint16_t> columns) const {
  table_->store_.Leave(table_->store_.stripe(stripe), columns);
}

void TableCheck::CheckColumn(const Stripe& stripe, RowId first, uint32_t column,
                             const Report& report) const {
  const RowStore& store = table_->store_;
  const ColumnBlock* block =
      column < stripe.columns.size() ? store.ColumnOf(stripe, column).block : nullptr;
  if (block == nullptr) return report("a column has no values", first);
  if (block->capacity < stripe.used || stripe.columns[column].data != block->data ||
      block->physical != store.physical(column)) {
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

// An index and its table ------------------------------------------------------------

void TableCheck::BeginIndex(const Index* index) {
  index_ = index;
  columns_.clear();
  for (const IndexColumn& column : index->columns()) columns_.push_back(column.column);
  from_.clear();
  of_entries_ = of_rows_ = EntrySum();
  has_entry_.clear();
  last_entry_.clear();
  last_key_.clear();
  last_row_ = kNoRow;
}

// Of a row without older versions there is one entry, which everybody sees; whether it is the right
// one the sums tell.
bool TableCheck::IsEntrySeen(std::string_view key, RowId row) {
  const RowStore& store = table_->store_;
  const Stripe* stripe = store.ResidentStripe(RowStore::StripeNumber(row));
  if (stripe == nullptr || stripe->Chain(RowStore::SlotOf(row)) == nullptr) return true;
  return table_->EntryIsSeen(view_, row, *index_, key, &scratch_);
}

bool TableCheck::AddEntries(const Report& report) {
  bool is_more = index_->tree_.ListLeaf(&from_, &entries_);
  for (size_t i = 0; i < entries_.size(); ++i) {
    std::string_view entry = entries_[i], key = KeyOf(entry);
    RowId row = RowOfEntry(entry);
    if (!last_entry_.empty() && entry <= last_entry_) report("has an entry out of order", row);
    last_entry_ = entry;
    if (!table_->store_.Exists(row)) {
      report("is not there, but has an entry", row);
      continue;
    }
    if (!IsEntrySeen(key, row)) continue;
    of_entries_.Add(entry);
    bool is_double = index_->is_declared_unique() && last_row_ != kNoRow && key == last_key_;
    if (is_double && !HasNullInKey(row)) report("has the same key as another one", row);
    last_key_ = key;
    last_row_ = row;
  }
  return is_more;
}

bool TableCheck::AddRows(uint32_t number) {
  const RowStore& store = table_->store_;
  if (number >= store.stripe_count()) return false;
  const Stripe& stripe = *store.stripe(number);
  RowId first = static_cast<RowId>(number) * kBlockRows;
  std::string entry;
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (!stripe.IsLive(slot) && stripe.Chain(slot) == nullptr) continue;
    if (!table_->VersionKey(view_, first + slot, *index_, &scratch_)) continue;
    entry = scratch_.view();
    AppendRow(first + slot, &entry);
    of_rows_.Add(entry);
  }
  Leave(number, columns_);
  return true;
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
  std::vector<Type> types;
  for (uint16_t column : columns_) types.push_back(table_->column_type(column));
  Chunk chunk(types);
  for (size_t i = 0; i < types.size(); ++i) chunk.column(i).PrepareWrite(1);
  if (!MayHaveEntries(row) || !table_->Fetch(view_, row, columns_, &chunk, 0)) return true;
  for (size_t i = 0; i < types.size(); ++i) {
    if (!chunk.column(i).IsValid(0)) return true;
  }
  return false;
}

// Where they differ ------------------------------------------------------------

void TableCheck::CheckEntry(std::string_view key, RowId row, const Report& report) {
  if (!table_->store_.Exists(row)) return;  // that was said
  if (!MayHaveEntries(row)) return report("is not there, but has an entry", row);
  if (!table_->AnyVersionHasKey(row, *index_, key, nullptr)) {
    return report("has an entry of another key than its own", row);
  }
  if (!table_->EntryIsSeen(view_, row, *index_, key, &scratch_)) return;
  size_t word = static_cast<size_t>(row) / 64;
  if (word < has_entry_.size()) has_entry_[word] |= uint64_t{1} << (row % 64);
}

bool TableCheck::SearchEntries(const Report& report) {
  if (has_entry_.empty()) {
    has_entry_.assign(size_t{table_->store_.stripe_count()} * (kBlockRows / 64), 0);
  }
  bool is_more = index_->tree_.ListLeaf(&from_, &entries_);
  for (size_t i = 0; i < entries_.size(); ++i) {
    CheckEntry(KeyOf(entries_[i]), RowOfEntry(entries_[i]), report);
  }
  return is_more;
}

bool TableCheck::SearchRows(uint32_t number, const Report& report) const {
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
