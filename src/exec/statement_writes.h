// exec/statement_writes.h: all tables that one statement changes, and the checks at its end.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "exec/execution_context.h"
#include "exec/table_change.h"

namespace tupelo {

// A statement changes its table; referential actions change others. Constraints are looked at when
// all of it is done (SQL:1999 part 2, 4.17.2). Kept with the plan and used again.
class StatementWrites {
 public:
  explicit StatementWrites(ExecutionContext* context) : context_(context) {}

  // Forgets what earlier statements did; false when it forgets their tables too: ask Of again.
  bool Begin();
  // The change of a table, made at first use.
  TableChange& Of(const TablePtr& table);
  // The referential actions that the changes so far set off, until no action sets off another.
  void RunActions();
  // RunActions, then every check; throws what is violated first.
  void Finish();

 private:
  ExecutionContext* context_;
  uint64_t catalog_serial_ = 0;
  std::vector<std::pair<ObjectId, std::unique_ptr<TableChange>>> changes_;  // ascending by id
};

// CASCADE of an update, SET NULL, SET DEFAULT: gives the foreign key's columns of `rows` their new
// values. `referenced_now`: the referenced columns as they are now, one row.
// (referential_update.cpp)
void UpdateReferencingRows(TableChange* change, const TablePtr& table,
                           const ForeignKeyDefinition& key, ReferentialAction action,
                           const Chunk& referenced_now, const std::vector<RowId>& rows,
                           ExecutionContext* context);

}  // namespace tupelo
