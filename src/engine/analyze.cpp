// engine/analyze.cpp: ANALYZE: takes large samples of tables for the optimizer.
#include "engine/session.h"
#include "plan/binder.h"
#include "txn/table.h"

namespace tupelo {

// Statistics belong to the stored table, not to a transaction: they are of the
// newest rows, whoever wrote them, and a rollback leaves them.
void SessionState::Analyze(const ast::QualifiedName& name) {
  try {
    BeginStatement();
    const CatalogSnapshot& catalog = *CatalogNow();
    if (!name.empty()) {
      std::vector<Type> no_parameters;
      Binder(catalog, no_parameters).FindTable(name)->data->Analyze();
    } else {
      for (const TablePtr& table : catalog.Tables()) table->data->Analyze();
    }
  } catch (...) {
    EndStatement(false);
    throw;
  }
  EndStatement(true);
  state_->statistics_epoch += kPlanEpoch;
}

}  // namespace tupelo
