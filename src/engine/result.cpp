// engine/result.cpp: pulling vector sets; giving the execution back.
#include "engine/result.h"

#include "engine/statement_state.h"

namespace tupelo {

Result& Result::operator=(Result&& other) noexcept {
  if (this == &other) return *this;
  Close();
  execution_ = other.execution_;
  row_count_ = other.row_count_;
  other.execution_ = nullptr;
  return *this;
}

const std::vector<ResultColumn>& Result::columns() const {
  static const std::vector<ResultColumn> kNone;
  return execution_ != nullptr ? execution_->columns() : kNone;
}

const Chunk* Result::NextChunk() {
  if (execution_ == nullptr) return nullptr;
  StatementState& statement = *execution_->in_use_by_;
  if (execution_->is_detached()) {
    statement.session().ThrowIfClosed();
    return execution_->NextDetached();
  }
  TurnGuard turn(statement.session().turn);
  statement.session().ThrowIfClosed();
  try {
    return execution_->NextChunk();
  } catch (Error& error) {
    error.Locate(statement.sql());
    throw;
  }
}

void Result::Close() {
  if (execution_ == nullptr) return;
  Execution* execution = execution_;
  execution_ = nullptr;
  std::shared_ptr<StatementState> statement = std::move(execution->in_use_by_);
  if (statement->session().is_of_parent()) return;  // it stays for good, like the session
  TurnGuard turn(statement->session().turn);
  execution->End();
  statement->GiveBack(execution);
}

}  // namespace tupelo
