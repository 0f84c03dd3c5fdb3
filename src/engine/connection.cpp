// engine/connection.cpp: the session behind a connection.
#include "engine/connection.h"

#include "engine/session.h"
#include "engine/statement.h"
#include "engine/statement_state.h"
#include "engine/stored_database.h"
#include "sql/parser.h"

namespace tupelo {

Connection::Connection(std::shared_ptr<Database> database, const SessionOptions& options)
    : session_(std::make_shared<SessionState>(std::move(database), options)) {}

Connection::~Connection() {
  try {
    session_->Close();
  } catch (const std::exception&) {
    // What was committed is in the log, which the next opening reads.
  }
}

std::shared_ptr<Database> Connection::database() const {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  return session_->shared_database();
}

std::shared_ptr<Statement> Connection::Prepare(std::string_view sql) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  return std::shared_ptr<Statement>(new Statement(std::make_shared<StatementState>(session_, sql)));
}

bool Connection::NextStatement(std::string_view script, size_t* offset,
                               std::string_view* statement) {
  try {
    return tupelo::NextStatement(script, offset, statement);
  } catch (Error& error) {
    error.Locate(script);
    throw;
  }
}

void Connection::Close() { session_->Close(); }
bool Connection::is_closed() const { return session_->is_closed(); }
bool Connection::is_in_file() const { return session_->is_stored(); }

void Connection::SetAutocommit(bool autocommit) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  session_->interrupted.store(false, std::memory_order_relaxed);
  session_->SetAutocommit(autocommit);
  session_->WaitDurable();
}

bool Connection::autocommit() const { return session_->autocommit(); }

bool Connection::in_transaction() const {
  TurnGuard turn(session_->turn);
  return session_->in_transaction();
}

bool Connection::has_changes() const {
  TurnGuard turn(session_->turn);
  return session_->has_changes();
}

bool Connection::is_commit_short() const {
  TurnGuard turn(session_->turn);
  return session_->IsCommitShort();
}

void Connection::Commit() {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  session_->interrupted.store(false, std::memory_order_relaxed);
  session_->Commit(false);
  session_->WaitDurable();
}

void Connection::Checkpoint() {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  if (session_->is_read_only()) {
    throw Error(ErrorCode::kReadOnlyTransaction,
                "the connection is read-only; a checkpoint is made by one that is not");
  }
  if (StoredDatabase* stored = session_->database().stored.get()) stored->Checkpoint();
}

bool Connection::is_read_only() const { return session_->is_read_only(); }

void Connection::Refresh() {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  session_->Refresh();
}

void Connection::Rollback() {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  session_->Rollback(false);
}

IsolationLevel Connection::isolation_level() const {
  TurnGuard turn(session_->turn);
  return session_->isolation_level();
}

void Connection::SetIsolationLevel(IsolationLevel level) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  session_->SetIsolationLevel(level);
}

SessionOptions Connection::options() const {
  TurnGuard turn(session_->turn);
  return {session_->is_read_only(), session_->isolation_level(),
          std::chrono::milliseconds(session_->settings().connected_lock_timeout_ms)};
}

void Connection::Interrupt() { session_->interrupted.store(true, std::memory_order_relaxed); }

void Connection::SetProgressCallback(bool (*callback)(void*), void* argument,
                                     void (*takes_long)(void*)) {
  TurnGuard turn(session_->turn);
  session_->takes_long = takes_long;
  session_->progress = callback;
  session_->progress_argument = argument;
}

void Connection::SetCopyProgress(CopyProgress callback, void* argument) {
  TurnGuard turn(session_->turn);
  session_->copy_progress = callback;
  session_->copy_progress_argument = argument;
}

void Connection::SetCommitHook(CommitHook hook, void* argument) {
  TurnGuard turn(session_->turn);
  session_->hooks.commit = hook;
  session_->hooks.commit_argument = argument;
}

void Connection::SetRollbackHook(RollbackHook hook, void* argument) {
  TurnGuard turn(session_->turn);
  session_->hooks.rollback = hook;
  session_->hooks.rollback_argument = argument;
}

void Connection::SetUpdateHook(UpdateHook hook, void* argument) {
  TurnGuard turn(session_->turn);
  session_->hooks.update = hook;
  session_->hooks.update_argument = argument;
}

void Connection::SetProfile(std::vector<StatementProfile>* profile) {
  TurnGuard turn(session_->turn);
  session_->profile = profile;
}

bool Connection::LastIdentity(int64_t* value) const {
  TurnGuard turn(session_->turn);
  *value = session_->last_identity;
  return session_->has_identity;
}

}  // namespace tupelo
