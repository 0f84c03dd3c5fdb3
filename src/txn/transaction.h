// txn/transaction.h: transactions of one database: snapshots, statements, savepoints, commit,
// rollback.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "txn/row_locks.h"
#include "txn/transaction_waits.h"
#include "txn/view.h"

namespace tupelo {

class BlockCache;
class WorkMemory;
class CommitLog;
class ExtentPool;
class ReadSet;
class Table;
class Transaction;
class TransactionManager;
class UndoLog;
struct TableWrites;
struct UndoAction;
struct UndoChunk;
struct ChainHeads;
struct UndoRecord;

// Everything in this layer is guarded by the database's latch: the caller holds it around each
// call.

// A point in a transaction to which its changes can be undone. Good until something before it is
// undone.
struct UndoMark {
  UndoChunk* chunk = nullptr;
  UndoRecord* last = nullptr;
  uint32_t used_bytes = 0;
  uint32_t action_count = 0;
  uint32_t lock_count = 0;
};

// One transaction. Made by TransactionManager::Begin and recycled by Commit and Rollback.
class Transaction {
 public:
  TransactionId id() const { return id_; }
  bool has_snapshot() const { return has_snapshot_; }
  // REQUIRES: has_snapshot().
  CommitNumber snapshot() const { return snapshot_; }
  // What it sees is not kept any more (TransactionManager::SetVersionLimit): nothing may be read or
  // written at its snapshot, but it can be rolled back, or get a new one.
  bool has_lost_snapshot() const { return lost_snapshot_; }
  // The number of the running statement; 0 before the first.
  uint32_t statement() const { return statement_; }
  // When it began, in microseconds since 1970, if somebody has noted that; else 0.
  int64_t began_us() const { return began_us_; }
  void NoteBeginning(int64_t us) { began_us_ = us; }
  IsolationLevel level() const { return level_; }
  // nullptr: the database itself.
  const SnapshotOwner* owner() const { return owner_; }
  // Where what it reads has to be noted; nullptr: nowhere.
  ReadSet* reads() const { return tracks_reads_ ? reads_.get() : nullptr; }
  // Whether anything it did would be lost by a rollback.
  bool has_changes() const;
  // Since `mark`, rows or definitions.
  bool HasChangedSince(const UndoMark& mark) const;
  // Whether it has changed something, though that may be undone by now.
  bool has_written() const { return log_ != nullptr; }
  // How many changes of rows it would take to undo it.
  uint64_t change_count() const;
  bool has_locks() const { return !locked_.empty(); }
  // Changes were made, and then undone by its host; or could not be made. Which of both, it was
  // told by what was committed at that time, not by its snapshot: so it has a place among others'
  // changes.
  void NoteUndone() { has_undone_ = true; }

  // What the running statement sees: the snapshot and this transaction's earlier statements.
  // REQUIRES: has_snapshot().
  ReadView View() const { return ReadView(snapshot_, id_, statement_); }

  ~Transaction();

  // For definitions (DDL) only. Actions run in the order given at commit, before other transactions
  // can see it; in reverse order at rollback (also to an earlier mark), after the rows were
  // restored. They must not throw.
  void OnCommit(std::function<void(CommitNumber)> action);
  void OnRollback(std::function<void()> action);
  // What the layer above needs to do again what OnCommit does (txn/redo.h, definitions).
  void AddDefinitionRedo(std::vector<uint8_t> definitions);
  // Runs after commit, once no reader can need what was there before. Never runs after a rollback.
  void OnUnneeded(std::function<void()> action);

 private:
  friend class TransactionManager;
  friend class Table;
  friend class RowLocks;
  explicit Transaction(TransactionManager* manager);
  void AddAction(UndoAction action);

