// engine/session.h: the state of a connection: its transaction, what it sees, what runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catalog/catalog.h"
#include "engine/connection.h"
#include "engine/definition.h"
#include "sql/ast_statement.h"
#include "txn/transaction.h"

namespace tupelo {

class DatabaseState;
class Execution;

// A lock that its holder may take again. Waiting goes through base/wait.h.
class TurnLock {
 public:
  void Lock();
  void Unlock();
  bool HeldByThisThread() const {
    return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

 private:
  std::mutex mutex_;
  std::atomic<std::thread::id> owner_{};
  uint32_t depth_ = 0;
};

// State machine of a session's transaction:
//
//   none --first statement--> open --COMMIT, ROLLBACK--> none
//   none --START TRANSACTION--> open (explicit: autocommit does not end it)
//
// Guarded by `turn`, but for `interrupted`. What touches tables, transactions or views also holds the database's latch.
class SessionState : public std::enable_shared_from_this<SessionState> {
 public:
  explicit SessionState(std::shared_ptr<Database> database);
  ~SessionState();

  TurnLock turn;
  std::atomic<bool> interrupted{false};
  bool closed = false;
  bool autocommit = false;
  bool (*progress)(void*) = nullptr;
  void* progress_argument = nullptr;
  std::vector<StatementProfile>* profile = nullptr;
  bool has_identity = false;
  int64_t last_identity = 0;
  bool in_batches = false;  // between BeginBatches and FinishBatches: reading only

  DatabaseState& database() { return *database_state_; }
  void ThrowIfClosed() const;

  // What the next statement sees of the catalog: own changes, else the snapshot's, else the newest.
  const CatalogPtr& CatalogNow();
  bool in_transaction() const { return explicit_ || (!autocommit && !closed); }
  bool has_changes() const;
  bool has_explicit_transaction() const { return explicit_; }

  // Makes sure that a transaction with a snapshot is open. Holds the latch.
  Transaction* OpenTransaction();
  // After a statement: ends the transaction that autocommit opened for it. Holds the latch.
  void EndStatement(bool succeeded);

  // START TRANSACTION and its kin; they take the latch themselves.
  void RunTransactionStatement(const ast::Statement& statement);
  void Commit(bool chain);
  void Rollback(bool chain);
  void Close();

  // Catalog changes of the open transaction; made at the first one. Holds the latch.
  CatalogChange& Change();
  // The part of a statement's undo that concerns the catalog.
  CatalogPtr CatalogMark() const { return change_ != nullptr ? change_->Mark() : nullptr; }
  void RollbackCatalog(const CatalogPtr& mark);

  // Open results, for ROLLBACK and Close.
  void AddExecution(Execution* execution);
  void RemoveExecution(Execution* execution);

  bool read_only() const { return read_only_; }
  Transaction* transaction() { return transaction_; }
  const std::string& user_name() const { return user_name_; }

 private:
  struct Savepoint {
    std::string name;
    UndoMark mark;
    CatalogPtr catalog;
  };
  void StartTransaction(const ast::TransactionModes& modes);
  void SetModes(const ast::TransactionModes& modes);
  void MakeSavepoint(const ast::Identifier& name);
  void ReleaseSavepoint(const ast::Identifier& name);
  void RollbackToSavepoint(const ast::Identifier& name);
  size_t FindSavepoint(const ast::Identifier& name) const;
  void MaterializeResults();
  void Reset(bool chain);
  [[noreturn]] void ThrowInBatches() const;

  std::shared_ptr<Database> database_;
  DatabaseState* database_state_;
  Transaction* transaction_ = nullptr;
  bool explicit_ = false;   // START TRANSACTION was said
  bool read_only_ = false;
  bool modes_set_ = false;  // SET TRANSACTION was said, for the transaction to come or the one begun
  CatalogPtr catalog_;      // that the transaction's snapshot goes with
  std::unique_ptr<CatalogChange> change_;
  std::vector<Savepoint> savepoints_;
  std::vector<Execution*> executions_;
  std::string user_name_;
};

// Holds a session's turn for a scope.
class TurnGuard {
 public:
  explicit TurnGuard(SessionState* session) : session_(session) { session_->turn.Lock(); }
  ~TurnGuard() { session_->turn.Unlock(); }
  TurnGuard(const TurnGuard&) = delete;
  TurnGuard& operator=(const TurnGuard&) = delete;

 private:
  SessionState* session_;
};

}  // namespace tupelo
