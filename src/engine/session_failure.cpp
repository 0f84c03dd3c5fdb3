// engine/session_failure.cpp: waiting for other transactions; transactions that the database ends.
//
// It ends the victim of a deadlock at once. A transaction that has lost its snapshot is only marked
// by who took it away: it is ended here, when its session uses it next.
#include <fmt/format.h>
#include <utility>

#include "engine/session.h"
#include "txn/conflict.h"

namespace tupelo {

const char* SessionState::ReasonOf(Failure failure) {
  return failure == Failure::kDeadlock ? "because of a deadlock"
                                       : "because its snapshot was too old";
}

// At READ COMMITTED the next statement takes a new snapshot, unless definitions were made of what
// this one saw, or a statement is in the middle of its work.
bool SessionState::HasLostSnapshot() const {
  if (transaction_ == nullptr || !transaction_->has_lost_snapshot()) return false;
  return in_batches_ || change_ != nullptr || level_ != IsolationLevel::kReadCommitted;
}

void SessionState::ThrowIfFailed() {
  if (HasLostSnapshot()) {
    EndByDatabase(Failure::kSnapshotTooOld);
    throw Error(ErrorCode::kSnapshotTooOld, kLostSnapshot);
  }
  if (failure_ == Failure::kNone) return;
  throw Error(ErrorCode::kTransactionEnded,
              fmt::format("the transaction was rolled back {}: ROLLBACK, and run it again",
                          ReasonOf(failure_)));
}

// One that is open fails until its host has said that it knows.
void SessionState::EndByDatabase(Failure failure) {
  const bool is_open = in_transaction();
  in_batches_ = false;
  Rollback(false);
  if (is_open) failure_ = failure;
}

void SessionState::ThrowNothingToCommit() {
  const char* reason = ReasonOf(std::exchange(failure_, Failure::kNone));
  Reset(false);
  throw Error(ErrorCode::kTransactionEnded,
              fmt::format("there is nothing to commit: the transaction was rolled back {}; run it "
                          "again",
                          reason));
}

void SessionState::ContinueBatches() {
  if (in_batches_) return ThrowIfFailed();
  throw Error(ErrorCode::kTransactionEnded,
              "the transaction of executemany was rolled back while its rows were being read; run "
              "it again");
}

// Without the latch others may take the session's snapshots away.
TransactionWaits::Outcome SessionState::WaitOnce(const ConflictError& conflict,
                                                 ConflictWait* wait) {
  const uint32_t running = std::exchange(owner_.running, 0);
  struct Restore {
    uint32_t* to;
    uint32_t value;
    ~Restore() { *to = value; }
  } restore{&owner_.running, running};
  return state_->transactions.waits().Wait(transaction_, conflict.blockers(), wait->end,
                                           &state_->latch, wait->interruption);
}

bool SessionState::WaitFor(const ConflictError& conflict, ConflictWait* wait) {
  if (conflict.blockers().empty() || settings_.lock_timeout_ms == 0) return false;
  if (!wait->has_begun) {
    wait->has_begun = true;
    wait->end =
        TransactionWaits::Clock::now() + std::chrono::milliseconds(settings_.lock_timeout_ms);
    BeginInterruption(&wait->interruption);
  }
  switch (WaitOnce(conflict, wait)) {
    case TransactionWaits::Outcome::kGoOn:
      if (HasLostSnapshot()) ThrowIfFailed();
      return true;
    case TransactionWaits::Outcome::kTimeout: break;
    case TransactionWaits::Outcome::kDeadlock:
      EndByDatabase(Failure::kDeadlock);
      throw Error(ErrorCode::kDeadlock,
                  "transactions wait for each other, and this one, which has changed least, was "
                  "rolled back; run it again")
          .OnTable(conflict.table_name());
  }
  ConflictError error(
      fmt::format("another transaction has changed or locked what this one needs in table {}, and "
                  "did not end within {} ms; roll back and run the transaction again",
                  conflict.table_name(), settings_.lock_timeout_ms),
      {}, conflict.position());  // there is nobody it would wait for once more
  error.OnTable(conflict.table_name());
  throw error;
}

void SessionState::NoteRefusal(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kUniqueViolation:
    case ErrorCode::kForeignKeyViolation:
    case ErrorCode::kRestrictViolation:
      if (transaction_ != nullptr) transaction_->NoteUndone();
      break;
    default: break;
  }
}

}  // namespace tupelo
