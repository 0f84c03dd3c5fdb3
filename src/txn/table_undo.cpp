// txn/table_undo.cpp: undoing changes, and forgetting old versions that no reader needs.
//
// Forgetting (Purge) goes row by row: of a row's chain, the records that every reader sees are at
// the end. With them go the index entries of versions that only they could bring back, unless a
// version that remains has the same key (a key changed from A to B and back to A); and the slot
// itself, when the row is dead and nothing remains.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include "txn/table.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

namespace {

// With so many rows to look at in a stripe it is less work to look at all of it once.
constexpr uint32_t kManyChains = 128;

bool IsUnneeded(const UndoRecord& record, CommitNumber horizon) {
  return record.log->commit != 0 && record.log->commit <= horizon;
}

}  // namespace

void Table::Unchain(Stripe* stripe) {
  if (--stripe->chained_rows > 0) return;
  for (ChainHeads*& heads : stripe->chains) {
    if (heads != nullptr) manager_->GiveChains(std::exchange(heads, nullptr));
  }
  if (string_mask_ == 0) return;
  for (uint32_t c = 0; c < stripe->columns.size(); ++c) {
    const ColumnBlock* block = stripe->columns[c].block;
    if (block == nullptr || block->heap == nullptr || !block->heap->is_mostly_garbage()) continue;
    try {
      store_.CompactHeap(stripe, c);
    } catch (const std::exception&) {  // no memory: when the stripe is changed again
    }
  }
}

void Table::CountGarbage(Stripe* stripe, const UndoRecord& record) {
  if (string_mask_ == 0 || record.kind != UndoKind::kUpdate) return;
  for (uint32_t v = 0; v < record.count; ++v) {
    const UndoValue& value = record.values()[v];
    ColumnBlock* block = stripe->columns[value.column].block;
    if (value.is_null || block == nullptr || block->heap == nullptr) continue;
    StringRef text;
    std::memcpy(&text, value.bytes, sizeof(text));
    block->heap->AddGarbage(text);
  }
}

void Table::EraseCurrentKeys(RowId row) {
  for (const std::unique_ptr<Index>& index : indexes_) {
    VersionKeys(store_, *index, row).MakeKey(&key_);
    index->Erase(key_, row);
  }
}

// Undoing ------------------------------------------------------------

void Table::Undo(UndoRecord* record) {
  Stripe* stripe = store_.StripeOf(record->row);
  uint32_t slot = RowStore::SlotOf(record->row);
  switch (record->kind) {
    case UndoKind::kInsert:
      for (uint32_t i = 0; i < record->count; ++i) {
        EraseCurrentKeys(record->row + i);
        stripe->SetDead(slot + i);
      }
      for (uint32_t i = 0; i < record->count; ++i) {
        assert(stripe->Chain(slot + i) == record);
        stripe->ChainHead(slot + i) = nullptr;
        store_.FreeSlotValues(record->row + i);
        Unchain(stripe);
      }
      for (uint32_t i = 0; i < record->count; ++i) store_.FreeSlot(record->row + i);
      record->writes->AddRows(record->statement, -static_cast<int64_t>(record->count), false);
      return;
    case UndoKind::kDelete:
      stripe->SetLive(slot);
      record->writes->AddRows(record->statement, 1, false);
      break;
    case UndoKind::kUpdate: UndoUpdate(stripe, slot, *record); break;
  }
  assert(stripe->Chain(slot) == record);
  stripe->ChainHead(slot) = record->older;
  if (record->older == nullptr) Unchain(stripe);
}

void Table::UndoUpdate(Stripe* stripe, uint32_t slot, const UndoRecord& record) {
  RowId row = record.row;
  // A version that is not the newest has the key that is undone: then its entry stays.
  if ((record.column_mask & indexed_mask_) != 0) {
    KeyBuffer undone, older;
    for (const std::unique_ptr<Index>& index : indexes_) {
      VersionKeys keys(store_, *index, row);
      if (!keys.Changes(record)) continue;
      keys.MakeKey(&undone);
      bool needed = false;
      for (const UndoRecord* at = &record; at != nullptr && !needed; at = at->older) {
        if (!keys.Changes(*at)) continue;
        keys.StepOver(*at);
        keys.MakeKey(&older);
        needed = older.view() == undone.view();
      }
      if (!needed) index->Erase(undone, row);
    }
  }
  for (uint32_t v = 0; v < record.count; ++v) {
    const UndoValue& value = record.values()[v];
    ColumnBlock* block = stripe->columns[value.column].block;
    if (block == nullptr) continue;
    if (block->heap != nullptr && !block->IsNull(slot))
      block->heap->AddGarbage(block->values<StringRef>()[slot]);
    store_.RestoreValue(stripe, value.column, slot, value.bytes, value.is_null);
  }
}

// Forgetting ------------------------------------------------------------

void Table::Purge(UndoRecord* record, CommitNumber horizon) {
  if (record->forgotten) return;  // with another one of its row
  Stripe* stripe = store_.StripeOf(record->row);
  uint32_t slot = RowStore::SlotOf(record->row);
  if (stripe->chained_rows >= kManyChains && stripe->chain_summary.log == record->log &&
      !NeedsOldValues(*stripe)) {
    return PurgeStripe(stripe, record->row - slot);
  }
  uint32_t count = record->kind == UndoKind::kInsert ? record->count : 1;
  for (uint32_t i = 0; i < count; ++i) {
    if (stripe->chained_rows == 0) return;
    if (stripe->Chain(slot + i) != nullptr) PurgeRow(stripe, slot + i, record->row + i, horizon);
  }
}

