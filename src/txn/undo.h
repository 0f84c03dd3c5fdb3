// txn/undo.h: what a transaction changed: its old values, table by table, and how long they are
// kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "storage/row_id.h"
#include "storage/row_store.h"
#include "txn/view.h"

namespace tupelo {

class Table;
class Transaction;
class TransactionManager;
class UndoLog;

enum class UndoKind : uint8_t { kInsert, kUpdate, kDelete };

// A value as it was before.
struct alignas(16) UndoValue {
  uint8_t bytes[16];  // as it lay in the block; a long string's bytes are still in the block's heap
  uint16_t column;
  bool is_null;
};

struct TableWrites;

// What undoes one change. Records of a row form a chain, the newest first, whose head is in the
// row's stripe; the records of a transaction lie one after the other in chunks, and are linked
// backwards.
struct alignas(16) UndoRecord {
  UndoRecord* older;     // of the row. An insert's is nullptr: nothing was there before
  UndoRecord* previous;  // of the transaction
  UndoLog* log;
  TableWrites* writes;
  RowId row;             // kInsert: the first of `count` rows, which share the record
  uint64_t column_mask;  // kUpdate: changed columns, by ColumnBit
  uint32_t statement;
  uint32_t count;  // kInsert: rows. kUpdate: values behind the record
  UndoKind kind;
  bool forgotten;  // no longer in its row's chain (not kept for kInsert)

  UndoValue* values() { return reinterpret_cast<UndoValue*>(this + 1); }
  const UndoValue* values() const { return reinterpret_cast<const UndoValue*>(this + 1); }
  size_t SizeBytes() const {
    return sizeof(UndoRecord) + (kind == UndoKind::kUpdate ? count * sizeof(UndoValue) : 0);
  }
};

// A set of columns in one word; columns 64 apart share a bit, so it may name too many.
inline uint64_t ColumnBit(uint32_t column) { return uint64_t{1} << (column % 64); }

struct UndoChunk {
  UndoChunk* previous;
  UndoChunk* next;
  uint32_t used_bytes;  // this header included
  uint32_t size_bytes;
};

// One transaction's part in one table.
struct TableWrites {
  struct StatementDelta {
    uint32_t statement;
    int64_t rows;
  };

  Table* table = nullptr;  // nullptr: the table is gone
  UndoLog* log = nullptr;
  TableWrites* next_in_log = nullptr;
  TableWrites* previous_in_table = nullptr;
  TableWrites* next_in_table = nullptr;
  bool definition_locked = false;
  // Rows added less rows deleted. Statements up to folded_statement count as one: no reader stands
  // between them.
  uint32_t folded_statement = 0;
  int64_t folded_rows = 0;
  std::vector<StatementDelta> deltas;  // later statements, ascending

  void AddRows(uint32_t statement, int64_t rows, bool may_fold);
  int64_t RowsBefore(uint32_t statement) const;
  int64_t AllRows() const;
};

// Something to do at the end, for definitions.
struct UndoAction {
  Table* table = nullptr;  // which must still be there, if not nullptr
  std::function<void(CommitNumber)> commit;
  std::function<void()> rollback;
  std::function<void()> unneeded;
  // What does it again (txn/redo.h), before the rows of the transaction or after them.
  std::vector<uint8_t> redo{};
  bool redo_follows_rows = false;
};

// Everything one transaction changed. After commit it waits until no reader needs the old values.
class UndoLog {
 public:
  explicit UndoLog(TransactionManager* manager) : manager_(manager) {}
  ~UndoLog();

  // The new record is the log's newest and not yet in any chain.
  UndoRecord* Add(UndoKind kind, TableWrites* writes, RowId row, uint32_t statement,
                  uint32_t count);

  // 0 while the transaction is active.
  CommitNumber commit = 0;
  TransactionId id = 0;
  bool only_moves = false;  // rows to other places: nobody's reads are concerned
  UndoChunk* first_chunk = nullptr;
  UndoChunk* last_chunk = nullptr;
  UndoRecord* newest = nullptr;
  size_t record_bytes = 0;
  size_t record_count = 0;
  TableWrites* writes = nullptr;
  std::vector<UndoAction> actions;
  UndoLog* next_waiting = nullptr;

  // Calls `each` with every record, in the order in which they were made.
  template <typename Function>
  void ForEach(Function&& each) const {
    for (UndoChunk* chunk = first_chunk; chunk != nullptr; chunk = chunk->next) {
      uint32_t at = (sizeof(UndoChunk) + alignof(UndoRecord) - 1) & ~(alignof(UndoRecord) - 1);
      while (at < chunk->used_bytes) {
        auto* record = reinterpret_cast<UndoRecord*>(reinterpret_cast<uint8_t*>(chunk) + at);
        at += static_cast<uint32_t>(record->SizeBytes());
        each(*record);
      }
    }
  }
  bool is_empty() const { return newest == nullptr && actions.empty(); }
  // Whether it holds a table reserved by LockForDefinition.
  bool LocksDefinition() const;
  // Forgets the records behind `used_bytes` of `chunk`, which were undone; nullptr: all.
  void Truncate(UndoChunk* chunk, uint32_t used_bytes, UndoRecord* last);
  // Drops the actions that need `table`.
  void Forget(const Table* table);

 private:
  void AddChunk(size_t bytes);
  TransactionManager* manager_;
};

// Whether the change that `record` undoes is part of what `view` sees.
inline bool Sees(const ReadView& view, const UndoRecord& record) {
  CommitNumber commit = record.log->commit;
  if (commit != 0 && commit <= view.snapshot) return true;
  return record.log->id == view.transaction && record.statement < view.statement;
}

// Whether the stripe's summary says that `view` sees the newest version of every row with a chain.
inline bool SeesNewest(const ReadView& view, const Stripe& stripe) {
  const UndoLog* log = stripe.chain_summary.log;
  if (log == nullptr) return false;
  if (log->commit != 0 && log->commit <= view.snapshot) return true;
  return log->id == view.transaction && stripe.chain_summary.last_statement < view.statement;
}

}  // namespace tupelo
