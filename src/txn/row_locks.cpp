// txn/row_locks.cpp: a table of locks, each with those who hold it.
#include "txn/row_locks.h"

#include <algorithm>

#include "base/large_vector.h"
#include "txn/transaction.h"

namespace tupelo {

namespace {

bool Excludes(RowLockMode held, RowLockMode wanted) {
  return held == RowLockMode::kUpdate || wanted == RowLockMode::kUpdate;
}

}  // namespace

bool RowLocks::IsLockedByOthers(const Transaction* transaction, const Table* table, RowId row,
                                RowLockMode mode) const {
  auto found = locks_.find({table, row});
  if (found == locks_.end()) return false;
  return std::ranges::any_of(found->second, [&](const Holder& holder) {
    return holder.transaction != transaction && Excludes(holder.mode, mode);
  });
}

void RowLocks::AppendHolders(const Transaction* transaction, const Table* table, RowId row,
                             RowLockMode mode, std::vector<TransactionId>* holders) const {
  auto found = locks_.find({table, row});
  if (found == locks_.end()) return;
  for (const Holder& holder : found->second) {
    if (holder.transaction != transaction && Excludes(holder.mode, mode)) {
      holders->push_back(holder.transaction->id());
    }
  }
}

void RowLocks::AppendHolders(const Transaction* transaction, const Table* table,
                             std::vector<TransactionId>* holders) const {
  for (const auto& [row, held] : locks_) {
    if (row.table == table)
      AppendHolders(transaction, table, row.row, RowLockMode::kUpdate, holders);
  }
}

// Who shares a row and then wants it for itself has two entries, so that a savepoint between them
// can be gone back to.
bool RowLocks::TryLock(Transaction* transaction, const Table* table, RowId row, RowLockMode mode) {
  if (IsLockedByOthers(transaction, table, row, mode)) return false;
  std::vector<Holder>& holders = locks_[{table, row}];
  bool holds = std::ranges::any_of(holders, [&](const Holder& holder) {
    return holder.transaction == transaction && holder.mode >= mode;
  });
  if (holds) return true;
  MakeRoom(&transaction->locked_, 1);
  holders.push_back({transaction, mode});
  transaction->locked_.push_back({table, row});
  return true;
}

void RowLocks::Release(Transaction* transaction, size_t kept) {
  while (transaction->locked_.size() > kept) {
    auto found = locks_.find(transaction->locked_.back());
    transaction->locked_.pop_back();
    // The newest of its entries: they are given back in reverse order.
    auto last =
        std::find_if(found->second.rbegin(), found->second.rend(),
                     [&](const Holder& holder) { return holder.transaction == transaction; });
    found->second.erase(std::next(last).base());
    if (found->second.empty()) locks_.erase(found);
  }
}

}  // namespace tupelo
