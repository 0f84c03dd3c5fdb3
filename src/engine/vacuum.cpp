// engine/vacuum.cpp: VACUUM: makes the database file as short as it can be.
#include "base/interruption_scope.h"
#include "engine/database_state.h"
#include "engine/session.h"
#include "engine/stored_database.h"
#include "txn/table.h"

namespace tupelo {

namespace {

// Fills the gaps of a table, a stripe at a time in transactions of their own, so that others wait
// for little.
class TableCompaction {
 public:
  TableCompaction(DatabaseState* state, const TableDefinition& table)
      : state_(state), id_(table.id), data_(table.data.get()) {}

  // False: there is nothing left to do.
  bool Step() {
    CheckInterruption();
    ExclusiveGuard latch(state_->latch);
    // It may have been dropped, or made anew, meanwhile.
    TablePtr now = state_->catalog.Current()->TableById(id_);
    if (now == nullptr || now->data.get() != data_) return false;
    TransactionManager& transactions = state_->transactions;
    Transaction* transaction = transactions.Begin();
    checks_.Clear();
    try {
      transactions.TakeSnapshot(transaction);
      transactions.NextStatement(transaction);
      const bool is_more = now->data->MoveSparseRows(transaction, &end_stripe_, &checks_);
      // Another transaction may be about to give a row the same key: then these stay.
      if (Table::CheckUnique(transaction, checks_).kind == UniqueOutcome::kFine) {
        transactions.Commit(transaction);
      } else {
        transactions.Rollback(transaction);
      }
      transactions.cache().LetGoIfFull();
      return is_more;
    } catch (...) {
      transactions.Rollback(transaction);
      throw;
    }
  }

 private:
  DatabaseState* state_;
  ObjectId id_;
  const Table* data_;
  UniqueChecks checks_;
  uint32_t end_stripe_ = UINT32_MAX;
};

}  // namespace

void SessionState::CompactTables() {
  CatalogPtr catalog;
  {
    ExclusiveGuard latch(state_->latch);
    catalog = state_->catalog.Current();
  }
  for (const TablePtr& table : catalog->Tables()) {
    if (table->data->stored_number() == 0) continue;
    TableCompaction compaction(state_, *table);
    while (compaction.Step()) state_->stored->KeepLogShort();
  }
}

// In memory there is nothing to give back to a file.
void SessionState::Vacuum(Position position) {
  if (explicit_ || transaction_ != nullptr) {
    throw Error(ErrorCode::kActiveTransaction,
                "VACUUM can't run in a transaction; COMMIT or ROLLBACK ends it", position);
  }
  ThrowUnlessWritable(position);
  if (state_->stored == nullptr) return;
  CompactTables();
  state_->stored->Vacuum();
}

}  // namespace tupelo
