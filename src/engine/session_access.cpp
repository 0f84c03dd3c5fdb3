// engine/session_access.cpp: what a session may change, and when it sees what others have changed.
#include <new>

#include "engine/database.h"
#include "engine/plan_effects.h"
#include "engine/reading_database.h"
#include "engine/session.h"
#include "plan/plan.h"

namespace tupelo {

void SessionState::ThrowInBatches() const {
  if (in_batches_) {
    throw Error(ErrorCode::kInvalidTransactionState,
                "executemany is running on this connection: until it ends the connection may only "
                "read; use another connection for this");
  }
}

void SessionState::ThrowReadOnly(Position position) const {
  throw Error(ErrorCode::kReadOnlyTransaction,
              is_reader_ ? "the connection is read-only; use one that is not to change data"
                         : "the transaction is READ ONLY; start one that is READ WRITE to change "
                           "data",
              position);
}

void SessionState::ThrowUnlessWritable(Position position) const {
  ThrowInBatches();
  if (read_only_) ThrowReadOnly(position);
}

void SessionState::ThrowUnlessWritable(const Plan& plan, Position position) const {
  ThrowInBatches();
  ThrowIfReadOnly(plan, position);
}

void SessionState::ThrowIfReadOnly(const Plan& plan, Position position) const {
  if (read_only_ && !plan.WritesOnlyTemporary()) ThrowReadOnly(position);
}

void SessionState::ThrowIfNumbersAreTaken(const Plan& plan, Position position) const {
  if (TakesNumbers(plan)) ThrowReadOnly(position);
}

bool SessionState::Reads(const DatabaseState& database) const {
  if (state_ != &database) return false;
  return is_copying_ || !open_.empty() || (transaction_ != nullptr && transaction_->has_snapshot());
}

bool SessionState::MayReadAsIs() const {
  if (failure_ != Failure::kNone || in_batches_ || catalog_ == nullptr) return false;
  if (transaction_ == nullptr) {
    return !in_transaction() && !own_catalog_.acts_at_commit() &&
           own_catalog_.ViewOf(state_->catalog.serial()) == catalog_.get() &&
           state_->definitions_commit <= state_->transactions.durable_commit();
  }
  if (!in_transaction() || !transaction_->has_snapshot() || transaction_->has_lost_snapshot()) {
    return false;
  }
  return level_ != IsolationLevel::kReadCommitted || change_ != nullptr ||
         transaction_->snapshot() == state_->transactions.last_commit();
}

void SessionState::Refresh() {
  ThrowInBatches();
  if (!is_reader_) {
    throw Error(ErrorCode::kObjectNotReady,
                "refresh is for read-only connections; each new transaction of this one sees what "
                "was committed before it");
  }
  if (explicit_) {
    throw Error(ErrorCode::kActiveTransaction,
                "a transaction is active, which sees what it has seen; end it by COMMIT or "
                "ROLLBACK before refresh");
  }
  Commit(false);
  if (state_->reading != nullptr) state_->reading->Refresh();
}

// The process has one thread, and what others of the parent were just doing is left as it is. So
// nothing of the session may go, nor may it be used.
void SessionState::EndInChild() {
  if (is_closed()) return;
  use_.store(Use::kOfParent, std::memory_order_relaxed);
  transaction_ = nullptr;
  if (!turn.IsFree()) new (&turn) TurnLock;
  if (std::shared_ptr<SessionState> self = weak_from_this().lock()) {
    static_cast<void>(new std::shared_ptr<SessionState>(std::move(self)));
  }
}

}  // namespace tupelo
