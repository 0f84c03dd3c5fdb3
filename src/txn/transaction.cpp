// txn/transaction.cpp: beginning, ending, and undoing.
#include "txn/transaction.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/work_memory.h"
#include "buffer/extent_pool.h"
#include "storage/block_cache.h"
#include "txn/conflict.h"
#include "txn/read_set.h"
#include "txn/redo.h"
#include "txn/table.h"
#include "txn/undo.h"

namespace tupelo {

namespace {
constexpr size_t kIdleChains = 1024;  // half a megabyte

template <typename T>
T* TakeLast(std::vector<T*>* idle) {
  T* item = idle->back();
  idle->pop_back();
  return item;
}
}  // namespace

Transaction::Transaction(TransactionManager* manager) : manager_(manager) {}
Transaction::~Transaction() = default;

uint64_t Transaction::change_count() const { return log_ == nullptr ? 0 : log_->record_count; }
bool Transaction::has_changes() const { return log_ != nullptr && !log_->is_empty(); }

bool Transaction::HasChangedSince(const UndoMark& mark) const {
  return log_ != nullptr &&
         (log_->newest != mark.last || log_->actions.size() != mark.action_count);
}

void Transaction::AddAction(UndoAction action) {
  manager_->LogOf(this)->actions.push_back(std::move(action));
}
void Transaction::OnCommit(std::function<void(CommitNumber)> action) {
  AddAction({nullptr, std::move(action), nullptr, nullptr});
}
void Transaction::OnRollback(std::function<void()> action) {
  AddAction({nullptr, nullptr, std::move(action), nullptr});
}
void Transaction::AddDefinitionRedo(std::vector<uint8_t> definitions) {
  if (!manager_->is_logged()) return;
  UndoAction action;
  AppendDefinitions(definitions, &action.redo);
  action.redo_follows_rows = true;
  AddAction(std::move(action));
}
void Transaction::OnUnneeded(std::function<void()> action) {
  AddAction({nullptr, nullptr, nullptr, std::move(action)});
}

TransactionManager::TransactionManager()
    : extents_(std::make_unique<ExtentPool>()),
      work_memory_(std::make_shared<WorkMemory>()),
      cache_(std::make_unique<BlockCache>(extents_.get(), work_memory_.get())) {}

TransactionManager::~TransactionManager() {
  assert(oldest_ == nullptr && views_ == nullptr && waiting_first_ == nullptr);
  logs_.clear();
  for (ChainHeads* chains : idle_chains_) extents_->Free(chains, sizeof(ChainHeads));
}

Transaction* TransactionManager::Begin(IsolationLevel level, bool tracks_reads,
                                       const SnapshotOwner* owner) {
  if (idle_transactions_.empty()) {
    transactions_.push_back(std::unique_ptr<Transaction>(new Transaction(this)));
    idle_transactions_.reserve(transactions_.size());
    idle_transactions_.push_back(transactions_.back().get());
  }
  Transaction* transaction = TakeLast(&idle_transactions_);
  transaction->id_ = ++last_transaction_;
  transaction->level_ = level;
  transaction->owner_ = owner;
  if (tracks_reads) TrackReads(transaction);
  return transaction;
}

void TransactionManager::TrackReads(Transaction* transaction) {
  if (transaction->level_ != IsolationLevel::kSerializable) return;
  if (transaction->reads_ == nullptr) transaction->reads_ = std::make_unique<ReadSet>();
  transaction->tracks_reads_ = true;
}

void TransactionManager::AppendToList(Transaction* transaction) {
  transaction->previous_ = newest_;
  transaction->next_ = nullptr;
  (newest_ == nullptr ? oldest_ : newest_->next_) = transaction;
  newest_ = transaction;
}

void TransactionManager::RemoveFromList(Transaction* transaction) {
  (transaction->previous_ == nullptr ? oldest_ : transaction->previous_->next_) =
      transaction->next_;
  (transaction->next_ == nullptr ? newest_ : transaction->next_->previous_) =
      transaction->previous_;
}

void TransactionManager::TakeFirstSnapshot(Transaction* transaction) {
  transaction->has_snapshot_ = true;
  transaction->snapshot_ = last_commit_;
  AppendToList(transaction);
}

void TransactionManager::RenewSnapshot(Transaction* transaction) {
  assert(transaction->has_snapshot_);
  if (transaction->snapshot_ == last_commit_) return;
  transaction->lost_snapshot_ = false;
  RemoveFromList(transaction);
  transaction->snapshot_ = last_commit_;
  AppendToList(transaction);
  Collect();
}

void TransactionManager::Recycle(Transaction* transaction) {
  if (transaction->has_snapshot_) RemoveFromList(transaction);
  if (!transaction->locked_.empty()) row_locks_.Release(transaction, 0);
  if (transaction->tracks_reads_) transaction->reads_->Clear();
  transaction->tracks_reads_ = false;
  waits_.NoteEnd(transaction->id_);
  transaction->has_snapshot_ = transaction->lost_snapshot_ = transaction->has_undone_ = false;
  transaction->statement_ = 0;
  transaction->registered_views_ = 0;
  transaction->began_us_ = 0;
  transaction->id_ = 0;
  transaction->log_ = nullptr;
  idle_transactions_.push_back(transaction);
}

Transaction* TransactionManager::FindActive(TransactionId id) const {
  for (Transaction* transaction = newest_; transaction != nullptr;
       transaction = transaction->previous_) {
    if (transaction->id_ == id) return transaction;
  }
  return nullptr;
}

void TransactionManager::Commit(Transaction* transaction) {
  UndoLog* log = transaction->log_;
  // A definition that changed no row (ADD CHECK) is a change too: writers with an older snapshot
  // must meet it.
  const bool has_changes = log != nullptr && (!log->is_empty() || log->LocksDefinition());
  if (transaction->tracks_reads_ && (has_changes || transaction->has_undone_)) {
    Validate(*transaction);
  }
  if (has_changes) {
    if (commit_log_ != nullptr) AppendChanges(*log, &redo_, commit_log_);
    log->commit = ++last_commit_;
    // Rows that only move are the same, lost or not: they are durable when all before them is.
    if (commit_log_ != nullptr && !log->only_moves) commit_log_->NoteCommit(last_commit_);
    for (TableWrites* writes = log->writes; writes != nullptr; writes = writes->next_in_log) {
      if (writes->table != nullptr) writes->table->FinishCommit(writes, log->commit);
    }
    for (UndoAction& action : log->actions) {
      if (action.commit) action.commit(log->commit);
    }
    log->next_waiting = nullptr;
    (waiting_first_ == nullptr ? waiting_first_ : waiting_last_->next_waiting) = log;
    waiting_last_ = log;
    if (version_limit_ != 0) NoteWaiting(log);
  } else if (log != nullptr) {
    ReleaseLog(log);
  }
  Recycle(transaction);
  Collect();
  if (beyond_limit_ != 0) LimitVersions();
}

CommitNumber TransactionManager::durable_commit() const {
  return commit_log_ == nullptr ? last_commit_ : commit_log_->DurableCommit(last_commit_);
}

// The others that have committed since the snapshot are the last of those that wait: they wait for
// this one at least.
void TransactionManager::Validate(const Transaction& transaction) {
  ReadSet& reads = *transaction.reads_;
  if (transaction.snapshot_ == last_commit_ || reads.is_empty()) return;
  bool is_stale = reads.HasNewDefinition(transaction.snapshot_);
  for (UndoLog* log = waiting_first_; log != nullptr && !is_stale; log = log->next_waiting) {
    is_stale = log->commit > transaction.snapshot_ && !log->only_moves && reads.Overlaps(*log);
  }
  if (!is_stale) return;
  throw ConflictError(
      "another transaction has changed what this one has read, and committed first; the "
      "transaction was rolled back: run it again",
      {});
}

void TransactionManager::ForgetReads(const Table* table) {
  for (Transaction* each = oldest_; each != nullptr; each = each->next_) {
    if (each->tracks_reads_) each->reads_->Forget(table);
  }
}

void TransactionManager::WidenReads(const Table* table) {
  for (Transaction* each = oldest_; each != nullptr; each = each->next_) {
    if (each->tracks_reads_) each->reads_->Widen(table);
  }
}

void TransactionManager::Rollback(Transaction* transaction) {
  RollbackTo(transaction, UndoMark());
  if (transaction->log_ != nullptr) ReleaseLog(transaction->log_);
  Recycle(transaction);
  Collect();
}

UndoMark TransactionManager::Mark(const Transaction* transaction) const {
  UndoMark mark;
  mark.lock_count = static_cast<uint32_t>(transaction->locked_.size());
  const UndoLog* log = transaction->log_;
  if (log == nullptr) return mark;
  mark.chunk = log->last_chunk;
  mark.used_bytes = log->last_chunk == nullptr ? 0 : log->last_chunk->used_bytes;
  mark.last = log->newest;
  mark.action_count = static_cast<uint32_t>(log->actions.size());
  return mark;
}

void TransactionManager::RollbackTo(Transaction* transaction, const UndoMark& mark) {
  row_locks_.Release(transaction, mark.lock_count);
  UndoLog* log = transaction->log_;
  if (log == nullptr) return;
  while (log->newest != mark.last) {
    UndoRecord* record = log->newest;
    record->writes->table->Undo(record);
    log->record_bytes -= record->SizeBytes();
    --log->record_count;
    CountVersions(-static_cast<int64_t>(record->SizeBytes()), -1);
    log->newest = record->previous;
    extents_->NoteUse(1);
  }
  log->Truncate(mark.chunk, mark.used_bytes, mark.last);
  while (log->actions.size() > mark.action_count) {
    UndoAction action = std::move(log->actions.back());
    log->actions.pop_back();
    if (action.rollback) action.rollback();
  }
}

bool TransactionManager::WrittenByOthers(const Transaction* transaction, const Table& table) {
  for (const TableWrites* writes = table.writes_; writes != nullptr;
       writes = writes->next_in_table) {
    if (writes->log->commit == 0 && writes->log != transaction->log_) return true;
  }
  return false;
}

bool TransactionManager::LockForDefinition(Transaction* transaction, Table* table) {
  assert(transaction->has_snapshot_);
  if (WrittenByOthers(transaction, *table)) return false;
  if (!row_locks_.is_empty() && !BlockersOfDefinition(transaction, *table).empty()) return false;
  TableWrites* writes = table->WritesOf(transaction);
  if (writes == nullptr) return false;
  writes->definition_locked = true;
  table->definition_owner_ = writes->log;
  return true;
}

std::vector<TransactionId> TransactionManager::BlockersOfDefinition(const Transaction* transaction,
                                                                    const Table& table) const {
  std::vector<TransactionId> blockers;
  for (const TableWrites* writes = table.writes_; writes != nullptr;
       writes = writes->next_in_table) {
    if (writes->log->commit == 0 && writes->log != transaction->log_) {
      blockers.push_back(writes->log->id);
    }
  }
  row_locks_.AppendHolders(transaction, &table, &blockers);
  return blockers;
}

UndoLog* TransactionManager::LogOf(Transaction* transaction) {
  if (transaction->log_ != nullptr) return transaction->log_;
  if (idle_logs_.empty()) {
    logs_.push_back(std::make_unique<UndoLog>(this));
    idle_logs_.reserve(logs_.size());
    idle_logs_.push_back(logs_.back().get());
  }
  UndoLog* log = TakeLast(&idle_logs_);
  log->commit = 0;
  log->only_moves = false;
  log->id = transaction->id_;
  transaction->log_ = log;
  return log;
}

void TransactionManager::ReleaseLog(UndoLog* log) {
  for (TableWrites* writes = log->writes; writes != nullptr;) {
    TableWrites* next = writes->next_in_log;
    ReleaseWrites(writes);
    writes = next;
  }
  log->writes = nullptr;
  log->actions.clear();
  CountVersions(-static_cast<int64_t>(log->record_bytes), -static_cast<int64_t>(log->record_count));
  log->record_bytes = log->record_count = 0;
  log->Truncate(nullptr, 0, nullptr);
  log->id = 0;
  idle_logs_.push_back(log);
}

TableWrites* TransactionManager::NewWrites(Transaction* transaction, Table* table) {
  UndoLog* log = LogOf(transaction);
  if (idle_writes_.empty()) {
    writes_.push_back(std::make_unique<TableWrites>());
    idle_writes_.reserve(writes_.size());
    idle_writes_.push_back(writes_.back().get());
  }
  TableWrites* writes = TakeLast(&idle_writes_);
  writes->table = table;
  writes->log = log;
  writes->next_in_log = log->writes;
  log->writes = writes;
  writes->previous_in_table = nullptr;
  writes->next_in_table = table->writes_;
  if (table->writes_ != nullptr) table->writes_->previous_in_table = writes;
  table->writes_ = writes;
  return writes;
}

void TransactionManager::ReleaseWrites(TableWrites* writes) {
  if (Table* table = writes->table) {
    (writes->previous_in_table == nullptr ? table->writes_
                                          : writes->previous_in_table->next_in_table) =
        writes->next_in_table;
    if (writes->next_in_table != nullptr)
      writes->next_in_table->previous_in_table = writes->previous_in_table;
    if (table->definition_owner_ == writes->log) table->definition_owner_ = nullptr;
  }
  writes->table = nullptr;
  writes->definition_locked = false;
  writes->folded_statement = 0;
  writes->folded_rows = 0;
  writes->deltas.clear();
  idle_writes_.push_back(writes);
}

ChainHeads* TransactionManager::TakeChains() {
  if (!idle_chains_.empty()) return TakeLast(&idle_chains_);
  return new (extents_->Allocate(sizeof(ChainHeads))) ChainHeads{};
}

void TransactionManager::GiveChains(ChainHeads* chains) {
  if (idle_chains_.size() < kIdleChains) {
    idle_chains_.push_back(chains);
  } else {
    extents_->Free(chains, sizeof(ChainHeads));
  }
}

size_t TransactionManager::memory_bytes() const { return extents_->reserved_bytes(); }

}  // namespace tupelo
