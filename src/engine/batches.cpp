// engine/batches.cpp: executemany: one statement over many rows of parameters.
#include "engine/statement_state.h"

namespace tupelo {

void StatementState::BeginBatches() {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  try {
    if (kind_ != StatementKind::kInsert && kind_ != StatementKind::kUpdate &&
        kind_ != StatementKind::kDelete && kind_ != StatementKind::kMerge) {
      throw Error(
          ErrorCode::kFeatureNotSupported,
          "executemany is for INSERT, UPDATE, DELETE and MERGE; use execute for other statements",
          parsed_.statement->position);
    }
    session_->ThrowInBatches();
  } catch (Error& error) {
    error.Locate(sql_);
    throw;
  }
  session_->interrupted.store(false, std::memory_order_relaxed);
  ExclusiveGuard latch(session_->database().latch);
  session_->BeginStatement();
  session_->TrackReads();
  Transaction* transaction = session_->OpenTransaction();
  batch_mark_ = session_->database().transactions.Mark(transaction);
  session_->BeginBatches(session_->database().transactions.NextStatement(transaction));
  session_->BeginChanges();
  in_batches_ = true;
  batch_rows_ = 0;
}

void StatementState::ExecuteBatch(const ParameterSet& parameters) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  if (!in_batches_) {
    throw Error(ErrorCode::kInvalidTransactionState, "the batches of this statement were ended");
  }
  try {
    CheckParameters(parameters);
    if (parameters.row_count() == 0 && parameters.count() != 0) return;
    ExclusiveGuard latch(session_->database().latch);
    session_->ContinueBatches();
    SessionState::ReadingScope reading(session_.get());
    Variant& variant = FindVariant(parameters);
    session_->ThrowIfReadOnly(*variant.plan, parsed_.statement->position);
    session_->ThrowIfTakesNumbers(*variant.plan, parsed_.statement->position);
    Execution* execution = nullptr;
    for (auto& used : batch_executions_) {
      if (&used->plan() == variant.plan.get()) execution = used.get();
    }
    if (execution == nullptr) {
      batch_executions_.push_back(TakeExecution(&variant));
      execution = batch_executions_.back().get();
      execution->BeginWriteBatches();
    }
    SessionState::ConflictWait wait;
    batch_rows_ += execution->WriteBatch(parameters, &wait);
  } catch (Error& error) {
    session_->NoteRefusal(error);
    error.Locate(sql_);
    throw;
  }
}

int64_t StatementState::FinishBatches(Result* returned) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  if (!in_batches_) {
    throw Error(ErrorCode::kInvalidTransactionState, "the batches of this statement were ended");
  }
  {
    ExclusiveGuard latch(session_->database().latch);
    try {
      session_->ContinueBatches();
      SessionState::ReadingScope reading(session_.get());
      SessionState::ConflictWait wait;
      for (auto& execution : batch_executions_) execution->FinishWriteBatches(&wait);
      for (size_t i = 1; i < batch_executions_.size() && returns_rows_; ++i) {
        batch_executions_[0]->AdoptReturned(*batch_executions_[i]);
      }
      session_->ReportChanges();
    } catch (Error& error) {
      session_->NoteRefusal(error);
      error.Locate(sql_);
      CancelBatches();
      throw;
    }
    if (returns_rows_ && returned != nullptr && !batch_executions_.empty()) {
      *returned = Hand(std::move(batch_executions_[0]));
      batch_executions_.erase(batch_executions_.begin());
    }
    for (auto& execution : batch_executions_) GiveBack(execution.release());
    batch_executions_.clear();
    in_batches_ = false;
    session_->EndBatches();
    session_->EndStatement(true);
  }
  session_->WaitDurable();
  return batch_rows_;
}

void StatementState::CancelBatches() {
  TurnGuard turn(session_->turn);
  if (!in_batches_ || session_->is_of_parent()) return;
  in_batches_ = false;
  ExclusiveGuard latch(session_->database().latch);
  batch_executions_.clear();
  if (!session_->in_batches()) return;  // the database has ended the transaction
  TransactionManager& transactions = session_->database().transactions;
  Transaction* transaction = session_->OpenTransaction();
  transactions.RollbackTo(transaction, batch_mark_);
  transactions.waits().NoteEnd(transaction->id());
  session_->EndBatches();
  session_->EndStatement(false);
}

}  // namespace tupelo
