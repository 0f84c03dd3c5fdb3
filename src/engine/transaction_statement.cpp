// engine/transaction_statement.cpp: START TRANSACTION, SET TRANSACTION, COMMIT, ROLLBACK,
// savepoints (SQL:1999 part 2, 16).
#include <utility>

#include "catalog/name.h"
#include "engine/session.h"
#include "storage/block_cache.h"

namespace tupelo {

namespace {

IsolationLevel LevelOf(const ast::TransactionModes& modes, IsolationLevel unspecified) {
  switch (modes.isolation) {
    case ast::IsolationLevel::kUnspecified: break;
    // The standard allows to give a higher level than is asked for.
    case ast::IsolationLevel::kReadUncommitted:
    case ast::IsolationLevel::kReadCommitted: return IsolationLevel::kReadCommitted;
    case ast::IsolationLevel::kRepeatableRead: return IsolationLevel::kRepeatableRead;
    case ast::IsolationLevel::kSerializable: return IsolationLevel::kSerializable;
  }
  return unspecified;
}

}  // namespace

void SessionState::CheckModes(const ast::TransactionModes& modes) const {
  if (is_reader_ && modes.access == ast::AccessMode::kReadWrite) {
    throw Error(ErrorCode::kReadOnlyTransaction,
                "the connection is read-only: its transactions can't be READ WRITE",
                modes.access_position);
  }
}

// Of the next transaction, or the one that has no snapshot yet.
void SessionState::SetModes(const ast::TransactionModes& modes) {
  CheckModes(modes);
  if (modes.access != ast::AccessMode::kUnspecified) {
    read_only_ = modes.access == ast::AccessMode::kReadOnly;
  }
  level_ = LevelOf(modes, level_);
}

// SQL:1999 part 2, 18.1: from the next transaction on, for those that say nothing else.
void SessionState::SetCharacteristics(const ast::TransactionModes& modes) {
  CheckModes(modes);
  if (modes.access != ast::AccessMode::kUnspecified) {
    reads_by_default_ = modes.access == ast::AccessMode::kReadOnly;
  }
  level_of_session_ = LevelOf(modes, level_of_session_);
  if (transaction_ != nullptr || explicit_) return;
  read_only_ = reads_by_default_;
  level_ = level_of_session_;
}

void SessionState::SetIsolationLevel(IsolationLevel level) {
  level_of_session_ = level;
  if (transaction_ == nullptr && !explicit_) level_ = level;
}

void SessionState::StartTransaction(const ast::StartTransactionStatement& statement) {
  if (explicit_ || transaction_ != nullptr) {
    throw Error(ErrorCode::kActiveTransaction,
                "a transaction is active already; COMMIT or ROLLBACK ends it", statement.position);
  }
  SetModes(statement.modes);
  explicit_ = true;
}

void SessionState::Set(const ast::SetStatement& statement) {
  Durability before = state_->synchronous;
  ChangeSetting(statement, &settings_, state_);
  plan_epoch_ += kPlanEpoch;
  if (state_->synchronous != before) AwaitLog();
}

void SessionState::RunTransactionStatement(const ast::Statement& statement) {
  ThrowInBatches();
  bool ends = statement.kind == ast::StatementKind::kCommit ||
              (statement.kind == ast::StatementKind::kRollback &&
               ast::As<ast::RollbackStatement>(statement).savepoint.empty());
  if (!ends) {
    ExclusiveGuard latch(state_->latch);
    ThrowIfFailed();
  }
  if (statement.kind == ast::StatementKind::kVacuum) return Vacuum(statement.position);
  ExclusiveGuard latch(state_->latch);
  switch (statement.kind) {
    case ast::StatementKind::kStartTransaction:
      StartTransaction(ast::As<ast::StartTransactionStatement>(statement));
      break;
    case ast::StatementKind::kSetTransaction: {
      const auto& set = ast::As<ast::SetTransactionStatement>(statement);
      if (transaction_ != nullptr) {
        throw Error(ErrorCode::kActiveTransaction,
                    "SET TRANSACTION and SET SESSION CHARACTERISTICS must come before the first "
                    "statement of the transaction",
                    statement.position);
      }
      set.of_session ? SetCharacteristics(set.modes) : SetModes(set.modes);
      break;
    }
    case ast::StatementKind::kCommit: Commit(ast::As<ast::CommitStatement>(statement).chain); break;
    case ast::StatementKind::kRollback: {
      const auto& rollback = ast::As<ast::RollbackStatement>(statement);
      if (rollback.savepoint.empty()) {
        Rollback(rollback.chain);
      } else {
        RollbackToSavepoint(rollback.savepoint);
      }
      break;
    }
    case ast::StatementKind::kSavepoint:
      MakeSavepoint(ast::As<ast::SavepointStatement>(statement).savepoint);
      break;
    case ast::StatementKind::kReleaseSavepoint:
      ReleaseSavepoint(ast::As<ast::ReleaseSavepointStatement>(statement).savepoint);
      break;
    case ast::StatementKind::kSetConstraints:
      SetConstraints(ast::As<ast::SetConstraintsStatement>(statement));
      break;
    case ast::StatementKind::kSet: Set(ast::As<ast::SetStatement>(statement)); break;
    case ast::StatementKind::kSetTimeZone:
      SetTimeZone(ast::As<ast::SetTimeZoneStatement>(statement));
      break;
    case ast::StatementKind::kAnalyze:
      Analyze(ast::As<ast::AnalyzeStatement>(statement).table);
      break;
    default:
      throw Error(ErrorCode::kInternalError, "not a transaction statement", statement.position);
  }
}

std::vector<SessionState::Savepoint>::iterator SessionState::FindSavepoint(
    const ast::Identifier& name) {
  std::string key = Name(name.text, name.quoted).key;
  size_t found = FindName(key, savepoints_.size(),
                          [&](size_t i) -> std::string_view { return savepoints_[i].name; });
  if (found == kNameNotFound || found == kNameAmbiguous) {
    throw Error(ErrorCode::kInvalidSavepoint, "savepoint not found: " + std::string(name.text),
                name.position);
  }
  return savepoints_.begin() + static_cast<ptrdiff_t>(found);
}

void SessionState::ThrowUnlessInTransaction(const ast::Identifier& name) const {
  if (in_transaction()) return;
  throw Error(ErrorCode::kNoActiveTransaction,
              "a savepoint needs a transaction; START TRANSACTION begins one", name.position);
}

void SessionState::MakeSavepoint(const ast::Identifier& name) {
  ThrowUnlessInTransaction(name);
  Transaction* transaction = OpenTransaction();
  std::string key = Name(name.text, name.quoted).key;
  std::erase_if(savepoints_, [&](const Savepoint& other) { return other.name == key; });
  savepoints_.push_back({key, state_->transactions.Mark(transaction),
                         change_ != nullptr ? change_->Mark() : nullptr, deferred_.modes()});
}

void SessionState::ReleaseSavepoint(const ast::Identifier& name) {
  ThrowUnlessInTransaction(name);
  savepoints_.erase(FindSavepoint(name), savepoints_.end());
}

void SessionState::RollbackToSavepoint(const ast::Identifier& name) {
  ThrowUnlessInTransaction(name);
  auto savepoint = FindSavepoint(name);
  MaterializeResults();
  if (transaction_->HasChangedSince(savepoint->mark)) transaction_->NoteUndone();
  state_->transactions.RollbackTo(transaction_, savepoint->mark);
  state_->transactions.waits().NoteEnd(transaction_->id());
  RollbackCatalog(savepoint->catalog);
  deferred_.SetModes(savepoint->modes);
  savepoints_.erase(savepoint + 1, savepoints_.end());
}

}  // namespace tupelo