  TransactionManager* manager_;
  TransactionId id_ = 0;
  CommitNumber snapshot_ = 0;
  uint32_t statement_ = 0;
  bool has_snapshot_ = false, lost_snapshot_ = false, has_undone_ = false;
  bool tracks_reads_ = false;
  IsolationLevel level_ = IsolationLevel::kRepeatableRead;
  const SnapshotOwner* owner_ = nullptr;
  std::unique_ptr<ReadSet> reads_;  // made when first needed
  std::vector<RowLocks::Row> locked_;
  uint32_t registered_views_ = 0;  // of this transaction, still open
  int64_t began_us_ = 0;
  UndoLog* log_ = nullptr;           // made with the first change
  Transaction* previous_ = nullptr;  // list of those with a snapshot, oldest first
  Transaction* next_ = nullptr;
};

// Who keeps others' old versions from being forgotten, and how much of them.
struct SnapshotHolder {
  const SnapshotOwner* owner;      // nullptr: the database itself
  const Transaction* transaction;  // nullptr: it is a registered view
  ViewUse use;                     // of that
  CommitNumber snapshot;
  int64_t since_us;  // 0: not known
  // Of transactions that have committed after the snapshot.
  uint64_t old_versions = 0, old_version_bytes = 0;
};

// One per database. In the steady state no call allocates from the heap.
class TransactionManager {
 public:
  TransactionManager();
  ~TransactionManager();  // REQUIRES: no transaction is active, no view registered, all tables are
                          // gone
  TransactionManager(const TransactionManager&) = delete;
  TransactionManager& operator=(const TransactionManager&) = delete;

  // Starts a transaction; it has no snapshot yet. `tracks_reads`: at kSerializable, what it reads
  // is to be noted; a transaction that will end before any other does anything needs that not.
  Transaction* Begin(IsolationLevel level = IsolationLevel::kRepeatableRead,
                     bool tracks_reads = false, const SnapshotOwner* owner = nullptr);
  // From now on, what it reads is to be noted after all.
  static void TrackReads(Transaction* transaction);
  // Takes the snapshot if there is none yet. Called by the first statement that needs one.
  void TakeSnapshot(Transaction* transaction) {
    if (!transaction->has_snapshot_) TakeFirstSnapshot(transaction);
  }
  // What is committed now is what it sees from now on. REQUIRES: has_snapshot().
  void RenewSnapshot(Transaction* transaction);
  // Begins the next statement; changes made from now on carry its number and are not seen by it.
  uint32_t NextStatement(Transaction* transaction) { return ++transaction->statement_; }

  // Both end the transaction: the pointer is no longer good. Commit throws a ConflictError where a
  // SERIALIZABLE transaction has changed something, and read what others have changed since its
  // snapshot. Then it hands what it changed to the log; when one of both throws, nothing has
  // happened, and a rollback is what remains.
  void Commit(Transaction* transaction);
  void Rollback(Transaction* transaction);

  // Savepoints and the atomicity of statements. Of what was made since the latch was taken nobody
  // knows yet; for the rest, others may be waiting: waits().NoteEnd tells them.
  UndoMark Mark(const Transaction* transaction) const;
  void RollbackTo(Transaction* transaction, const UndoMark& mark);

  // `view` must not move until it is unregistered; unregistering an unregistered view does nothing.
  // `owner`: nullptr for the database itself.
  void RegisterView(ReadView* view, ViewUse use = ViewUse::kResult,
                    const SnapshotOwner* owner = nullptr);
  void UnregisterView(ReadView* view);

  // Whether another active transaction has changed `table`.
  static bool WrittenByOthers(const Transaction* transaction, const Table& table);
  // Reserves `table` for a change of its definition: false when another active transaction has
  // changed it or reserved it. From then on other transactions' writes to it are conflicts, until
  // this transaction ends; and if it commits, also those of transactions whose snapshot is older
  // than that.
  bool LockForDefinition(Transaction* transaction, Table* table);
  // Why not: the active transactions that are in the way; none: one that has committed is.
  std::vector<TransactionId> BlockersOfDefinition(const Transaction* transaction,
                                                  const Table& table) const;

  TransactionWaits& waits() { return waits_; }
  RowLocks& row_locks() { return row_locks_; }
  const RowLocks& row_locks() const { return row_locks_; }

  // Active transactions that have a snapshot, oldest first.
  template <typename Visit>
  void VisitActive(Visit&& visit) const {
    for (const Transaction* each = oldest_; each != nullptr; each = each->next_) visit(*each);
  }

  CommitNumber last_commit() const { return last_commit_; }
  // The last of those that can't be lost any more: what a reader sees that waits for no log.
  CommitNumber durable_commit() const;
  // What was kept for readers of that is let go when it has gone on.
  void NoteDurable() { Collect(); }
  // The oldest commit number that some reader may still be at.
  CommitNumber oldest_needed() const;

