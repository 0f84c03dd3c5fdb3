// exec/foreign_key.h: foreign keys of one table, as referencing and as referenced.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exec/execution_context.h"
#include "exec/row_collection.h"
#include "plan/plan.h"
#include "txn/scan.h"

namespace tupelo {

class ForeignKeyCheck;
class StatementWrites;

// Remembers, for the rows that a statement writes to a table, the keys that must be found
// elsewhere, and the keys that others may reference and that are gone. With MATCH SIMPLE a key with
// a null in it references nothing (SQL:1999 part 2, 8.11 and 11.8). What is to be checked of a
// constraint that is deferred goes to the transaction's DeferredChecks.
class ForeignKeyGuard {
 public:
  ForeignKeyGuard(const TablePtr& table, ExecutionContext* context);
  ~ForeignKeyGuard();

  void Begin();
  bool concerns_writes() const { return !outgoing_.empty(); }
  bool concerns_removals() const { return !incoming_.empty(); }

  // Rows that were written (after writing). `columns`: what an UPDATE set; empty: all.
  void NoteWritten(const RowId* ids, uint32_t count, std::span<const uint16_t> columns);
  // Rows about to be deleted or updated (before writing).
  void NoteOld(const RowId* ids, uint32_t count, std::span<const uint16_t> columns, bool is_delete);

  // RESTRICT is checked, CASCADE, SET NULL and SET DEFAULT are carried out, for what was noted
  // since the last call.
  bool RunActions(StatementWrites* writes);
  // Keys without a referenced row, and NO ACTION keys that left rows behind. After RunActions.
  void Check();

 private:
  struct Outgoing;  // a foreign key of this table
  struct Incoming;  // a foreign key of some table that references this one
  bool IsDeferred(const ForeignKeyCheck& check) const;
  void CheckOutgoing(Outgoing& key);
  void CheckIncoming(Incoming& key);
  struct Action;
  Action PlanAction(Incoming& key, uint64_t row);
  bool RunIncoming(Incoming& key, StatementWrites* writes);
  void FetchColumns(const TableDefinition& table, const RowId* ids, uint32_t count,
                    std::span<const uint16_t> columns, Chunk* out) const;

  TablePtr table_;
  ExecutionContext* context_;
  std::vector<std::unique_ptr<Outgoing>> outgoing_;
  std::vector<std::unique_ptr<Incoming>> incoming_;
};

}  // namespace tupelo
