// txn/view.h: which versions of the rows a reader sees.
#pragma once

#include <cstdint>

#include "base/isolation_level.h"

namespace tupelo {

// Commits are numbered 1, 2, ...; 0 stands for "nothing committed yet" and for "not committed".
using CommitNumber = uint64_t;
// Never used twice in the life of a database; 0: no transaction.
using TransactionId = uint64_t;

// Who holds snapshots: a session. Outlives all that it holds; guarded by the database's latch.
struct SnapshotOwner {
  uint64_t connection = 0;  // its number
  // What it runs with the latch now. Meanwhile others may commit in callbacks of its host, but its
  // snapshots stay.
  uint32_t running = 0;
};

// What a registered view is for.
enum class ViewUse : uint8_t { kResult, kBackup, kCheckpoint, kCheck, kDefinition };

// What a reader sees: commits up to `snapshot`, and changes that `transaction` made in statements
// with a number less than `statement`. A plain value may be used while its transaction is active. A
// reader that must go on seeing exactly this after later statements, or after the transaction
// committed, registers it with TransactionManager::RegisterView; a registered view stays at its
// address until it is unregistered.
struct ReadView {
  CommitNumber snapshot = 0;
  TransactionId transaction = 0;
  uint32_t statement = 0;

  ReadView() = default;
  ReadView(CommitNumber snapshot_number, TransactionId transaction_id, uint32_t statement_number)
      : snapshot(snapshot_number), transaction(transaction_id), statement(statement_number) {}
  // A copy sees the same, but is not registered.
  ReadView(const ReadView& other) : ReadView(other.snapshot, other.transaction, other.statement) {}
  ReadView& operator=(const ReadView& other) {
    snapshot = other.snapshot;
    transaction = other.transaction;
    statement = other.statement;
    return *this;
  }

  bool is_registered() const { return registered_; }
  // What it sees is not kept any more (TransactionManager::SetVersionLimit): it must not be read.
  bool is_lost() const { return lost_; }

 private:
  friend class TransactionManager;
  ReadView* previous_ = nullptr;
  ReadView* next_ = nullptr;
  // Of one that is registered:
  const SnapshotOwner* owner_ = nullptr;
  int64_t since_us_ = 0;
  ViewUse use_ = ViewUse::kResult;
  bool registered_ = false, lost_ = false;
};

}  // namespace tupelo