  // All, the oldest first.
  std::vector<SnapshotHolder> SnapshotHolders() const;

  // Old row versions (undo records) that exist now, of active transactions too.
  size_t old_version_bytes() const { return old_version_bytes_; }
  size_t old_version_count() const { return old_version_count_; }
  // Memory of blocks, index nodes and old versions, as taken from the system.
  size_t memory_bytes() const;

  ExtentPool& extents() { return *extents_; }
  // Of statements that run.
  WorkMemory& work_memory() { return *work_memory_; }
  BlockCache& cache() { return *cache_; }
  const BlockCache& cache() const { return *cache_; }
  // A checkpoint begins: leaves of stored indexes that have keys of versions which only older
  // readers see are written anew.
  void MarkOldKeys();

  // How many bytes of old versions may wait for readers; 0: any number. Where there are more, the
  // snapshots that hold back more than that are lost, but for those of owners that run, of views
  // that are for no result, and of the database itself; and for younger ones than those.
  void SetVersionLimit(uint64_t bytes);
  uint64_t version_limit() const { return version_limit_; }

  // nullptr: nothing is logged.
  void SetCommitLog(CommitLog* log) { commit_log_ = log; }
  bool is_logged() const { return commit_log_ != nullptr; }

 private:
  friend class Table;
  friend class Transaction;
  friend class UndoLog;

  void TakeFirstSnapshot(Transaction* transaction);
  void AppendToList(Transaction* transaction);
  void RemoveFromList(Transaction* transaction);
  void Validate(const Transaction& transaction);
  // Of transactions that are active: the table is going, or an index of it.
  void ForgetReads(const Table* table);
  void WidenReads(const Table* table);
  void Recycle(Transaction* transaction);
  Transaction* FindActive(TransactionId id) const;
  void CountVersions(int64_t bytes, int64_t count) {
    old_version_bytes_ += static_cast<size_t>(bytes);
    old_version_count_ += static_cast<size_t>(count);
  }

  // Frees what no reader needs any more: right when the last one that did goes.
  void Collect();
  void Purge(UndoLog* log, CommitNumber horizon);
  // For the limit (version_limit.cpp).
  void NoteWaiting(UndoLog* log);
  void NoteCollected(UndoLog* log);
  void LimitVersions();

  // Pools.
  UndoLog* LogOf(Transaction* transaction);
  void ReleaseLog(UndoLog* log);
  TableWrites* NewWrites(Transaction* transaction, Table* table);
  void ReleaseWrites(TableWrites* writes);
  ChainHeads* TakeChains();  // all null; and so they come back
  void GiveChains(ChainHeads* chains);

  std::unique_ptr<ExtentPool> extents_;
  std::shared_ptr<WorkMemory> work_memory_;
  std::unique_ptr<BlockCache> cache_;
  TransactionWaits waits_;
  RowLocks row_locks_;
  CommitLog* commit_log_ = nullptr;
  std::vector<uint8_t> redo_;  // of the transaction that is committed, a part
  CommitNumber last_commit_ = 0;
  TransactionId last_transaction_ = 0;
  size_t old_version_bytes_ = 0;
  size_t old_version_count_ = 0;

  Transaction* oldest_ = nullptr;  // active transactions with a snapshot, oldest first
  Transaction* newest_ = nullptr;
  ReadView* views_ = nullptr;         // registered ones
  UndoLog* waiting_first_ = nullptr;  // committed, in commit order, still needed by some reader
  UndoLog* waiting_last_ = nullptr;
  // With a limit: the last of those that wait which are no more than it in all, their bytes, and
  // the last commit before them. Who has an older snapshot than that holds back more.
  uint64_t version_limit_ = 0;
  UndoLog* within_limit_ = nullptr;
  uint64_t bytes_within_limit_ = 0;
  CommitNumber beyond_limit_ = 0;

  std::vector<std::unique_ptr<Transaction>> transactions_;
  std::vector<std::unique_ptr<UndoLog>> logs_;
  std::vector<std::unique_ptr<TableWrites>> writes_;
  std::vector<Transaction*> idle_transactions_;
  std::vector<UndoLog*> idle_logs_;
  std::vector<TableWrites*> idle_writes_;
  std::vector<ChainHeads*> idle_chains_;
};

}  // namespace tupelo
