// engine/session.h: the state of a connection: its transaction, what it sees, what runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/turn_lock.h"
#include "catalog/catalog.h"
#include "engine/connection.h"
#include "engine/database_state.h"
#include "engine/hooks.h"
#include "engine/session_catalog.h"
#include "engine/settings.h"
#include "engine/system_views.h"
#include "exec/deferred_checks.h"
#include "exec/execution_context.h"
#include "sql/ast_statement.h"

namespace tupelo {

class ConflictError;
class Execution;
class ParameterSet;
class StatementState;

// A session's transaction:
//
//   none --first statement--> open --COMMIT, ROLLBACK--> none
//   none --START TRANSACTION--> open (explicit: the end of a statement does not end it)
//   open --it is the victim of a deadlock, or used after it has lost its snapshot--> failed
//   failed --ROLLBACK, COMMIT (which fails)--> none
//
// With autocommit off a transaction counts as open even before its first statement.
// In a child made by fork, a session with a database in a file is closed, and never goes.
// Guarded by `turn`, but for `interrupted` and is_closed(). What touches tables, transactions or
// views holds the database's latch too: functions marked [latch] are called with it.
class SessionState : public std::enable_shared_from_this<SessionState> {
 public:
  SessionState(std::shared_ptr<Database> database, const SessionOptions& options);
  ~SessionState();

  TurnLock turn;
  std::atomic<bool> interrupted{false};
  bool (*progress)(void*) = nullptr;
  void* progress_argument = nullptr;
  void (*takes_long)(void*) = nullptr;  // of progress_argument, too
  bool (*copy_progress)(void*, uint64_t, uint64_t, uint64_t) = nullptr;
  void* copy_progress_argument = nullptr;
  Hooks hooks;
  std::vector<StatementProfile>* profile = nullptr;
  bool has_identity = false;
  int64_t last_identity = 0;
  SessionNumbers numbers;

  // What may end the statement that begins now.
  void BeginInterruption(Interruption* interruption) const {
    interruption->Begin(&interrupted, progress, progress_argument, settings_.statement_timeout_ms,
                        takes_long);
  }

  // REQUIRES: not closed, as of all below that needs it.
  DatabaseState& database() { return *state_; }
  std::shared_ptr<Database> shared_database() const { return database_; }
  bool is_closed() const { return use_.load(std::memory_order_relaxed) >= Use::kClosed; }
  // It was opened before fork(), in the process that this one is a child of.
  bool is_of_parent() const { return use_.load(std::memory_order_relaxed) == Use::kOfParent; }
  // Also within a callback of its host: 25000.
  void ThrowIfClosed() const {
    if (use_.load(std::memory_order_relaxed) != Use::kOpen) ThrowUnusable();
  }
  // Keeps the session from being used while a callback of its host runs for it.
  class CallbackScope {
   public:
    explicit CallbackScope(SessionState* session) : session_(session) {
      session_->use_.store(Use::kInCallback, std::memory_order_relaxed);
    }
    ~CallbackScope() { session_->use_.store(Use::kOpen, std::memory_order_relaxed); }
    CallbackScope(const CallbackScope&) = delete;
    CallbackScope& operator=(const CallbackScope&) = delete;

   private:
    SessionState* session_;
  };
  // Calls copy_progress of `session`, which then may not be used.
  static bool ReportCopy(void* session, uint64_t rows, uint64_t bytes, uint64_t total_bytes);
  bool autocommit() const { return autocommit_; }
  void SetAutocommit(bool autocommit);
  bool in_transaction() const {
    return !is_closed() && (explicit_ || !autocommit_ || failure_ != Failure::kNone);
  }
  bool has_changes() const;
  // No definitions, no checks that were put off, and not many changes.
  bool IsCommitShort() const;
  const std::string& user_name() const { return user_name_; }

