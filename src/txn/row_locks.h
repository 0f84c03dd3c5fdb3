// txn/row_locks.h: rows that transactions have locked without changing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "storage/row_id.h"
#include "txn/view.h"

namespace tupelo {

class Table;
class Transaction;

enum class RowLockMode : uint8_t { kShare, kUpdate };

// SELECT ... FOR UPDATE and FOR SHARE. Locks are held to the end of their transaction, or until it
// undoes what it did since before it took them. One per database; guarded by its latch.
class RowLocks {
 public:
  struct Row {
    const Table* table;
    RowId row;
    bool operator==(const Row&) const = default;
  };

  // True: it holds the lock now. Else others hold one that excludes it; see AppendHolders.
  bool TryLock(Transaction* transaction, const Table* table, RowId row, RowLockMode mode);
  // Whether another transaction holds a lock that excludes `mode`. A change is like kUpdate.
  bool IsLockedByOthers(const Transaction* transaction, const Table* table, RowId row,
                        RowLockMode mode) const;
  // The transactions that do.
  void AppendHolders(const Transaction* transaction, const Table* table, RowId row,
                     RowLockMode mode, std::vector<TransactionId>* holders) const;
  // Those that have locked rows of the table, others than `transaction`.
  void AppendHolders(const Transaction* transaction, const Table* table,
                     std::vector<TransactionId>* holders) const;
  // Gives back what the transaction has locked, but for the first `kept` of its locks.
  void Release(Transaction* transaction, size_t kept);
  bool is_empty() const { return locks_.empty(); }

 private:
  struct HashRow {
    size_t operator()(const Row& row) const {
      return (reinterpret_cast<uintptr_t>(row.table) ^ static_cast<uint64_t>(row.row)) *
             uint64_t{0x9E3779B97F4A7C15};
    }
  };
  struct Holder {
    const Transaction* transaction;
    RowLockMode mode;
  };

  std::unordered_map<Row, std::vector<Holder>, HashRow> locks_;
};

}  // namespace tupelo
