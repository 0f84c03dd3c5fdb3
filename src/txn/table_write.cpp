// txn/table_write.cpp: inserting, updating and deleting rows.
#include <algorithm>
#include <cassert>

#include "base/interruption_scope.h"
#include "buffer/extent_pool.h"
#include "txn/table.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

TableWrites* Table::WritesOf(Transaction* transaction) {
  assert(transaction->has_snapshot_);
  if (UndoLog* log = transaction->log_) {
    for (TableWrites* writes = log->writes; writes != nullptr; writes = writes->next_in_log) {
      if (writes->table == this) return writes;
    }
  }
  if (definition_owner_ != nullptr || definition_commit_ > transaction->snapshot_) return nullptr;
  return manager_->NewWrites(transaction, this);
}

void Table::Link(Stripe* stripe, uint32_t slot, UndoRecord* record) {
  ChainHeads*& heads = stripe->chains[slot / ChainHeads::kRows];
  if (heads == nullptr) heads = manager_->TakeChains();
  ChainSummary& summary = stripe->chain_summary;
  if (stripe->chained_rows == 0) {
    summary = {record->log, 0, 0};
  } else if (summary.log != record->log) {
    summary.log = nullptr;
  }
  summary.changed_columns |= record->column_mask;
  stripe->has_changed = true;
  stripe->changed_columns |= record->kind == UndoKind::kInsert ? ~uint64_t{0} : record->column_mask;
  summary.last_statement = std::max(summary.last_statement, record->statement);
  UndoRecord*& head = heads->of[slot % ChainHeads::kRows];
  if (head == nullptr) {
    ++stripe->chained_rows;
  } else {
    record->older = head;
  }
  head = record;
}

WriteOutcome Table::InsertRows(Transaction* transaction, const Chunk& rows, RowId* ids,
                               UniqueChecks* checks) {
  TableWrites* writes = WritesOf(transaction);
  if (writes == nullptr) return {true, true, 0};
  changed_rows_ += rows.row_count();
  Rows selection = rows.rows();
  uint32_t done = 0;
  while (done < selection.count) {
    uint32_t count;
    RowId first = store_.TakeSlots(selection.count - done, &count);
    Stripe* stripe = store_.StripeOf(first);
    uint32_t slot = RowStore::SlotOf(first);
    UndoRecord* record =
        transaction->log_->Add(UndoKind::kInsert, writes, first, transaction->statement_, count);
    writes->AddRows(transaction->statement_, count, transaction->registered_views_ == 0);
    for (uint32_t i = 0; i < count; ++i) {
      Link(stripe, slot + i, record);
      stripe->SetLive(slot + i);
      if (ids != nullptr) ids[done + i] = first + i;
    }
    for (uint32_t c = 0; c < store_.column_count(); ++c) {
      if (store_.is_dropped(c)) continue;
      if (count == 1) {
        store_.WriteValue(stripe, c, slot, rows.column(c), selection[done]);
      } else {
        store_.WriteRun(stripe, c, slot, rows.column(c), selection, done, count);
      }
    }
    for (const std::unique_ptr<Index>& index : indexes_) {
      for (size_t k = 0; k < index->columns_.size(); ++k) {
        index->pointers_[k] = &rows.column(index->columns_[k].column);
      }
      for (uint32_t i = 0; i < count; ++i) {
        bool has_null = index->MakeKey(index->pointers_.data(), selection[done + i], &key_);
        BTree::InsertResult result = index->Insert(key_, first + i);
        if (result.equal_neighbour && index->unique_ && !has_null)
          checks->Add(index.get(), first + i);
      }
    }
    done += count;
  }
  return {};
}

