// txn/index_scan.cpp: reading a table through an index.
//
// A row without a chain has one version, and its entries are that version's: nothing to test. For
// others the version that the view sees must be there and have the entry's key; an entry of another
// version is passed over.
#include <cassert>
#include <cstring>

#include "buffer/extent_pool.h"
#include "txn/scan.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

namespace {

// A range of keys as the range [low, high) of entries.
struct EntryRange {
  KeyBuffer low, high;
  bool has_high = false;
  bool empty = false;

  EntryRange(const KeyBound& lower, const KeyBound& upper) {
    if (!lower.unbounded) {
      if (!lower.key.empty()) low.Append(lower.key.data(), lower.key.size());
      if (!lower.inclusive && !AdvancePastPrefix(&low)) empty = true;
    }
    if (!upper.unbounded) {
      if (!upper.key.empty()) high.Append(upper.key.data(), upper.key.size());
      has_high = !upper.inclusive || AdvancePastPrefix(&high);
    }
  }
};

template <typename T>
void Gather(const RowStore& store, const RowId* rows, uint32_t count, uint32_t column,
            Vector* out) {
  T* to = out->MutableData<T>();
  for (uint32_t i = 0; i < count; ++i) {
    const Stripe& stripe = *store.StripeOf(rows[i]);
    uint32_t slot = RowStore::SlotOf(rows[i]);
    const StripeColumn& from = store.ColumnOf(stripe, column);
    std::memcpy(&to[i], from.data + slot * sizeof(T), sizeof(T));
    if constexpr (std::is_same_v<T, StringRef>) {
      if (!to[i].is_inline()) to[i] = out->CopyToHeap(to[i].view());
    }
    if (stripe.MayHaveNulls(column) && from.block->IsNull(slot)) out->SetNull(i);
  }
}

// Whether the view sees the newest version of each row of the stripe, and none of the older ones
// had another key: then an entry counts if its row is there.
bool OnlyNewestCount(const ReadView& view, const Stripe& stripe, uint64_t key_columns) {
  return (stripe.chain_summary.changed_columns & key_columns) == 0 && SeesNewest(view, stripe);
}

}  // namespace

void Table::GatherCurrent(const RowId* rows, uint32_t count, uint32_t column, Vector* out) const {
  store_.pool()->NoteUse(count);
  out->PrepareWrite(count);
  switch (store_.physical(column)) {
    case PhysicalType::kBool: return Gather<uint8_t>(store_, rows, count, column, out);
    case PhysicalType::kInt16: return Gather<int16_t>(store_, rows, count, column, out);
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return Gather<int32_t>(store_, rows, count, column, out);
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return Gather<int64_t>(store_, rows, count, column, out);
    case PhysicalType::kInt128: return Gather<int128_t>(store_, rows, count, column, out);
    case PhysicalType::kString: return Gather<StringRef>(store_, rows, count, column, out);
    case PhysicalType::kZoned: return Gather<ZonedTime>(store_, rows, count, column, out);
  }
}

void IndexScan::Open(const Table* table, const Index* index, const ReadView& view,
                     std::span<const uint16_t> columns, const KeyBound& lower,
                     const KeyBound& upper, bool descending) {
  EntryRange range(lower, upper);
  table_ = table;
  is_empty_ = range.empty;
  index_ = index;
  view_ = view;
  columns_ = columns;
  cursor_.Open(&index->tree_, range.low.view(), range.high.view(), range.has_high, descending);
}

bool IndexScan::Accept(RowId row) {
  const Stripe& stripe = *table_->store_.StripeOf(row);
  if (stripe.Chain(RowStore::SlotOf(row)) == nullptr) return true;
  if (OnlyNewestCount(view_, stripe, index_->column_mask_))
    return stripe.IsLive(RowStore::SlotOf(row));
  return table_->EntryIsSeen(view_, row, *index_, cursor_.key(), &scratch_);
}

uint32_t IndexScan::NextRows(RowId* rows, uint32_t limit) {
  uint32_t count = 0;
  while (!is_empty_ && count < limit && cursor_.Next()) {
    RowId row = cursor_.row();
    if (Accept(row)) rows[count++] = row;
  }
  cursor_.Pause();
  return count;
}

