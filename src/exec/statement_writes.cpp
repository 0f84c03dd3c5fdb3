// exec/statement_writes.cpp: actions set off actions until nothing is left; then the checks.
#include "exec/statement_writes.h"

#include <algorithm>

#include "catalog/catalog.h"

namespace tupelo {

bool StatementWrites::Begin() {
  // Who references whom may have changed with the catalog: begin anew then.
  if (catalog_serial_ != context_->catalog->serial()) {
    catalog_serial_ = context_->catalog->serial();
    changes_.clear();
    return false;
  }
  for (auto& [id, change] : changes_) change->Begin();
  return true;
}

TableChange& StatementWrites::Of(const TablePtr& table) {
  auto place = std::lower_bound(changes_.begin(), changes_.end(), table->id,
                                [](const auto& entry, ObjectId id) { return entry.first < id; });
  if (place == changes_.end() || place->first != table->id) {
    place = changes_.emplace(place, table->id, std::make_unique<TableChange>(table, context_));
    place->second->Begin();
  }
  return *place->second;
}

void StatementWrites::RunActions() {
  bool again = true;
  while (again) {
    again = false;
    // By number: an action may add a table while we go through them. Who is passed over has its
    // turn in the next round.
    for (size_t i = 0; i < changes_.size(); ++i) {
      TableChange& change = *changes_[i].second;
      again |= change.RunReferentialActions(this);
    }
    if (again) context_->CheckInterrupt();
  }
}

void StatementWrites::Finish() {
  RunActions();
  for (auto& [id, change] : changes_) change->CheckConstraints();
}

}  // namespace tupelo
