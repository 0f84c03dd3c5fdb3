// engine/commit_actions.cpp: ON COMMIT DELETE ROWS and DROP of temporary tables.
#include "engine/definition_steps.h"
#include "engine/session.h"

namespace tupelo {

void SessionState::RunCommitActions() {
  std::vector<TablePtr> dropped;
  for (const TablePtr& table : CatalogNow()->Tables()) {
    if (!table->is_temporary() || !own_catalog_.IsOwn(*table)) continue;
    if (table->on_commit == CommitAction::kDeleteRows) {
      DeleteAllRows(&state_->transactions, transaction_, table->data.get());
    } else if (table->on_commit == CommitAction::kDropTable) {
      dropped.push_back(table);
    }
  }
  if (dropped.empty()) return;
  EvaluationContext evaluation;
  DefinitionContext context{ChangeCatalog(), &state_->transactions, transaction_, evaluation};
  DropTables(context, dropped, true, kNoPosition);
}

}  // namespace tupelo