bool IndexScan::Next(Chunk* out, RowIds* ids, uint32_t limit) {
  if (table_ == nullptr) return false;
  if (rows_ == nullptr) rows_ = std::make_unique<RowId[]>(kVectorSize);
  uint32_t count = NextRows(rows_.get(), limit < kVectorSize ? limit : kVectorSize);
  if (count == 0) return false;
  Fetch(rows_.get(), count, out);
  if (ids != nullptr) std::memcpy(ids->ids, rows_.get(), count * sizeof(RowId));
  return true;
}

void IndexScan::Fetch(const RowId* rows, uint32_t count, Chunk* out) {
  for (size_t j = 0; j < columns_.size(); ++j) {
    table_->GatherCurrent(rows, count, columns_[j], &out->column(j));
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (const UndoRecord* unseen = table_->FirstUnseen(view_, rows[i])) {
      table_->CopyOlder(view_, unseen, columns_, out, i);
    }
  }
  out->SetRows(count);
}

bool PointLookup::FindRow(const Table* table, const Index* index, const ReadView& view,
                          std::string_view key, RowId* row) {
  BTree::Match match;
  for (bool more = index->tree_.FirstMatch(key, &match); more;
       more = index->tree_.NextMatch(key, &match)) {
    const Stripe& stripe = *table->store_.StripeOf(match.row);
    uint32_t slot = RowStore::SlotOf(match.row);
    if (stripe.Chain(slot) != nullptr) {
      bool seen = OnlyNewestCount(view, stripe, index->column_mask_)
                      ? stripe.IsLive(slot)
                      : table->EntryIsSeen(view, match.row, *index, key, &scratch_);
      if (!seen) continue;
    }
    *row = match.row;
    return true;
  }
  return false;
}

bool PointLookup::Find(const Table* table, const Index* index, const ReadView& view,
                       std::string_view key, std::span<const uint16_t> columns, Chunk* out,
                       RowId* row) {
  RowId found;
  if (!FindRow(table, index, view, key, &found)) return false;
  for (size_t j = 0; j < columns.size(); ++j) out->column(j).PrepareWrite(1);
  table->CopyCurrent(*table->store_.StripeOf(found), RowStore::SlotOf(found), columns, out, 0);
  if (const UndoRecord* unseen = table->FirstUnseen(view, found))
    table->CopyOlder(view, unseen, columns, out, 0);
  out->SetRows(1);
  if (row != nullptr) *row = found;
  return true;
}

void CurrentLookup::Open(const Table* table, const Index* index, const Transaction* transaction,
                         std::string_view key) {
  table_ = table;
  index_ = index;
  transaction_ = transaction;
  EntryRange range(KeyBound::At(key, true), KeyBound::At(key, true));
  cursor_.Open(&index->tree_, range.low.view(), range.high.view(), range.has_high, false);
}

bool CurrentLookup::Next(RowId* row, RowState* state) {
  while (cursor_.Next()) {
    *row = cursor_.row();
    *state = table_->StateOf(transaction_, *row);
    bool match = false;
    switch (*state) {
      case RowState::kAbsent: break;
      case RowState::kOwn:
      case RowState::kCommitted:
        VersionKeys(table_->store_, *index_, *row).MakeKey(&scratch_);
        match = scratch_.view() == cursor_.key();
        if (match || !table_->IsNewer(transaction_, *row)) break;
        [[fallthrough]];  // changed since the snapshot: it may have had the key
      case RowState::kDeletedNewer:
        *state = RowState::kDeletedNewer;
        match = table_->VersionKey(transaction_->View(), *row, *index_, &scratch_) &&
                scratch_.view() == cursor_.key();
        break;
      case RowState::kInFlight:
        match = table_->AnyVersionHasKey(*row, *index_, cursor_.key(), nullptr);
        break;
    }
    if (match) {
      cursor_.Pause();
      return true;
    }
  }
  return false;
}

}  // namespace tupelo
