// engine/write_batches.cpp: executemany: parts of one statement, each of some rows of parameters.
#include "base/interruption_scope.h"
#include "engine/execution.h"
#include "exec/changed_rows.h"
#include "txn/conflict.h"

namespace tupelo {

namespace {

// Makes `target` the constant that `source` has in `row`.
void ReferenceRow(const Vector& source, uint32_t row, uint64_t* validity, Vector* target) {
  size_t width = WidthBytes(source.physical());
  auto* data = const_cast<char*>(static_cast<const char*>(source.RawData())) + row * width;
  *validity = source.IsValid(row) ? 1 : 0;
  target->Borrow(data, *validity != 0 ? nullptr : validity);
  target->SetConstant(true);
}

}  // namespace

void Execution::BeginWriteBatches() {
  SetContext(false);
  context_.interruption.Pause();
  if (plan_->returns_rows) KeepReturned();
  if (!vectorized_insert_) return;
  view_ = context_.transaction->View();
  writer_->BeginStatement();
}

// Where a part of the statement that has met others' changes is run again. What it was planned for
// must still be so.
void Execution::WaitFor(const ConflictError& conflict, SessionState::ConflictWait* wait) {
  uint64_t serial = session_->PlanSerial();
  context_.interruption.Pause();
  if (!session_->WaitFor(conflict, wait)) throw conflict;
  session_->RenewSnapshot();
  if (session_->PlanSerial() != serial) throw conflict;
  context_.interruption.Resume();
}

int64_t Execution::WriteBatchAtOnce(const ParameterSet& parameters,
                                    SessionState::ConflictWait* wait) {
  for (uint32_t i = 0; i < context_.parameters.size(); ++i) {
    if (parameters.type(i).id == TypeId::kNull) {
      context_.parameters[i].SetConstantNull();
    } else {
      context_.parameters[i].Reference(parameters.column(i));
    }
  }
  auto before = static_cast<int64_t>(writer_->rows_changed());
  const UndoMark mark = context_.transactions->Mark(context_.transaction);
  context_.batch_rows = parameters.row_count();
  for (;;) {
    ++context_.run;
    try {
      WriteAll();
      break;
    } catch (const ConflictError& conflict) {
      CloseOperators();
      // Of what is half done not all that was noted could be forgotten.
      if (context_.transactions->Mark(context_.transaction).last != mark.last) throw;
      WaitFor(conflict, wait);
    }
  }
  CloseOperators();
  context_.interruption.Pause();
  return static_cast<int64_t>(writer_->rows_changed()) - before;
}

void Execution::WriteRow() {
  context_.CheckInterrupt();
  ++context_.run;
  context_.transactions->NextStatement(context_.transaction);
  view_ = context_.transaction->View();
  writer_->BeginStatement();
  WriteAll();
  writer_->FinishStatement();
  CloseOperators();
}

int64_t Execution::WriteBatch(const ParameterSet& parameters, SessionState::ConflictWait* wait) {
  int64_t changed = 0;
  InterruptionScope scope(&context_.interruption);
  context_.interruption.Resume();
  try {
    if (vectorized_insert_) return WriteBatchAtOnce(parameters, wait);
    std::vector<uint64_t> validity(context_.parameters.size());
    for (uint32_t row = 0; row < parameters.row_count(); ++row) {
      for (uint32_t i = 0; i < context_.parameters.size(); ++i) {
        if (parameters.type(i).id == TypeId::kNull) {
          context_.parameters[i].SetConstantNull();
        } else {
          ReferenceRow(parameters.column(i), row, &validity[i], &context_.parameters[i]);
        }
      }
      const UndoMark mark = context_.transactions->Mark(context_.transaction);
      const size_t kept = kept_ == nullptr ? 0 : kept_->row_count();
      const ChangedRows::Mark changed_before =
          context_.changed_rows == nullptr ? ChangedRows::Mark() : context_.changed_rows->End();
      for (;;) {
        try {
          WriteRow();
          break;
        } catch (const ConflictError& conflict) {
          CloseOperators();
          context_.transactions->RollbackTo(context_.transaction, mark);
          if (context_.changed_rows != nullptr) context_.changed_rows->ForgetBehind(changed_before);
          if (kept_ != nullptr && kept_->row_count() != kept) throw;
          WaitFor(conflict, wait);
        }
      }
      changed += static_cast<int64_t>(writer_->rows_changed());
    }
  } catch (...) {
    CloseOperators();
    throw;
  }
  context_.interruption.Pause();
  return changed;
}

void Execution::FinishWriteBatches(SessionState::ConflictWait* wait) {
  context_.interruption.Resume();
  InterruptionScope scope(&context_.interruption);
  while (vectorized_insert_) {
    try {
      writer_->FinishStatement();
      break;
    } catch (const ConflictError& conflict) {
      WaitFor(conflict, wait);
    }
  }
  NoteIdentity();
}

}  // namespace tupelo