  // [latch] A statement begins: at READ COMMITTED with a snapshot of its own. kSnapshotTooOld where
  // the transaction has lost its snapshot, which rolls it back; kTransactionEnded after that, or
  // after a deadlock.
  void BeginStatement() {
    const bool goes_on = transaction_ != nullptr && transaction_->has_snapshot() &&
                         !transaction_->has_lost_snapshot() && failure_ == Failure::kNone &&
                         level_ != IsolationLevel::kReadCommitted;
    if (!goes_on) BeginAnyStatement();
  }
  // [latch] At READ COMMITTED: from now on the transaction sees what is committed now.
  void RenewSnapshot();
  // [latch] Others are about to work between the steps of what is a transaction of its own.
  void TrackReads();
  // [latch] The open transaction with its snapshot; begins one when there is none.
  Transaction* OpenTransaction();
  // [latch, as a reader] Whether a query may run with what there is: in a transaction that has its
  // snapshot, or, where it is one of its own, of what is committed and durable now. Then
  // CatalogNow() and ViewOfQuery() are good without BeginStatement, and nothing has to be done at
  // its end.
  bool MayReadAsIs() const;
  // Where it counts what it reads.
  SharedLatch::Slot* latch_slot() const { return latch_slot_; }
  // [latch] While it lives, the session does not have the latch, so that others may do anything but
  // use it; with kLost they may take its snapshots away, too.
  enum class Snapshots : uint8_t { kKept, kLost };
  class WithoutLatch {
   public:
    WithoutLatch(SessionState* session, Snapshots snapshots)
        : session_(session), running_(session->owner_.running) {
      if (snapshots == Snapshots::kLost) session->owner_.running = 0;
      depth_ = session->state_->latch.UnlockFully();
    }
    ~WithoutLatch() {
      session_->state_->latch.LockAgain(depth_);
      session_->owner_.running = running_;
    }
    WithoutLatch(const WithoutLatch&) = delete;
    WithoutLatch& operator=(const WithoutLatch&) = delete;

   private:
    SessionState* session_;
    uint32_t running_, depth_;
  };
  // [latch] The catalog that goes with the transaction: its own changes, else that of its snapshot.
  const CatalogPtr& CatalogNow() const { return change_ != nullptr ? changed_catalog_ : catalog_; }
  // [latch] A plan is good while this is what it was: the catalog, settings and statistics are the
  // same.
  uint64_t PlanSerial() const {
    return CatalogNow()->serial() + plan_epoch_ + state_->statistics_epoch;
  }
  const Settings& settings() const { return settings_; }
  // [latch] While the session reads what its snapshots see, with the latch all the time, they stay.
  class ReadingScope {
   public:
    explicit ReadingScope(SessionState* session) : owner_(&session->owner_) { ++owner_->running; }
    ~ReadingScope() { --owner_->running; }
    ReadingScope(const ReadingScope&) = delete;
    ReadingScope& operator=(const ReadingScope&) = delete;

   private:
    SnapshotOwner* owner_;
  };
  // As which it holds snapshots.
  const SnapshotOwner* owner() const { return &owner_; }
  // [latch] The transaction that is open; nullptr: none is.
  const Transaction* transaction() const { return transaction_; }
  Transaction* transaction() { return transaction_; }
  // [latch]
  SystemViewSource& system_views() { return system_views_; }
  // [latch] Of the transaction that is open.
  DeferredChecks& deferred() { return deferred_; }
  // The statements that there are: calls visit(StatementState&) for each.
  template <typename Visit>
  void VisitStatements(Visit&& visit) const;  // statement_state.h
  // Whether the next statement is a transaction by itself.
  bool is_autocommitting() const { return autocommit_ && !explicit_ && !in_batches_; }
  // [latch] Whether a statement that was undone because of `conflict` may be run again. Waits for
  // those in its way, without the latch, until `wait` says; kDeadlock where they wait for this one:
  // the transaction is rolled back then.
  struct ConflictWait {
    bool has_begun = false;
    TransactionWaits::Clock::time_point end{};
    Interruption interruption{};
  };
  bool WaitFor(const ConflictError& conflict, ConflictWait* wait);
  // [latch] A statement that may change rows begins, and has succeeded: then the update hook hears
  // of them, and may end the statement.
  void BeginChanges() { hooks.changed.Clear(); }
  void ReportChanges() {
    if (hooks.update != nullptr) TellUpdateHook();
  }
  // [latch] After a statement: ends the transaction when autocommit began it for this statement
  // alone.
  void EndStatement(bool succeeded);
  // A statement has failed. Where a key or a reference was what it failed by, its transaction has
  // seen something of what is committed now, whatever its snapshot shows.
  void NoteRefusal(const Error& error);
  // A statement that changes something is about to run: 25006 in a READ ONLY transaction, 25000
  // within executemany.
  void ThrowUnlessWritable(Position position) const;
  // The same once its plan is known: temporary tables are written in READ ONLY transactions too.
  void ThrowUnlessWritable(const Plan& plan, Position position) const;
  void ThrowIfReadOnly(const Plan& plan, Position position) const;
  // For a statement that takes numbers of sequences, or sets them: 25006 where nothing may be
  // changed.
  void ThrowIfTakesNumbers(const Plan& plan, Position position) const {
    if (read_only_) ThrowIfNumbersAreTaken(plan, position);
  }
  void ThrowInBatches() const;

