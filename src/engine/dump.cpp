// engine/dump.cpp: the order in which a database is made anew.
#include "engine/dump.h"

#include <set>

#include "engine/session.h"
#include "functions/like.h"

namespace tupelo {

namespace {

class Dumper {
 public:
  Dumper(const CatalogSnapshot& catalog, std::string_view pattern)
      : catalog_(catalog), names_(catalog), pattern_(FoldUpper(pattern)) {}

  // Rows come before indexes and foreign keys, so that neither the order of tables nor circles
  // matter; views last, each behind those that it reads.
  DatabaseDump Run() {
    std::vector<SequencePtr> sequences;
    std::vector<TablePtr> tables;
    std::vector<ViewPtr> views;
    for (const Name& schema : catalog_.Schemas()) {
      AddWanted(catalog_.SequencesOf(schema), &sequences);
      AddWanted(catalog_.TablesOf(schema), &tables);
      AddWanted(catalog_.ViewsOf(schema), &views);
    }
    for (const ViewPtr& view : views) pending_.insert(view->id);
    DumpSchemas();
    for (const SequencePtr& sequence : sequences) DumpSequence(*sequence, names_, &dump_);
    for (const TablePtr& table : tables) DumpTable(*table);
    for (const TablePtr& table : tables) DumpIndexes(*table, names_, &dump_);
    for (const TablePtr& table : tables) DumpForeignKeys(*table, catalog_, names_, &dump_);
    for (const ViewPtr& view : views) DumpView(*view);
    return std::move(dump_);
  }

 private:
  template <typename Object>
  void AddWanted(const std::vector<Object>& objects, std::vector<Object>* wanted) {
    for (const Object& object : objects) {
      if (!IsWanted(object->name)) continue;
      schemas_.insert(object->schema.key);
      wanted->push_back(object);
    }
  }

  bool IsWanted(const Name& name) const {
    return pattern_.empty() || LikePattern(pattern_, {}, false).Matches(FoldUpper(name.key));
  }

  void DumpSchemas() {
    for (const Name& schema : catalog_.Schemas()) {
      if (schema.key == kDefaultSchema) continue;
      if (!pattern_.empty() && !schemas_.contains(schema.key)) continue;
      dump_.before.push_back("CREATE SCHEMA " + names_.Of(schema));
    }
  }

  void DumpTable(const TableDefinition& table) {
    dump_.before.push_back(CreateTableText(table, names_));
    if (!table.is_temporary()) dump_.rows.push_back(DumpRows(table, names_));
    for (const ColumnDefinition& column : table.columns) {
      if (column.identity == nullptr) continue;
      int64_t next = column.identity->next.load();
      if (next == column.identity->start) continue;
      dump_.after.push_back("ALTER TABLE " + names_.Qualified(table.schema, table.name) +
                            " ALTER COLUMN " + names_.Of(column.name) + " RESTART WITH " +
                            std::to_string(next));
    }
  }

  void DumpView(const ViewDefinition& view) {
    if (pending_.erase(view.id) == 0) return;
    for (const ViewSource& source : view.sources) {
      ViewPtr read = catalog_.ViewById(source.relation);
      if (read != nullptr) DumpView(*read);
    }
    dump_.after.push_back(CreateViewText(view, catalog_, names_));
  }

  const CatalogSnapshot& catalog_;
  const DumpNames names_;
  const std::string pattern_;
  std::set<std::string> schemas_;  // keys of those that something wanted is in
  std::set<ObjectId> pending_;     // views
  DatabaseDump dump_;
};

}  // namespace

DatabaseDump DescribeDatabase(Connection* connection, std::string_view pattern) {
  SessionState& session = connection->session();
  TurnGuard turn(session.turn);
  session.ThrowIfClosed();
  ExclusiveGuard latch(session.database().latch);
  try {
    session.OpenTransaction();
    DatabaseDump dump = DescribeDatabase(*session.CatalogNow(), pattern);
    session.EndStatement(true);
    return dump;
  } catch (...) {
    session.EndStatement(false);
    throw;
  }
}

DatabaseDump DescribeDatabase(const CatalogSnapshot& catalog, std::string_view pattern) {
  return Dumper(catalog, pattern).Run();
}

}  // namespace tupelo
