// engine/run_plan.cpp: running the plan of a statement, with the latch that it needs.
//
// A query that is short, and has a plan and a snapshot, reads beside others from its beginning to
// its end. All else begins and ends with the latch to itself; queries give it up in between, and
// take it as readers for each step that reads tables. So do statements that may change many rows,
// with the latch to themselves for each vector set that they write. Short ones have it all the
// time.
#include <optional>

#include "base/interruption_scope.h"
#include "engine/statement_state.h"
#include "engine/stopwatch.h"
#include "storage/block_cache.h"
#include "txn/conflict.h"

namespace tupelo {

// What is reserved here lets neither Hand nor GiveBack fail.
std::unique_ptr<Execution> StatementState::TakeExecution(Variant* variant) {
  if (in_use_.size() == in_use_.capacity()) in_use_.reserve(2 * in_use_.size() + 2);
  is_short_.store(variant->plan->is_short, std::memory_order_relaxed);
  if (variant->idle.empty()) {
    Interruption interruption;
    session_->BeginInterruption(&interruption);
    InterruptionScope scope(&interruption);
    variant->idle.reserve(in_use_.size() + 1);
    return std::make_unique<Execution>(variant->plan, session_.get());
  }
  std::unique_ptr<Execution> execution = std::move(variant->idle.back());
  variant->idle.pop_back();
  return execution;
}

void StatementState::GiveBack(Execution* execution) {
  std::unique_ptr<Execution> owned(execution);
  std::erase(in_use_, execution);
  if (session_->is_closed()) return;
  for (auto& variant : variants_) {
    if (variant->plan.get() != &owned->plan()) continue;
    variant->idle.push_back(std::move(owned));
    return;
  }
  ExclusiveGuard latch(
      session_->database().latch);  // the plan may be the last to know a dropped table
  owned = nullptr;
}

Result StatementState::Hand(std::unique_ptr<Execution> execution) {
  Result result;
  execution->in_use_by_ = shared_from_this();
  in_use_.push_back(execution.get());
  result.execution_ = execution.release();
  return result;
}

Result StatementState::RunQuery(Variant* variant, const ParameterSet& parameters) {
  using Steps = Execution::Steps;
  // Whoever called a hook that came here holds the latch for good reason.
  const bool in_steps = variant->shares_latch && !session_->database().latch.IsTakenAgain();
  std::unique_ptr<Execution> execution = TakeExecution(variant);
  execution->StartQuery(parameters, false, in_steps ? Steps::kMany : Steps::kOne);
  return Hand(std::move(execution));
}

// FOR UPDATE and FOR SHARE: what fails has locked nothing.
Result StatementState::RunLocking(Variant* variant, const ParameterSet& parameters) {
  std::unique_ptr<Execution> execution = TakeExecution(variant);
  UndoMark mark = session_->database().transactions.Mark(session_->OpenTransaction());
  try {
    execution->RunLocking(parameters);
    return Hand(std::move(execution));
  } catch (...) {
    session_->database().transactions.RollbackTo(session_->OpenTransaction(), mark);
    throw;
  }
}

Result StatementState::RunWrite(Variant* variant, const ParameterSet& parameters,
                                Attempt* attempt) {
  std::unique_ptr<Execution> execution = TakeExecution(variant);
  UndoMark mark = session_->database().transactions.Mark(session_->OpenTransaction());
  const Plan& plan = execution->plan();
  const bool in_steps = attempt->may_take_steps && !plan.is_small && !session_->in_batches() &&
                        !session_->database().latch.IsTakenAgain();
  if (in_steps && session_->is_autocommitting()) session_->TrackReads();
  attempt->took_steps = in_steps;
  int64_t rows;
  try {
    // COPY TO may run between the batches of executemany, whose changes these are.
    const bool changes_rows = kind_ != StatementKind::kCopyTo;
    if (changes_rows) session_->BeginChanges();
    using Steps = Execution::Steps;
    rows = execution->RunWrite(parameters, false, in_steps ? Steps::kMany : Steps::kOne);
    if (changes_rows) session_->ReportChanges();
  } catch (...) {
    TransactionManager& transactions = session_->database().transactions;
    Transaction* transaction = session_->OpenTransaction();
    transactions.RollbackTo(transaction, mark);
    if (in_steps) transactions.waits().NoteEnd(transaction->id());
    throw;
  }
  Result result;
  if (execution->plan().returns_rows) {
    result = Hand(std::move(execution));
  } else {
    variant->idle.push_back(std::move(execution));
  }
  result.row_count_ = rows;
  return result;
}

bool StatementState::ReadAsIs(const ParameterSet& parameters, Result* result) {
  DatabaseState& database = session_->database();
  bool holds_too_much = false;
  {
    SharedGuard latch(&database.latch, session_->latch_slot());
    if (!session_->MayReadAsIs()) return false;
    Variant* variant = FindFitting(parameters);
    if (variant == nullptr || !variant->shares_latch || !variant->plan->is_short ||
        variant->catalog_serial != session_->PlanSerial()) {
      return false;
    }
    StatementProfile* profile = BeginProfiledRun();
    Stopwatch watch(profile != nullptr ? &profile->execute_ns : nullptr);
    *result = RunQuery(variant, parameters);
    holds_too_much = database.transactions.cache().HoldsTooMuch();
  }
  if (holds_too_much) {
    ExclusiveGuard latch(database.latch);
    database.transactions.cache().LetGoIfFull();
  }
  return true;
}

Result StatementState::RunPlan(const ParameterSet& parameters) {
  Result result;
  if (kind_ == StatementKind::kQuery && ReadAsIs(parameters, &result)) return result;
  ExclusiveGuard latch(session_->database().latch);
  // Others may have come between the steps of what is a transaction of its own: nobody has seen
  // anything of it, so it runs once more, in one.
  const bool is_transaction = session_->is_autocommitting();
  Attempt attempt;
  std::optional<SessionState::ConflictWait> wait;
  for (;;) {
    attempt.took_steps = false;
    try {
      return TryPlan(parameters, &attempt);
    } catch (const ConflictError& conflict) {
      if (attempt.took_steps && is_transaction && conflict.blockers().empty()) {
        attempt.may_take_steps = false;
        continue;
      }
      if (!wait.has_value()) wait.emplace();
      if (!session_->WaitFor(conflict, &*wait)) throw;
    }
  }
}

Result StatementState::TryPlan(const ParameterSet& parameters, Attempt* attempt) {
  Result result;
  try {
    session_->BeginStatement();
    SessionState::ReadingScope reading(session_.get());
    Variant& variant = FindVariant(parameters);
    bool locks = variant.plan->locks_rows;
    if (locks || (IsWrite(kind_) && kind_ != StatementKind::kCopyTo)) {
      session_->ThrowUnlessWritable(*variant.plan, parsed_.statement->position);
    }
    session_->ThrowIfTakesNumbers(*variant.plan, parsed_.statement->position);
    StatementProfile* profile = BeginProfiledRun();
    Stopwatch watch(profile != nullptr ? &profile->execute_ns : nullptr);
    if (IsWrite(kind_)) {
      result = RunWrite(&variant, parameters, attempt);
    } else {
      result = locks ? RunLocking(&variant, parameters) : RunQuery(&variant, parameters);
    }
  } catch (...) {
    session_->EndStatement(false);
    throw;
  }
  session_->EndStatement(true);
  return result;
}

}  // namespace tupelo
