// engine/session_access.cpp: what a session may change, and when it sees what others have changed.
#include <new>

#include "engine/database.h"
#include "engine/reading_database.h"
#include "engine/session.h"
#include "plan/plan.h"
#include "plan/plan_visit.h"

namespace tupelo {

namespace {

// Whether an expression of the plan is NEXT VALUE FOR, nextval or setval.
bool TakesNumbers(PlanNode& node) {
  bool takes = false;
  VisitNodeExpressions(node, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      takes |= part.kind == BoundKind::kNextValue;
      if (part.plan != nullptr) takes |= TakesNumbers(*part.plan);
    });
  });
  for (PlanPtr& child : node.children) takes |= TakesNumbers(*child);
  return takes;
}

}  // namespace

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
  bool takes = TakesNumbers(*plan.root);
  for (const CommonTablePlan& table : plan.common_tables) takes |= TakesNumbers(*table.plan);
  if (takes) ThrowReadOnly(position);
}

bool SessionState::Reads(const DatabaseState& database) const {
  if (state_ != &database) return false;
  return is_copying_ || !open_.empty() || (transaction_ != nullptr && transaction_->has_snapshot());
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