WriteOutcome Table::UpdateRows(Transaction* transaction, const RowId* ids, uint32_t count,
                               std::span<const uint16_t> columns, const Chunk& new_values,
                               UniqueChecks* checks) {
  TableWrites* writes = WritesOf(transaction);
  if (writes == nullptr) return {true, true, 0};
  changed_rows_ += count;
  for (uint32_t i = 0; i < count; ++i) {
    if (WriteConflict(transaction, ids[i])) return {true, false, i};
  }
  uint64_t mask = 0;
  for (uint16_t column : columns) mask |= ColumnBit(column);
  // Undoing and forgetting read the keys, and may not fail.
  uint64_t needed = (mask & indexed_mask_) != 0 ? mask | indexed_mask_ : mask;
  Rows selection = new_values.rows();
  // 1. The old values go to undo records, the new ones to the blocks.
  for (uint32_t i = 0; i < count; ++i) {
    store_.pool()->NoteUse(1);
    Stripe* stripe = store_.StripeOf(ids[i]);
    uint32_t slot = RowStore::SlotOf(ids[i]);
    assert(stripe->IsLive(slot));
    store_.ProvideColumns(stripe, needed);
    UndoRecord* record =
        transaction->log_->Add(UndoKind::kUpdate, writes, ids[i], transaction->statement_,
                               static_cast<uint32_t>(columns.size()));
    record->column_mask = mask;
    for (size_t j = 0; j < columns.size(); ++j) {
      UndoValue& value = record->values()[j];
      value.column = columns[j];
      value.is_null = !RowStore::ReadValue(*stripe->columns[columns[j]].block, slot, value.bytes);
    }
    Link(stripe, slot, record);
    for (size_t j = 0; j < columns.size(); ++j) {
      store_.WriteValue(stripe, columns[j], slot, new_values.column(j), selection[i]);
    }
  }
  // 2. Changed keys get entries; the old ones stay for those who still see them.
  if ((mask & indexed_mask_) == 0) return {};
  for (const std::unique_ptr<Index>& index : indexes_) {
    if ((mask & index->column_mask_) == 0) continue;
    for (uint32_t i = 0; i < count; ++i) {
      bool has_null = VersionKeys(store_, *index, ids[i]).MakeKey(&key_);
      BTree::InsertResult result = index->Insert(key_, ids[i]);
      if (result.equal_neighbour && index->unique_ && !has_null) checks->Add(index.get(), ids[i]);
    }
  }
  return {};
}

WriteOutcome Table::DeleteRows(Transaction* transaction, const RowId* ids, uint32_t count) {
  TableWrites* writes = WritesOf(transaction);
  if (writes == nullptr) return {true, true, 0};
  changed_rows_ += count;
  for (uint32_t i = 0; i < count; ++i) {
    if (WriteConflict(transaction, ids[i])) return {true, false, i};
  }
  for (uint32_t i = 0; i < count; ++i) {
    store_.pool()->NoteUse(1);
    Stripe* stripe = store_.StripeOf(ids[i]);
    uint32_t slot = RowStore::SlotOf(ids[i]);
    assert(stripe->IsLive(slot));
    store_.ProvideColumns(stripe, indexed_mask_);
    Link(stripe, slot,
         transaction->log_->Add(UndoKind::kDelete, writes, ids[i], transaction->statement_, 1));
    stripe->SetDead(slot);
  }
  writes->AddRows(transaction->statement_, -static_cast<int64_t>(count),
                  transaction->registered_views_ == 0);
  return {};
}

UniqueOutcome Table::CheckUnique(Transaction* transaction, const UniqueChecks& checks) {
  if (checks.checks().empty()) return {};
  InterruptionCounter counter(InterruptionScope::Current());
  for (const UniqueChecks::Check& check : checks.checks()) {
    counter.Step();
    UniqueOutcome outcome = check.index->table_->CheckKey(transaction, check.index, check.row);
    if (outcome.kind != UniqueOutcome::kFine) return outcome;
  }
  return {};
}

UniqueOutcome Table::CheckKey(Transaction* transaction, Index* index, RowId row) const {
  const Stripe& stripe = *store_.StripeOf(row);
  if (!stripe.IsLive(RowStore::SlotOf(row))) return {};  // deleted again within the statement
  KeyBuffer key, other_key;
  if (VersionKeys(store_, *index, row).MakeKey(&key)) return {};
  BTree::Match match;
  for (bool more = index->tree_.FirstMatch(key.view(), &match); more;
       more = index->tree_.NextMatch(key.view(), &match)) {
    RowId other = match.row;
    if (other == row) continue;
    RowState state = StateOf(transaction, other);
    bool there = state == RowState::kOwn || state == RowState::kCommitted;
    if (there) {
      VersionKeys(store_, *index, other).MakeKey(&other_key);
      if (other_key.view() == key.view()) return {UniqueOutcome::kViolation, index, row, other};
    }
    if ((state == RowState::kInFlight || IsNewer(transaction, other)) &&
        AnyVersionHasKey(other, *index, key.view(), nullptr)) {
      return {UniqueOutcome::kConflict, index, row, other};
    }
  }
  return {};
}

}  // namespace tupelo
