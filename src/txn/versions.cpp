// txn/versions.cpp: finding and copying the version of a row that a view sees.
//
// The newest version is in the blocks. Going down the row's chain, each change that the view does
// not see is undone, up to the first one that it does see: what is older, it sees as well, for a
// row is only changed by one who sees its newest version.
#include <cassert>
#include <cstring>

#include "txn/table.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

namespace {

template <typename T>
void CopyNumber(const uint8_t* values, uint32_t slot, Vector* out, uint32_t at) {
  std::memcpy(out->MutableData<T>() + at, values + slot * sizeof(T), sizeof(T));
}

// Writes value `slot` of an array as it lies in a block to row `at`.
inline void CopyNotNull(PhysicalType physical, const uint8_t* values, uint32_t slot, Vector* out,
                        uint32_t at) {
  switch (physical) {
    case PhysicalType::kBool: return CopyNumber<uint8_t>(values, slot, out, at);
    case PhysicalType::kInt16: return CopyNumber<int16_t>(values, slot, out, at);
    case PhysicalType::kInt32:
    case PhysicalType::kFloat: return CopyNumber<int32_t>(values, slot, out, at);
    case PhysicalType::kInt64:
    case PhysicalType::kDouble: return CopyNumber<int64_t>(values, slot, out, at);
    case PhysicalType::kInt128:
    case PhysicalType::kZoned: return CopyNumber<int128_t>(values, slot, out, at);
    case PhysicalType::kString: {
      StringRef text;
      std::memcpy(&text, values + slot * sizeof(text), sizeof(text));
      out->MutableData<StringRef>()[at] = text.is_inline() ? text : out->CopyToHeap(text.view());
      return;
    }
  }
}

// Writes a value as it lies in a block (or an undo record) to row `at`.
void CopyValue(PhysicalType physical, const uint8_t* value, bool is_null, Vector* out,
               uint32_t at) {
  if (is_null) {
    std::memset(static_cast<uint8_t*>(out->RawData()) + at * WidthBytes(physical), 0,
                WidthBytes(physical));
    out->SetNull(at);
    return;
  }
  out->SetValid(at);
  CopyNotNull(physical, value, 0, out, at);
}

}  // namespace

const UndoRecord* Table::FirstUnseen(const ReadView& view, RowId row) const {
  const Stripe& stripe = *store_.StripeOf(row);
  const UndoRecord* record = stripe.Chain(RowStore::SlotOf(row));
  if (record == nullptr || SeesNewest(view, stripe) || Sees(view, *record)) return nullptr;
  return record;
}

bool Table::WasThere(const ReadView& view, const Stripe& stripe, uint32_t slot) const {
  bool there = stripe.IsLive(slot);
  for (const UndoRecord* record = stripe.Chain(slot); record != nullptr && !Sees(view, *record);
       record = record->older) {
    if (record->kind != UndoKind::kUpdate) there = record->kind == UndoKind::kDelete;
  }
  return there;
}

void Table::CopyCurrent(const Stripe& stripe, uint32_t slot, std::span<const uint16_t> columns,
                        Chunk* out, uint32_t at) const {
  for (size_t j = 0; j < columns.size(); ++j) {
    uint32_t c = columns[j];
    const StripeColumn& column = store_.ColumnOf(stripe, c);
    Vector& vector = out->column(j);
    PhysicalType physical = store_.physical(c);
    if (stripe.MayHaveNulls(c) || vector.may_have_nulls()) {
      CopyValue(physical, column.data + slot * WidthBytes(physical), column.block->IsNull(slot),
                &vector, at);
    } else {
      CopyNotNull(physical, column.data, slot, &vector, at);
    }
  }
}

void Table::CopyOlder(const ReadView& view, const UndoRecord* record,
                      std::span<const uint16_t> columns, Chunk* out, uint32_t at) const {
  for (; record != nullptr && !Sees(view, *record); record = record->older) {
    if (record->kind != UndoKind::kUpdate) continue;
    for (uint32_t v = 0; v < record->count; ++v) {
      const UndoValue& value = record->values()[v];
      for (size_t j = 0; j < columns.size(); ++j) {
        if (columns[j] != value.column) continue;
        CopyValue(store_.physical(value.column), value.bytes, value.is_null, &out->column(j), at);
      }
    }
  }
}

bool Table::Fetch(const ReadView& view, RowId row, std::span<const uint16_t> columns, Chunk* out,
                  uint32_t at) const {
  if (!store_.Exists(row)) return false;
  const Stripe& stripe = *store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  const UndoRecord* unseen = FirstUnseen(view, row);
  if (!(unseen == nullptr ? stripe.IsLive(slot) : WasThere(view, stripe, slot))) return false;
  CopyCurrent(stripe, slot, columns, out, at);
  if (unseen != nullptr) CopyOlder(view, unseen, columns, out, at);
  return true;
}

