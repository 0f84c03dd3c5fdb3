// catalog/catalog.h: all definitions as one immutable value; DDL makes the next one.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "catalog/definition.h"
#include "catalog/view.h"

namespace tupelo {

struct SchemaDefinition {
  ObjectId id = 0;
  Name name;
};

inline constexpr std::string_view kDefaultSchema = "PUBLIC";
// How a session calls the schema of its own temporary objects; its key is another for each session.
inline constexpr std::string_view kTemporarySchema = "PG_TEMP";

// One state of the catalog. A published one never changes; DDL works on a copy that its transaction
// owns.
class CatalogSnapshot {
 public:
  uint64_t serial() const { return serial_; }

  // The schema of temporary objects of the session whose catalog this is; empty: it has none.
  const Name& temporary_schema() const { return temporary_schema_; }

  // Looks a table up: `schema` nullptr means that of the session's temporary objects, then the
  // default schema. Exact, else the only one without regard to case (two: kAmbiguousColumn).
  // nullptr when there is none.
  TablePtr FindTable(const Name* schema, const Name& name) const;
  TablePtr TableById(ObjectId id) const;
  // The table that has an index of that name (index names live in the schema of their table), and
  // the index.
  std::pair<TablePtr, const IndexDefinition*> FindIndex(const Name* schema, const Name& name) const;
  const SchemaDefinition* FindSchema(const Name& name) const;
  std::vector<Name> Schemas() const;  // those of temporary objects aside
  // The name of the schema that is meant, be it that of temporary objects; nullptr: there is none.
  const Name* FindSchemaName(const Name& name) const;
  std::vector<TablePtr> TablesOf(const Name& schema) const;
  // Views, as tables.
  bool has_views() const { return !views_.empty(); }
  ViewPtr FindView(const Name* schema, const Name& name) const;
  ViewPtr ViewById(ObjectId id) const;
  std::vector<ViewPtr> ViewsOf(const Name& schema) const;
  // Views whose text names the table or view.
  std::vector<ViewPtr> ViewsUsing(ObjectId relation) const;
  std::vector<TablePtr> Tables() const;  // of all schemas
  SequencePtr FindSequence(const Name* schema, const Name& name) const;
  std::vector<SequencePtr> SequencesOf(const Name& schema) const;
  // Of a sequence or an identity column; nullptr: there is none of that number.
  std::shared_ptr<IdentitySequence> FindSequenceNumbers(ObjectId number) const;
  // Tables that have a foreign key to `table`, itself included.
  std::vector<TablePtr> Referencing(ObjectId table) const;

 private:
  friend class Catalog;
  friend class CatalogChange;
  friend class SessionCatalog;
  friend void AppendCatalogChanges(const CatalogSnapshot& before, const CatalogSnapshot& now,
                                   std::vector<uint8_t>* out);
  TablePtr FindTableIn(const Name& schema, const Name& name) const;
  std::pair<TablePtr, const IndexDefinition*> FindIndexIn(const Name& schema,
                                                          const Name& name) const;
  ViewPtr FindViewIn(const Name& schema, const Name& name) const;

  uint64_t serial_ = 0;
  Name temporary_schema_;
  std::map<ObjectId, TablePtr> tables_;
  std::map<ObjectId, ViewPtr> views_;
  std::map<ObjectId, SchemaDefinition> schemas_;
  std::map<ObjectId, SequencePtr> sequences_;
};
using CatalogPtr = std::shared_ptr<const CatalogSnapshot>;

// The uncommitted DDL of one transaction on top of the snapshot that it started from.
class CatalogChange {
 public:
  explicit CatalogChange(CatalogPtr base);
  // What the transaction sees. A new serial after each change.
  CatalogPtr current() const { return current_; }
  const CatalogPtr& base() const { return base_; }

  // From now on the session has a schema for temporary objects.
  void UseTemporarySchema(const Name& schema);

  // `table->id` 0: a new object (gets an id). Gives it a new version. Returns it as published in
  // current(). kFeatureNotSupported for a GLOBAL TEMPORARY table that was there before: its rows
  // are elsewhere, in each session.
  TablePtr PutTable(TableDefinition table);
  void DropTable(ObjectId id);
  // The same for views.
  ViewPtr PutView(ViewDefinition view);
  void DropView(ObjectId id);
  // id 0: a new one.
  SequencePtr PutSequence(SequenceDefinition sequence);
  void DropSequence(ObjectId id);
  ObjectId PutSchema(const Name& name);
  void DropSchema(ObjectId id);

  // States to return to on ROLLBACK TO SAVEPOINT and after a failed statement.
  CatalogPtr Mark() const { return current_; }
  void RollbackTo(CatalogPtr mark) { current_ = std::move(mark); }

 private:
  std::shared_ptr<CatalogSnapshot> Next() const;
  CatalogPtr base_, current_;
};

// The committed catalog of one database. Thread-safe.
class Catalog {
 public:
  Catalog();
  CatalogPtr Current() const;
  // Of the current one.
  uint64_t serial() const { return serial_.load(std::memory_order_acquire); }
  // What the catalog is with the changes of one transaction; those of others since its base are
  // kept. Throws kSerializationFailure when both changed the same object, or made objects of one
  // name.
  CatalogPtr Merge(const CatalogChange& change) const;
  // REQUIRES: nobody has installed another one since `next` was merged.
  void Install(CatalogPtr next);

  static uint64_t NextSerial();

 private:
  void MergeViews(const CatalogSnapshot& base, const CatalogSnapshot& mine,
                  CatalogSnapshot* next) const;

  static void MergeSequences(const CatalogSnapshot& base, const CatalogSnapshot& mine,
                             CatalogSnapshot* next);
  mutable std::mutex mutex_;
  CatalogPtr current_;
  std::atomic<uint64_t> serial_ = 0;
};

}  // namespace tupelo
