// engine/session_hooks.cpp: calling the host's hooks, which may not use the session meanwhile.
//
// The latch is held: what is told is so until the hook returns. A hook may use other connections
// that its thread can have; that is safe, for a hook is called where nothing is half done.
#include <utility>

#include "base/error.h"
#include "engine/session.h"

namespace tupelo {

namespace {

std::string_view NameOf(UndoKind kind) {
  switch (kind) {
    case UndoKind::kInsert: return "INSERT";
    case UndoKind::kUpdate: return "UPDATE";
    case UndoKind::kDelete: return "DELETE";
  }
  return "";
}

std::string_view SchemaOf(const TableDefinition& table) {
  return table.lifetime == TableLifetime::kSession ? kTemporarySchema
                                                   : std::string_view(table.schema.spelling);
}

}  // namespace

void SessionState::AskCommitHook() {
  if (!transaction_->has_changes() && !HasDefinitions()) return;
  ReadingScope reading(this);
  CallbackScope scope(this);
  if (!hooks.commit(hooks.commit_argument)) return;
  throw Error(ErrorCode::kTransactionRollback,
              "the commit hook has refused to commit; the transaction was rolled back");
}

void SessionState::CallRollbackHook() {
  CallbackScope scope(this);
  hooks.rollback(hooks.rollback_argument);
}

void SessionState::TellUpdateHook() {
  CallbackScope scope(this);
  // Tables are known no longer than they have to be.
  ChangedRows changed = std::move(hooks.changed);
  hooks.changed = ChangedRows();
  for (const ChangedRows::Run& run : changed.runs()) {
    const TableDefinition& table = changed.table(run);
    const RowChange change{NameOf(run.kind), SchemaOf(table), table.name.spelling, run.first,
                           run.count};
    if (hooks.update == nullptr || !hooks.update(hooks.update_argument, change)) continue;
    throw Error(ErrorCode::kQueryCanceled, "the update hook has ended the statement");
  }
}

}  // namespace tupelo