  // CREATE, ALTER, DROP; atomic. Takes the latch.
  void RunDefinition(const ast::Statement& statement, const ParameterSet& parameters);
  // START TRANSACTION and its kin. Takes the latch.
  void RunTransactionStatement(const ast::Statement& statement);
  void Commit(bool chain);
  void Rollback(bool chain);
  // Of transactions that say nothing else, from the next on.
  IsolationLevel isolation_level() const { return level_of_session_; }
  void SetIsolationLevel(IsolationLevel level);
  // Ends the transaction, unless START TRANSACTION began it (25001), and moves a database that is
  // only read on to what is durable now. 55000 for a session that may write. Takes the latch.
  void Refresh();
  bool is_read_only() const { return is_reader_; }
  // Nothing of the database is in use by this session then; with its last session a database in a
  // file is closed, which may fail: the session is closed all the same.
  void Close();

  // Waits until what this session has committed is as durable as the database promises; begins a
  // checkpoint when one is due. Without the latch.
  void WaitDurable() {
    if (unawaited_commit_ != 0) WaitForLog();
  }
  bool is_stored() const { return is_stored_; }
  // [latch] Whether it sees `database` as it is, by its transaction or an open result.
  bool Reads(const DatabaseState& database) const;
  // In a child that was forked just now.
  void EndInChild();

  // Statements, whose plans end with the session.
  void AddStatement(StatementState* statement);
  void RemoveStatement(StatementState* statement);

  // Open results: they are read to their end before a rollback, ended by Close.
  void ReserveOpen() { open_.reserve(open_.size() + 1); }
  // Throws nothing behind ReserveOpen.
  void AddOpen(Execution* execution) { open_.push_back(execution); }
  void RemoveOpen(Execution* execution) { std::erase(open_, execution); }

  // executemany, between its batches: reading sees what was there before it, writing is refused.
  void BeginBatches(uint32_t statement) {
    in_batches_ = true;
    batch_statement_ = statement;
  }
  void EndBatches() { in_batches_ = false; }
  // [latch] Throws where its transaction has ended since the last batch, or has to.
  void ContinueBatches();
  bool in_batches() const { return in_batches_; }
  // [latch] What a query sees that runs now.
  ReadView ViewOfQuery();

  // [latch] A copy of the database is being made for it: it reads.
  void SetCopying(bool is_copying) { is_copying_ = is_copying; }
  // Before all that the database holds is replaced: 25001 where a transaction is open, 55006 where
  // a result is.
  void ThrowUnlessIdle() const;
  // [latch] It was replaced: nothing that the session knows of it is so any more.
  void ForgetDatabase();

