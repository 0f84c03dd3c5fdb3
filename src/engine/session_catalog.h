// engine/session_catalog.h: the catalog as one session sees it: with temporary tables of its own.
#pragma once

#include <map>

#include "catalog/catalog.h"
#include "txn/transaction.h"

namespace tupelo {

// Temporary tables are in the catalog that all share. Those of a session are in a schema whose name
// nobody else can say. A GLOBAL TEMPORARY table is there without rows; each session has a stored
// table of its own in its place. All calls are made with the latch.
class SessionCatalog {
 public:
  SessionCatalog();

  const Name& temporary_schema() const { return schema_; }
  // What the session sees of `shared`, before a transaction takes its snapshot.
  const CatalogPtr& View(const CatalogPtr& shared, TransactionManager* transactions) {
    if (shared != shared_) Make(shared, transactions);
    return view_;
  }
  // What View gave last, if it is of the shared catalog of that serial; else nullptr.
  const CatalogSnapshot* ViewOf(uint64_t serial) const {
    return shared_ != nullptr && shared_->serial() == serial ? view_.get() : nullptr;
  }
  // Rows that the session's transaction has written to GLOBAL TEMPORARY tables that it made are in
  // the stored tables that it made. `published`: the transaction has just committed it.
  void Adopt(const CatalogSnapshot& base, const CatalogSnapshot& published);
  // Whether a COMMIT has to look at temporary tables, as far as the catalog given by View goes.
  bool acts_at_commit() const { return acts_at_commit_; }
  bool IsOwn(const TableDefinition& table) const {
    return table.lifetime == TableLifetime::kGlobal || table.schema.key == schema_.key;
  }
  // Nothing is there any more that View gave.
  void Forget();
  // The end of the session: its temporary objects go.
  void Close(Catalog* catalog);

 private:
  void Make(const CatalogPtr& shared, TransactionManager* transactions);
  TablePtr OwnRowsOf(const TablePtr& table, TransactionManager* transactions);

  Name schema_;
  CatalogPtr shared_, view_;
  std::map<ObjectId, TablePtr> global_;  // GLOBAL TEMPORARY tables with this session's rows
  bool acts_at_commit_ = false;
};

}  // namespace tupelo
