// engine/session_catalog.cpp: temporary tables of one session.
#include "engine/session_catalog.h"

#include <atomic>

#include "engine/definition_steps.h"
#include "txn/table.h"

namespace tupelo {

namespace {

// No identifier has a null character: nobody can write the key.
Name MakeSchemaName() {
  static std::atomic<uint64_t> sessions{0};
  Name name = Name::Exact(kTemporarySchema);
  name.key.push_back('\0');
  name.key += std::to_string(++sessions);
  return name;
}

}  // namespace

SessionCatalog::SessionCatalog() : schema_(MakeSchemaName()) {}

TablePtr SessionCatalog::OwnRowsOf(const TablePtr& table, TransactionManager* transactions) {
  TablePtr& own = global_[table->id];
  if (own == nullptr) {
    // In a transaction of its own: the session's may be rolled back.
    Transaction* transaction = transactions->Begin();
    transactions->TakeSnapshot(transaction);
    own = std::make_shared<const TableDefinition>(MakeEmptyCopy(*table, transactions, transaction));
    transactions->Commit(transaction);
  }
  return own;
}

void SessionCatalog::Make(const CatalogPtr& shared, TransactionManager* transactions) {
  shared_ = view_ = shared;
  acts_at_commit_ = false;
  bool has_own = !shared->ViewsOf(schema_).empty();
  std::map<ObjectId, TablePtr> global;
  for (const auto& [id, table] : shared->tables_) {
    if (!table->is_temporary() || !IsOwn(*table)) continue;
    has_own = true;
    acts_at_commit_ |= table->on_commit != CommitAction::kPreserveRows;
    if (table->lifetime == TableLifetime::kGlobal) {
      global[id] = OwnRowsOf(table, transactions);
    }
  }
  global_ = std::move(global);
  if (!has_own) return;
  auto view = std::make_shared<CatalogSnapshot>(*shared);
  view->serial_ = Catalog::NextSerial();
  view->temporary_schema_ = schema_;
  for (const auto& [id, table] : global_) view->tables_[id] = table;
  view_ = std::move(view);
}

void SessionCatalog::Adopt(const CatalogSnapshot& base, const CatalogSnapshot& published) {
  for (const auto& [id, table] : published.tables_) {
    if (table->lifetime != TableLifetime::kGlobal || base.TableById(id) != nullptr) continue;
    global_[id] = table;
    shared_ = nullptr;
  }
}

void SessionCatalog::Forget() {
  shared_ = view_ = nullptr;
  global_.clear();
  acts_at_commit_ = false;
}

void SessionCatalog::Close(Catalog* catalog) {
  Forget();
  CatalogChange change(catalog->Current());
  for (const ViewPtr& view : change.current()->ViewsOf(schema_)) change.DropView(view->id);
  for (const TablePtr& table : change.current()->TablesOf(schema_)) change.DropTable(table->id);
  catalog->Install(catalog->Merge(change));
}

}  // namespace tupelo