 private:
  static constexpr const char* kLostSnapshot =
      "the transaction was rolled back: the old versions of rows that were kept for its snapshot "
      "were more than version_limit; run it again, make transactions shorter, or raise "
      "version_limit";
  struct Savepoint {
    std::string name;
    UndoMark mark;
    CatalogPtr catalog;  // nullptr: no definition had changed yet
    ConstraintModes modes;
  };
  void BeginAnyStatement();
  void TryDefinition(const ast::Statement& statement, const ParameterSet& parameters,
                     SharedLatch* latch);
  void StartTransaction(const ast::StartTransactionStatement& statement);
  void Analyze(const ast::QualifiedName& name);
  void Vacuum(Position position);
  void CompactTables();
  void SetModes(const ast::TransactionModes& modes);
  void SetCharacteristics(const ast::TransactionModes& modes);
  void CheckModes(const ast::TransactionModes& modes) const;
  enum class Failure : uint8_t { kNone, kDeadlock, kSnapshotTooOld };
  static const char* ReasonOf(Failure failure);
  void ThrowIfFailed();
  bool HasLostSnapshot() const;
  void EndByDatabase(Failure failure);
  [[noreturn]] void ThrowNothingToCommit();
  TransactionWaits::Outcome WaitOnce(const ConflictError& conflict, ConflictWait* wait);
  void SetConstraints(const ast::SetConstraintsStatement& statement);
  void TrySetConstraints(const ast::SetConstraintsStatement& statement);
  void CheckDeferred();
  void ThrowUnlessInTransaction(const ast::Identifier& savepoint) const;
  void MakeSavepoint(const ast::Identifier& name);
  void ReleaseSavepoint(const ast::Identifier& name);
  void RollbackToSavepoint(const ast::Identifier& name);
  std::vector<Savepoint>::iterator FindSavepoint(const ast::Identifier& name);
  CatalogChange* ChangeCatalog();
  void RollbackCatalog(const CatalogPtr& mark);
  void RunCommitActions();
  void TakeCatalog();
  void WaitForLog();
  void AwaitLog();
  void Set(const ast::SetStatement& statement);
  void LogDefinitions();
  void MaterializeResults();
  void Reset(bool chain);
  bool HasDefinitions() const {
    return change_ != nullptr && change_->current() != change_->base();
  }
  // The transaction has changed something, though that may be undone by now.
  bool HasWritten() const {
    return (transaction_ != nullptr && transaction_->has_written()) || HasDefinitions();
  }
  // REQUIRES: a transaction, and a hook.
  void AskCommitHook();
  // REQUIRES: a hook.
  void CallRollbackHook();
  void TellUpdateHook();
  void SetTimeZone(const ast::SetTimeZoneStatement& statement);
  [[noreturn]] void ThrowUnusable() const;
  [[noreturn]] void ThrowReadOnly(Position position) const;
  void ThrowIfNumbersAreTaken(const Plan& plan, Position position) const;

  std::shared_ptr<Database> database_;  // nullptr once it is closed
  DatabaseState* state_;                // the same
  const bool is_stored_;                // in a file that is written
  SnapshotOwner owner_;
  SharedLatch::Slot* latch_slot_;
  Transaction* transaction_ = nullptr;
  uint64_t unawaited_commit_ = 0;  // record of the log; 0: none
  bool has_appended_ = false;      // that record, or one before it
  enum class Use : uint8_t { kOpen, kInCallback, kClosed, kOfParent };
  std::atomic<Use> use_{Use::kOpen};  // set with the turn, read by anyone
  // Also read without the turn.
  std::atomic<bool> autocommit_{false};
  bool explicit_ = false;  // START TRANSACTION was said
  // Why it was rolled back by the database, until its host has said that it knows.
  Failure failure_ = Failure::kNone;
  const bool is_reader_;
  bool reads_by_default_;                    // transactions are READ ONLY that say nothing else
  bool read_only_;                           // the transaction is, or the session
  IsolationLevel level_of_session_, level_;  // level_: of the transaction
  bool in_batches_ = false;
  bool is_copying_ = false;
  uint32_t batch_statement_ = 0;
  CatalogPtr catalog_;  // of the transaction's snapshot
  SessionCatalog own_catalog_;
  std::unique_ptr<CatalogChange> change_;
  CatalogPtr changed_catalog_;
  std::vector<Savepoint> savepoints_;
  DeferredChecks deferred_;  // empty between transactions
  std::vector<Execution*> open_;
  StatementState* statements_ = nullptr;  // the first of a list
  std::string user_name_ = "tupelo";
  Settings settings_;
  SessionSystemViews system_views_{this};
  uint64_t plan_epoch_ = 0;
};

}  // namespace tupelo
