// exec/statement_writes.cpp: actions set off actions until nothing is left; then the checks.
#include "exec/statement_writes.h"

#include "catalog/catalog.h"

namespace tupelo {

void StatementWrites::Begin() {
  // Who references whom may have changed with the catalog: begin anew then.
  if (catalog_serial_ != context_->catalog->serial()) {
    catalog_serial_ = context_->catalog->serial();
    changes_.clear();
  }
  for (auto& [id, change] : changes_) change->Begin();
}

TableChange& StatementWrites::Of(const TablePtr& table) {
  std::unique_ptr<TableChange>& change = changes_[table->id];
  if (change == nullptr) {
    change = std::make_unique<TableChange>(table, context_);
    change->Begin();
  }
  return *change;
}

void StatementWrites::Finish() {
  bool again = true;
  while (again) {
    again = false;
    // By id: an action may add a table while we go through them.
    for (auto it = changes_.begin(); it != changes_.end(); ++it) {
      again |= it->second->RunReferentialActions(this);
    }
    context_->CheckInterrupt();
  }
  for (auto& [id, change] : changes_) change->CheckConstraints();
}

}  // namespace tupelo