void Table::PurgeRow(Stripe* stripe, uint32_t slot, RowId row, CommitNumber horizon) {
  UndoRecord** end = &stripe->ChainHead(slot);
  while (*end != nullptr && !IsUnneeded(**end, horizon)) end = &(*end)->older;
  if (*end == nullptr) return;
  uint64_t changed = 0;
  for (UndoRecord* record = *end; record != nullptr; record = record->older) {
    changed |= record->column_mask;
    record->forgotten = record->kind != UndoKind::kInsert;
    CountGarbage(stripe, *record);
  }
  if ((changed & indexed_mask_) != 0) EraseStaleKeys(row, *end);
  *end = nullptr;
  if (stripe->Chain(slot) != nullptr) return;
  bool dead = !stripe->IsLive(slot);
  if (dead) {
    EraseCurrentKeys(row);
    store_.FreeSlotValues(row);
  }
  Unchain(stripe);
  if (dead) store_.FreeSlot(row);
}

// Whether keys or garbage of the stripe's rows hang on what its undo records hold.
bool Table::NeedsOldValues(const Stripe& stripe) const {
  uint64_t changed = stripe.chain_summary.changed_columns;
  if ((changed & indexed_mask_) != 0) return true;
  if ((changed & string_mask_) == 0) return false;
  for (uint32_t c = 0; c < stripe.columns.size(); ++c) {
    const ColumnBlock* block = stripe.columns[c].block;
    if ((changed & ColumnBit(c)) != 0 && block != nullptr && block->heap != nullptr) return true;
  }
  return false;
}

// PurgeRow for all rows at once. REQUIRES: all records are of one transaction that every reader
// sees; !NeedsOldValues.
void Table::PurgeStripe(Stripe* stripe, RowId first_row) {
  uint16_t dead[kBlockRows];
  uint32_t dead_count = 0;
  for (uint32_t word = 0; word * 64 < stripe->used; ++word) {
    for (uint64_t bits = ~stripe->live[word]; bits != 0; bits &= bits - 1) {
      uint32_t slot = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      if (stripe->Chain(slot) != nullptr) dead[dead_count++] = static_cast<uint16_t>(slot);
    }
  }
  for (ChainHeads* heads : stripe->chains) {
    if (heads != nullptr) std::ranges::fill(heads->of, nullptr);
  }
  // From the last: keys often ascend with the rows, and the end of a leaf is the cheapest to erase.
  for (uint32_t i = dead_count; i > 0; --i) {
    EraseCurrentKeys(first_row + dead[i - 1]);
    if (string_mask_ != 0) store_.FreeSlotValues(first_row + dead[i - 1]);
  }
  stripe->chained_rows = 1;
  Unchain(stripe);
  for (uint32_t i = 0; i < dead_count; ++i) store_.FreeSlot(first_row + dead[i]);
}

void Table::EraseStaleKeys(RowId row, const UndoRecord* end) {
  KeyBuffer stale;
  const UndoRecord* newest = store_.StripeOf(row)->Chain(RowStore::SlotOf(row));
  for (const std::unique_ptr<Index>& index : indexes_) {
    VersionKeys keys(store_, *index, row);
    for (const UndoRecord* record = newest; record != end; record = record->older)
      keys.StepOver(*record);
    for (const UndoRecord* record = end; record != nullptr; record = record->older) {
      if (!keys.Changes(*record)) continue;
      keys.StepOver(*record);
      keys.MakeKey(&stale);
      if (!AnyVersionHasKey(row, *index, stale.view(), end)) index->Erase(stale, row);
    }
  }
}

// Counting ------------------------------------------------------------

void Table::FinishCommit(TableWrites* writes, CommitNumber commit) {
  if (int64_t rows = writes->AllRows(); rows != 0) {
    if (counts_.empty()) counts_.push_back({0, committed_row_count()});
    CountCommitted(rows);
    counts_.push_back({commit, committed_row_count()});
  }
  if (writes->definition_locked) {
    definition_commit_ = commit;
    definition_owner_ = nullptr;
    writes->definition_locked = false;
  }
}

void Table::PruneCounts(CommitNumber oldest_needed) {
  size_t unneeded = 0;
  while (unneeded + 1 < counts_.size() && counts_[unneeded + 1].commit <= oldest_needed) ++unneeded;
  if (unneeded + 1 == counts_.size()) {
    counts_.clear();
  } else if (unneeded > 0) {
    counts_.erase(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(unneeded));
  }
}

uint64_t Table::Count(const ReadView& view) const {
  uint64_t rows = committed_row_count();
  for (size_t i = counts_.size(); i > 0; --i) {
    rows = counts_[i - 1].rows;
    if (counts_[i - 1].commit <= view.snapshot) break;
  }
  for (const TableWrites* writes = writes_; writes != nullptr; writes = writes->next_in_table) {
    if (writes->log->id != view.transaction) continue;
    rows += static_cast<uint64_t>(writes->RowsBefore(view.statement));
  }
  return rows;
}

}  // namespace tupelo
