// engine/session.cpp: opening and ending transactions.
#include "engine/session.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/coarse_clock.h"
#include "base/interruption_scope.h"
#include "catalog/stored_definition.h"
#include "engine/database.h"
#include "engine/definition.h"
#include "engine/execution.h"
#include "engine/file_sessions.h"
#include "engine/statement_state.h"
#include "engine/stored_database.h"
#include "plan/plan.h"
#include "txn/conflict.h"

namespace tupelo {

SessionState::SessionState(std::shared_ptr<Database> database, const SessionOptions& options)
    : database_(std::move(database)),
      state_(&database_->state()),
      is_stored_(state_->stored != nullptr),
      is_reader_(options.read_only),
      reads_by_default_(options.read_only),
      read_only_(options.read_only),
      level_of_session_(options.isolation_level),
      level_(options.isolation_level) {
  owner_.connection = ++state_->last_connection;
  latch_slot_ = state_->latch.SlotOf(owner_.connection);
  auto timeout_ms = static_cast<uint64_t>(options.timeout.count());
  settings_.lock_timeout_ms = settings_.connected_lock_timeout_ms =
      std::min(timeout_ms, kMostLockTimeoutMs);
  if (state_->is_in_file()) FileSessions::Add(this);
}

SessionState::~SessionState() {
  try {
    Close();
  } catch (const std::exception&) {
    // What was committed is in the log, which the next opening reads.
  }
}

void SessionState::ThrowUnusable() const {
  if (is_of_parent()) {
    throw Error(ErrorCode::kObjectNotReady,
                "the connection was opened before fork(), by the parent of this process; open the "
                "database anew");
  }
  if (is_closed()) throw Error(ErrorCode::kConnectionClosed, "the connection is closed");
  throw Error(
      ErrorCode::kInvalidTransactionState,
      "a callback of this connection is running, a hook or one that is told of the progress "
      "of COPY or a backup: it may not use the connection");
}

bool SessionState::ReportCopy(void* session, uint64_t rows, uint64_t bytes, uint64_t total_bytes) {
  auto* self = static_cast<SessionState*>(session);
  if (self->copy_progress == nullptr) return false;
  CallbackScope scope(self);
  return self->copy_progress(self->copy_progress_argument, rows, bytes, total_bytes);
}

bool SessionState::has_changes() const {
  return transaction_ != nullptr && transaction_->has_changes();
}

bool SessionState::IsCommitShort() const {
  constexpr uint64_t kFewChanges = 1000;
  return transaction_ == nullptr ||
         (change_ == nullptr && deferred_.empty() && transaction_->change_count() <= kFewChanges);
}

// A statement that is a transaction and runs in one go reads what is so when it commits.
Transaction* SessionState::OpenTransaction() {
  if (transaction_ == nullptr) {
    bool tracks_reads = in_transaction() && !read_only_;
    transaction_ = state_->transactions.Begin(level_, tracks_reads, &owner_);
    if (in_transaction()) transaction_->NoteBeginning(CoarseWallTime());
  }
  if (!transaction_->has_snapshot()) {
    TakeCatalog();
    state_->transactions.TakeSnapshot(transaction_);
  }
  return transaction_;
}

void SessionState::TrackReads() {
  if (!read_only_) state_->transactions.TrackReads(transaction_);
}

void SessionState::TakeCatalog() {
  if (catalog_ != nullptr && own_catalog_.ViewOf(state_->catalog.serial()) == catalog_.get())
    return;
  const CatalogPtr& catalog = own_catalog_.View(state_->catalog.Current(), &state_->transactions);
  if (catalog_ != catalog) catalog_ = catalog;
}

void SessionState::BeginAnyStatement() {
  ThrowIfFailed();
  bool is_new = transaction_ == nullptr || !transaction_->has_snapshot();
  OpenTransaction();
  if (!is_new && !in_batches_) RenewSnapshot();
}

// What the transaction has defined was made of the definitions that it saw: it keeps those, and
// their snapshot.
void SessionState::RenewSnapshot() {
  if (change_ != nullptr || level_ != IsolationLevel::kReadCommitted) return;
  TakeCatalog();
  state_->transactions.RenewSnapshot(transaction_);
}

ReadView SessionState::ViewOfQuery() {
  if (transaction_ == nullptr) return {state_->transactions.durable_commit(), 0, 0};
  if (in_batches_) return {transaction_->snapshot(), transaction_->id(), batch_statement_};
  state_->transactions.NextStatement(transaction_);
  return transaction_->View();
}

void SessionState::EndStatement(bool succeeded) {
  if (!autocommit_ || explicit_ || transaction_ == nullptr || in_batches_) return;
  if (succeeded) {
    Commit(false);
  } else {
    Rollback(false);
  }
}

void SessionState::Reset(bool chain) {
  transaction_ = nullptr;
  change_ = nullptr;
  changed_catalog_ = nullptr;
  savepoints_.clear();
  deferred_.Clear();
  for (Execution* execution : open_) execution->ForgetReads();
  if (chain) return;
  explicit_ = false;
  read_only_ = reads_by_default_;
  level_ = level_of_session_;
}

void SessionState::Commit(bool chain) {
  ThrowInBatches();
  ExclusiveGuard latch(state_->latch);
  if (failure_ != Failure::kNone) ThrowNothingToCommit();
  // Who has only read has read it while the snapshot was there.
  if (HasLostSnapshot() && (transaction_->has_changes() || HasDefinitions())) {
    Rollback(false);
    throw Error(ErrorCode::kSnapshotTooOld, kLostSnapshot);
  }
  if (transaction_ != nullptr && transaction_->has_lost_snapshot()) RenewSnapshot();
  if (transaction_ != nullptr) {
    StoredDatabase* stored = state_->stored.get();
    uint64_t appended = 0;
    try {
      if (!deferred_.empty()) CheckDeferred();
      if (hooks.commit != nullptr) AskCommitHook();
      if (stored != nullptr) appended = stored->last_appended();
      if (own_catalog_.acts_at_commit() || change_ != nullptr) RunCommitActions();
      CatalogPtr next = change_ == nullptr ? nullptr : state_->catalog.Merge(*change_);
      if (state_->transactions.is_logged()) LogDefinitions();
      state_->transactions.Commit(transaction_);
      if (next != nullptr) {
        state_->catalog.Install(std::move(next));
        state_->definitions_commit = state_->transactions.last_commit();
      }
    } catch (...) {
      Rollback(false);
      throw;
    }
    if (stored != nullptr && stored->IsAwaited()) {
      unawaited_commit_ = stored->last_appended();
      has_appended_ = unawaited_commit_ != appended;
    }
    for (const auto& sequence : state_->unlogged_sequences) sequence->is_unlogged = false;
    state_->unlogged_sequences.clear();
    if (change_ != nullptr) own_catalog_.Adopt(*change_->base(), *change_->current());
    if (stored != nullptr) state_->transactions.cache().LetGoIfFull();
  }
  Reset(chain);
}

// Who has only read waits as well: what it saw might be lost yet. That it could not be written is
// for those to hear whose it is.
void SessionState::WaitForLog() {
  uint64_t commit = std::exchange(unawaited_commit_, 0);
  if (has_appended_) {
    state_->stored->WaitDurable(commit);
    {
      ExclusiveGuard latch(state_->latch);
      state_->transactions.NoteDurable();
    }
    state_->stored->KeepLogShort();
    return;
  }
  try {
    state_->stored->WaitDurable(commit);
  } catch (const Error&) {
  }
}

// What was committed so far is to be as durable as `synchronous` says from now on.
void SessionState::AwaitLog() {
  if (state_->stored == nullptr || !state_->stored->IsAwaited()) return;
  unawaited_commit_ = state_->stored->last_appended();
  has_appended_ = true;
}

// What the transaction defined, and where sequences are that gave numbers since the last commit.
void SessionState::LogDefinitions() {
  std::vector<uint8_t> changes;
  if (change_ != nullptr) AppendCatalogChanges(*change_->base(), *change_->current(), &changes);
  for (const auto& sequence : state_->unlogged_sequences) AppendSequenceState(*sequence, &changes);
  if (!changes.empty()) transaction_->AddDefinitionRedo(std::move(changes));
}

void SessionState::Rollback(bool chain) {
  ThrowInBatches();
  ExclusiveGuard latch(state_->latch);
  failure_ = Failure::kNone;
  const bool has_written = HasWritten();
  if (transaction_ != nullptr) {
    if (transaction_->has_changes()) MaterializeResults();
    state_->transactions.Rollback(transaction_);
  }
  Reset(chain);
  if (has_written && hooks.rollback != nullptr) CallRollbackHook();
}

// Results may show rows that this transaction wrote and is about to undo.
void SessionState::MaterializeResults() {
  std::vector<Execution*> open = open_;  // each leaves the list as it ends
  for (Execution* execution : open) execution->Materialize();
}

void SessionState::SetAutocommit(bool autocommit) {
  if (autocommit == autocommit_) return;
  if (autocommit) Commit(false);
  autocommit_.store(autocommit, std::memory_order_relaxed);
}

void SessionState::Close() {
  std::shared_ptr<Database> database;
  {
    TurnGuard my_turn(turn);
    if (is_closed()) return;
    ThrowIfClosed();
    ExclusiveGuard latch(state_->latch);
    in_batches_ = false;
    while (!open_.empty()) open_.back()->End();
    const bool has_written = HasWritten();
    if (transaction_ != nullptr) state_->transactions.Rollback(transaction_);
    Reset(false);
    if (has_written && hooks.rollback != nullptr) CallRollbackHook();
    for (StatementState* each = statements_; each != nullptr; each = each->next_) {
      each->ForgetPlans();
    }
    catalog_ = nullptr;
    own_catalog_.Close(&state_->catalog);
    hooks.changed.Clear();
    numbers = {};
    use_.store(Use::kClosed, std::memory_order_relaxed);
    FileSessions::Remove(this);
    database = std::move(database_);
  }
  state_ = nullptr;
  Database::Leave(std::move(database));
}

void SessionState::ThrowUnlessIdle() const {
  ThrowUnlessWritable(Position());
  if (transaction_ != nullptr || explicit_) {
    throw Error(ErrorCode::kActiveTransaction,
                "a transaction is open on the connection whose database is to be replaced; commit "
                "or roll back first");
  }
  if (!open_.empty()) {
    throw Error(ErrorCode::kObjectInUse,
                "a result is open on the connection whose database is to be replaced; read it to "
                "its end, or close its cursor");
  }
}

void SessionState::ForgetDatabase() {
  for (StatementState* each = statements_; each != nullptr; each = each->next_) {
    each->ForgetIdlePlans();
  }
  catalog_ = nullptr;
  own_catalog_.Forget();
  hooks.changed.Clear();
  numbers = {};
  state_->unlogged_sequences.clear();
}

void SessionState::AddStatement(StatementState* statement) {
  statement->next_ = statements_;
  if (statements_ != nullptr) statements_->previous_ = statement;
  statements_ = statement;
}

void SessionState::RemoveStatement(StatementState* statement) {
  StatementState*& before =
      statement->previous_ == nullptr ? statements_ : statement->previous_->next_;
  before = statement->next_;
  if (statement->next_ != nullptr) statement->next_->previous_ = statement->previous_;
}

CatalogChange* SessionState::ChangeCatalog() {
  if (change_ == nullptr) {
    change_ = std::make_unique<CatalogChange>(catalog_);
    changed_catalog_ = change_->current();
  }
  return change_.get();
}

void SessionState::RollbackCatalog(const CatalogPtr& mark) {
  if (change_ == nullptr) return;
  change_->RollbackTo(mark != nullptr ? mark : change_->base());
  changed_catalog_ = change_->current();
}

void SessionState::RunDefinition(const ast::Statement& statement, const ParameterSet& parameters) {
  ThrowUnlessWritable(statement.position);
  ExclusiveGuard guard(state_->latch);
  const bool is_first = transaction_ == nullptr || !transaction_->has_snapshot();
  // Whoever called a hook that came here holds the latch for good reason.
  SharedLatch* latch = state_->latch.IsTakenAgain() ? nullptr : &state_->latch;
  const bool is_transaction = is_autocommitting();
  ConflictWait wait;
  for (;;) {
    try {
      return TryDefinition(statement, parameters, latch);
    } catch (const ConflictError& conflict) {
      // Others have come between the steps of what is a transaction of its own: as in RunPlan.
      if (latch != nullptr && is_transaction && conflict.blockers().empty()) {
        latch = nullptr;
      } else if (!WaitFor(conflict, &wait)) {
        throw;
      }
    }
    // It may have to write rows anew that others have committed meanwhile. Nothing was read yet.
    if (!is_first || transaction_ == nullptr) continue;
    state_->transactions.Rollback(transaction_);
    transaction_ = nullptr;
    change_ = nullptr;
    changed_catalog_ = nullptr;
  }
}

void SessionState::TryDefinition(const ast::Statement& statement, const ParameterSet& parameters,
                                 SharedLatch* latch) {
  BeginStatement();
  Transaction* transaction = OpenTransaction();
  state_->transactions.NextStatement(transaction);
  CatalogPtr catalog_mark = ChangeCatalog()->Mark();
  UndoMark mark = state_->transactions.Mark(transaction);
  try {
    ReadingScope reading(this);
    Interruption interruption;
    BeginInterruption(&interruption);
    InterruptionScope scope(&interruption);
    EvaluationContext evaluation;
    evaluation.user_name = user_name_;
    evaluation.interruption = &interruption;
    evaluation.time_zone = settings_.time_zone;
    DefinitionContext context{change_.get(), &state_->transactions, transaction, evaluation};
    context.temporary_schema = own_catalog_.temporary_schema();
    context.latch = latch;
    for (uint32_t i = 0; i < parameters.count(); ++i) {
      context.parameter_types.push_back(parameters.type(i));
    }
    context.run_write = [&](std::shared_ptr<const Plan> plan) {
      changed_catalog_ = change_->current();
      if (latch != nullptr && is_autocommitting()) TrackReads();
      using Steps = Execution::Steps;
      Execution(std::move(plan), this)
          .RunWrite(parameters, false, latch != nullptr ? Steps::kMany : Steps::kOne);
    };
    ExecuteDefinition(statement, context);
    changed_catalog_ = change_->current();
  } catch (...) {
    state_->transactions.RollbackTo(transaction, mark);
    state_->transactions.waits().NoteEnd(transaction->id());
    RollbackCatalog(catalog_mark);
    EndStatement(false);
    throw;
  }
  EndStatement(true);
}

}  // namespace tupelo