bool Table::EntryIsSeen(const ReadView& view, RowId row, const Index& index, std::string_view key,
                        KeyBuffer* scratch) const {
  const Stripe& stripe = *store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  // Without a change of the key columns the row has one entry: that of every version. In a long
  // chain, comparing the key is less work than looking for one.
  constexpr int kLongChain = 8;
  int length = 0;
  bool there = stripe.IsLive(slot);
  bool seen = false;
  for (const UndoRecord* record = stripe.Chain(slot); record != nullptr; record = record->older) {
    if ((record->column_mask & index.column_mask_) != 0 || ++length > kLongChain) {
      return VersionKey(view, row, index, scratch) && scratch->view() == key;
    }
    seen = seen || Sees(view, *record);
    if (!seen && record->kind != UndoKind::kUpdate) there = record->kind == UndoKind::kDelete;
  }
  return there;
}

bool Table::VersionKey(const ReadView& view, RowId row, const Index& index, KeyBuffer* key) const {
  const Stripe& stripe = *store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  if (!WasThere(view, stripe, slot)) return false;
  VersionKeys keys(store_, index, row);
  for (const UndoRecord* record = stripe.Chain(slot); record != nullptr && !Sees(view, *record);
       record = record->older) {
    keys.StepOver(*record);
  }
  keys.MakeKey(key);
  return true;
}

bool Table::AnyVersionHasKey(RowId row, const Index& index, std::string_view key,
                             const UndoRecord* end) const {
  const Stripe& stripe = *store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  const UndoRecord* record = stripe.Chain(slot);
  // A dead row whose deletion can still be undone has the version that was deleted.
  if (!stripe.IsLive(slot) && record == end) return false;
  KeyBuffer version;
  VersionKeys keys(store_, index, row);
  keys.MakeKey(&version);
  if (version.view() == key) return true;
  for (; record != end; record = record->older) {
    if (!keys.Changes(*record)) continue;
    keys.StepOver(*record);
    keys.MakeKey(&version);
    if (version.view() == key) return true;
  }
  return false;
}

RowState Table::StateOf(const Transaction* transaction, RowId row) const {
  if (!store_.Exists(row)) return RowState::kAbsent;
  const Stripe& stripe = *store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  const UndoRecord* newest = stripe.Chain(slot);
  if (newest != nullptr && newest->log->commit == 0 && newest->log != transaction->log_)
    return RowState::kInFlight;
  if (stripe.IsLive(slot)) {
    return newest != nullptr && newest->log == transaction->log_ ? RowState::kOwn
                                                                 : RowState::kCommitted;
  }
  bool newer = newest != nullptr && newest->log->commit > transaction->snapshot_;
  return newer ? RowState::kDeletedNewer : RowState::kAbsent;
}

RowState Table::FetchCurrent(const Transaction* transaction, RowId row,
                             std::span<const uint16_t> columns, Chunk* out, uint32_t at) const {
  RowState state = StateOf(transaction, row);
  if (state == RowState::kAbsent) return state;
  const Stripe& stripe = *store_.StripeOf(row);
  uint32_t slot = RowStore::SlotOf(row);
  if (stripe.IsLive(slot)) CopyCurrent(stripe, slot, columns, out, at);
  return state;
}

bool Table::IsChangedByStatement(const Transaction* transaction, RowId row) const {
  const UndoRecord* newest = store_.StripeOf(row)->Chain(RowStore::SlotOf(row));
  return newest != nullptr && newest->log == transaction->log_ &&
         newest->statement == transaction->statement_;
}

bool Table::IsNewer(const Transaction* transaction, RowId row) const {
  const Stripe& stripe = *store_.StripeOf(row);
  const UndoRecord* newest = stripe.Chain(RowStore::SlotOf(row));
  if (newest == nullptr) return false;
  const UndoLog* only = stripe.chain_summary.log;
  if ((only != nullptr ? only : newest->log) == transaction->log_) return false;
  return newest->log->commit == 0 || newest->log->commit > transaction->snapshot_;
}

bool Table::WriteConflict(const Transaction* transaction, RowId row) const {
  if (IsNewer(transaction, row)) return true;
  const RowLocks& locks = manager_->row_locks();
  return !locks.is_empty() && locks.IsLockedByOthers(transaction, this, row, RowLockMode::kUpdate);
}

bool Table::TryLockRow(Transaction* transaction, RowId row, RowLockMode mode) {
  return !IsNewer(transaction, row) && manager_->row_locks().TryLock(transaction, this, row, mode);
}

std::vector<TransactionId> Table::BlockersOf(const Transaction* transaction, RowId row,
                                             RowLockMode mode) const {
  std::vector<TransactionId> blockers;
  const UndoRecord* newest = store_.StripeOf(row)->Chain(RowStore::SlotOf(row));
  if (newest != nullptr && newest->log->commit == 0 && newest->log != transaction->log_) {
    blockers.push_back(newest->log->id);
  }
  manager_->row_locks().AppendHolders(transaction, this, row, mode, &blockers);
  return blockers;
}

std::vector<TransactionId> Table::BlockersOfWriting(const Transaction* transaction) const {
  if (definition_owner_ == nullptr || definition_owner_ == transaction->log_) return {};
  return {definition_owner_->id};
}

}  // namespace tupelo
