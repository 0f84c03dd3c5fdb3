// txn/table_compact.cpp: rows of sparse segments move into free slots before them.
#include <algorithm>
#include <cassert>
#include <vector>

#include "txn/table.h"
#include "txn/undo.h"

namespace tupelo {

namespace {

// A segment is sparse when that share of its slots has rows, or less.
constexpr uint32_t kMostLive = 3, kOfSlots = 4;

}  // namespace

bool Table::IsSparse(uint32_t segment) const {
  const uint32_t live = store_.LiveRows(segment);
  return live > 0 && uint64_t{live} * kOfSlots <= uint64_t{store_.UsedRows(segment)} * kMostLive &&
         store_.HasFreeRowsBefore(segment, live);
}

bool Table::MoveSparseRows(Transaction* transaction, uint32_t* end_stripe, UniqueChecks* checks) {
  *end_stripe = std::min(*end_stripe, store_.stripe_count());
  while (*end_stripe > 0) {
    const uint32_t number = *end_stripe - 1, segment = number / kBlocksPerSegment;
    if (!IsSparse(segment)) {
      *end_stripe = segment * kBlocksPerSegment;
      continue;
    }
    *end_stripe = number;
    if (MoveRows(transaction, number, checks)) return true;
  }
  return false;
}

// As if they had been deleted and inserted: who reads them goes on seeing them where they were.
// What another transaction has written stays, and so do all when one of them is in its way.
bool Table::MoveRows(Transaction* transaction, uint32_t number, UniqueChecks* checks) {
  const Stripe& stripe = *store_.stripe(number);
  std::vector<Type> types, all_types;
  std::vector<uint16_t> columns;
  for (uint32_t c = 0; c < column_count(); ++c) {
    all_types.push_back(column_type(c));
    if (store_.is_dropped(c)) continue;
    columns.push_back(static_cast<uint16_t>(c));
    types.push_back(column_type(c));
  }
  Chunk values(types), rows(all_types);
  for (size_t i = 0; i < columns.size(); ++i) values.column(i).PrepareWrite(kBlockRows);
  std::vector<RowId> ids;
  const RowId first = static_cast<RowId>(number) * kBlockRows;
  for (uint32_t slot = 0; slot < stripe.used; ++slot) {
    if (!stripe.IsLive(slot) || StateOf(transaction, first + slot) != RowState::kCommitted)
      continue;
    auto at = static_cast<uint32_t>(ids.size());
    if (Fetch(transaction->View(), first + slot, columns, &values, at)) ids.push_back(first + slot);
  }
  if (ids.empty()) return false;
  for (size_t i = 0; i < columns.size(); ++i) {
    rows.column(columns[i]).Reference(values.column(i));
  }
  auto count = static_cast<uint32_t>(ids.size());
  rows.SetRows(count);
  // From now on the blocks that strings lie in stay in memory.
  if (!DeleteRows(transaction, ids.data(), count).ok()) return false;
  WriteOutcome inserted = InsertRows(transaction, rows, nullptr, checks);
  assert(inserted.ok());
  transaction->log_->only_moves = true;
  return inserted.ok();
}

}  // namespace tupelo
