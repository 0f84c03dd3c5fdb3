// txn/table.h: a table as transactions see it: rows, versions, indexes, counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "storage/row_id.h"
#include "storage/row_store.h"
#include "txn/column_statistics.h"
#include "txn/index.h"
#include "txn/transaction.h"
#include "types/chunk.h"
#include "types/value.h"

namespace tupelo {

class ByteReader;
class SharedLatch;

// What a write came to. A conflict: the newest version of row `row` of the call belongs to another
// active transaction or was committed after the snapshot, or another transaction is changing the
// table's definition (40001). Nothing was written then.
struct WriteOutcome {
  bool conflict = false;
  bool of_definition = false;  // the conflict is about the table's definition, not about a row
  uint32_t row = 0;
  bool ok() const { return !conflict; }
};

// What a statement must look at again at its end: rows whose key met an equal one in a unique
// index. Reused by its owner from statement to statement; keeps its memory.
class UniqueChecks {
 public:
  struct Check {
    Index* index;
    RowId row;
  };
  bool empty() const { return checks_.empty(); }
  size_t size() const { return checks_.size(); }
  void Clear() { checks_.clear(); }
  void Add(Index* index, RowId row) { checks_.push_back({index, row}); }
  const std::vector<Check>& checks() const { return checks_; }
  // Moves the rows that are to be looked at for `index` to the end of *rows.
  void Take(const Index* index, std::vector<RowId>* rows) {
    auto kept = checks_.begin();
    for (const Check& check : checks_) {
      if (check.index == index) {
        rows->push_back(check.row);
      } else {
        *kept++ = check;
      }
    }
    checks_.erase(kept, checks_.end());
  }

 private:
  std::vector<Check> checks_;
};

struct UniqueOutcome {
  enum Kind : uint8_t {
    kFine,
    kViolation,  // rows `row` and `other` are there and have the same key: 23505
    kConflict,   // whether `other` is there depends on another transaction: 40001
  };
  Kind kind = kFine;
  Index* index = nullptr;
  RowId row = kNoRow;
  RowId other = kNoRow;
};

// The state of a row's newest version, as a transaction must judge it.
enum class RowState : uint8_t {
  kAbsent,        // there is no such row (never, rolled back, or deleted for good as far as this
                  // transaction can see)
  kCommitted,     // there, committed
  kOwn,           // there, last changed by this transaction
  kDeletedNewer,  // deleted by a transaction that committed after the snapshot
  kInFlight,      // last changed (or deleted) by another active transaction
};

// Columns are physical: they keep their numbers for ever, dropped ones leave a hole. All calls are
// guarded by the database's latch. The table must outlive the transactions that changed it (rolling
// those back included), but not the old versions that wait for readers.
class Table {
 public:
  // REQUIRES: `manager` outlives the table.
  Table(TransactionManager* manager, const std::vector<Type>& column_types);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  uint32_t column_count() const { return store_.column_count(); }
  const Type& column_type(uint32_t column) const { return store_.type(column); }

  // Writing. Changes carry the running statement's number. `checks` collects for CheckUnique.

  // `rows` has a vector for each physical column (those of dropped columns are not read). The new
  // rows' ids go to ids[0..row_count), in the order of rows.rows(); ids may be nullptr. Throws
  // kProgramLimit for a key that is too long.
  WriteOutcome InsertRows(Transaction* transaction, const Chunk& rows, RowId* ids,
                          UniqueChecks* checks);
  // Row ids[i] gets, for columns[j], the value of vector j of `new_values` at position i of its
  // rows(). REQUIRES: ids differ from each other; columns ascend; the rows are there.
  WriteOutcome UpdateRows(Transaction* transaction, const RowId* ids, uint32_t count,
                          std::span<const uint16_t> columns, const Chunk& new_values,
                          UniqueChecks* checks);
  // REQUIRES: ids differ from each other; the rows are there.
  WriteOutcome DeleteRows(Transaction* transaction, const RowId* ids, uint32_t count);

  // Moves committed rows of one stripe into free slots before its segment, of which a quarter is
  // free or more: of the last such stripe before *end_stripe, which becomes its number. False:
  // there is none. `transaction` has to do nothing else.
  bool MoveSparseRows(Transaction* transaction, uint32_t* end_stripe, UniqueChecks* checks);

  // At the end of the statement: the first check that fails, or kFine.
  static UniqueOutcome CheckUnique(Transaction* transaction, const UniqueChecks& checks);

  // Reading ------------------------------------------------------------

  // Writes the version that `view` sees to position `at` of out's vectors, one for each of
  // `columns`. False: it sees none. REQUIRES: the vectors have their own arrays (PrepareWrite).
  bool Fetch(const ReadView& view, RowId row, std::span<const uint16_t> columns, Chunk* out,
             uint32_t at) const;
  // The same of the newest version, whoever made it, when the result is kCommitted, kOwn (or
  // kInFlight and not deleted).
  RowState FetchCurrent(const Transaction* transaction, RowId row,
                        std::span<const uint16_t> columns, Chunk* out, uint32_t at) const;
  RowState StateOf(const Transaction* transaction, RowId row) const;
  // Whether the newest version belongs to another active transaction or was committed after the
  // snapshot, or another transaction has locked the row.
  bool WriteConflict(const Transaction* transaction, RowId row) const;
  // The active transactions that have changed the row, or locked it so that `mode` can't be had (a
  // change is like kUpdate); none: a conflict was because of one that has committed.
  std::vector<TransactionId> BlockersOf(const Transaction* transaction, RowId row,
                                        RowLockMode mode = RowLockMode::kUpdate) const;
  // Of a conflict about the definition: the one that is changing it, if it is active.
  std::vector<TransactionId> BlockersOfWriting(const Transaction* transaction) const;
  // False: as WriteConflict, or somebody has a lock that excludes `mode`. REQUIRES: a statement of
  // the transaction sees the row.
  bool TryLockRow(Transaction* transaction, RowId row, RowLockMode mode);
  // Whether the running statement of `transaction` has written the row. REQUIRES: the row exists.
  bool IsChangedByStatement(const Transaction* transaction, RowId row) const;

  // Rows that `view` sees.
  uint64_t Count(const ReadView& view) const;
  // Committed rows now: for estimates. Also without the latch.
  uint64_t committed_row_count() const { return committed_rows_.load(std::memory_order_relaxed); }
  // Row ids that were ever given are less.
  uint64_t used_row_count() const { return store_.used_rows(); }
  // Of a column's newest values, from a sample; taken anew when much has changed since. Good until
  // the next call.
  const ColumnStatistics& StatisticsOf(uint32_t column) const;
  // Takes larger samples of all columns now, and whenever they are taken anew.
  void Analyze() const;

  // Definition ------------------------------------------------------------
  // REQUIRES: LockForDefinition, or the table was made by this transaction. All are undone by a
  // rollback.

  // Builds an index over all rows and all versions some reader still needs. If `index` is to be
  // unique and two current rows have the same key (no part of it null), *violation names them and
  // nullptr is returned. `latch`, not nullptr: the one that guards all this; others may do what a
  // reservation lets them while the index is being built.
  Index* CreateIndex(Transaction* transaction, const std::vector<IndexColumn>& columns, bool unique,
                     UniqueOutcome* violation, SharedLatch* latch = nullptr);
  // From now on it is not enforced; it is kept up to date until no reader can use it.
  void DropIndex(Transaction* transaction, Index* index);
  // All rows get `value`. Returns the new column's number.
  uint16_t AddColumn(Transaction* transaction, const Type& type, const Value& value);
  void DropColumn(Transaction* transaction, uint16_t column);

  const std::vector<std::unique_ptr<Index>>& indexes() const { return indexes_; }

  // Storing ------------------------------------------------------------

  // The table's number in the log and the file; 0: neither knows of it.
  uint64_t stored_number() const { return stored_number_; }
  void SetStoredNumber(uint64_t number) { stored_number_ = number; }
  // For a table that `transaction` has made, before it has rows or indexes: it is stored from now
  // on.
  void Store(Transaction* transaction, uint64_t number);
  Index* FindIndex(uint64_t number) const;  // nullptr: there is none
  // Appends the columns and indexes that committed transactions have left, as txn/redo.h draws
  // them: their number; each column's type, and a byte, whether it was dropped; the number of
  // indexes; each index. [latch]
  void AppendShape(std::vector<uint8_t>* out) const;
  // The numbers of those indexes.
  std::vector<uint64_t> CommittedIndexes() const;

  // What was sampled of the columns, so that who opens the database need not read them; of rows
  // that are all in memory it is sampled now where it was not. [latch]
  void AppendStatistics(std::vector<uint8_t>* out) const;
  void TakeStatistics(ByteReader* bytes);

  // What committed transactions did, when a database is opened: no transaction is active, and none
  // begins before FinishReplay. `columns`: the physical columns that `rows` has values of. They
  // throw kDataCorrupted for what can't have happened.
  void ReplayInsert(RowId first, std::span<const uint16_t> columns, const Chunk& rows);
  void ReplayUpdate(RowId row, std::span<const uint16_t> columns, const Chunk& values);
  void ReplayDelete(RowId first, uint32_t count);
  void ReplayAddColumn(uint64_t column, const Vector& value);
  void ReplayDropColumn(uint64_t column);
  // `is_filled`: with the rows that are there; else its entries are attached.
  void ReplayCreateIndex(uint64_t number, const std::vector<IndexColumn>& columns, bool unique,
                         bool is_filled);
  void ReplayDropIndex(uint64_t number);
  void FinishReplay();

  // Memory of the rows, in bytes.
  size_t row_bytes() const { return store_.memory_bytes(); }

 private:
  friend class TransactionManager;
  friend class UndoLog;
  friend class ReadSet;
  friend class TableScan;
  friend class IndexScan;
  friend class PointLookup;
  friend class CurrentLookup;
  friend class StoredTable;
  friend class StoredIndex;
  friend class TableCheck;
  friend void AppendChanges(const UndoLog& log, std::vector<uint8_t>* scratch, CommitLog* out);

  // Count(): rows committed up to and including `commit`.
  struct CountAt {
    CommitNumber commit;
    uint64_t rows;
  };

  // versions.cpp: walking chains
  const UndoRecord* FirstUnseen(const ReadView& view, RowId row) const;
  bool WasThere(const ReadView& view, const Stripe& stripe, uint32_t slot) const;
  void CopyCurrent(const Stripe& stripe, uint32_t slot, std::span<const uint16_t> columns,
                   Chunk* out, uint32_t at) const;
  void CopyOlder(const ReadView& view, const UndoRecord* record, std::span<const uint16_t> columns,
                 Chunk* out, uint32_t at) const;
  void GatherCurrent(const RowId* rows, uint32_t count, uint32_t column,
                     Vector* out) const;  // index_scan.cpp
  // Whether the version that `view` sees is there and has the key of an index entry.
  bool EntryIsSeen(const ReadView& view, RowId row, const Index& index, std::string_view key,
                   KeyBuffer* scratch) const;
  bool VersionKey(const ReadView& view, RowId row, const Index& index, KeyBuffer* key) const;
  // Looks at the newest version and those that the chain's records before `end` undo to.
  bool AnyVersionHasKey(RowId row, const Index& index, std::string_view key,
                        const UndoRecord* end) const;

  // table_write.cpp
  TableWrites* WritesOf(Transaction* transaction);  // nullptr: the definition is another's
  bool IsNewer(const Transaction* transaction, RowId row) const;
  void Link(Stripe* stripe, uint32_t slot, UndoRecord* record);
  UniqueOutcome CheckKey(Transaction* transaction, Index* index, RowId row) const;

  // table_compact.cpp
  bool IsSparse(uint32_t segment) const;
  bool MoveRows(Transaction* transaction, uint32_t number, UniqueChecks* checks);

  // table_undo.cpp: rollback and collection
  void Undo(UndoRecord* record);
  void UndoUpdate(Stripe* stripe, uint32_t slot, const UndoRecord& record);
  void Purge(UndoRecord* record, CommitNumber horizon);
  void PurgeRow(Stripe* stripe, uint32_t slot, RowId row, CommitNumber horizon);
  void PurgeStripe(Stripe* stripe, RowId first_row);
  bool NeedsOldValues(const Stripe& stripe) const;
  void EraseStaleKeys(RowId row, const UndoRecord* end);
  void EraseCurrentKeys(RowId row);
  void Unchain(Stripe* stripe);
  void CountGarbage(Stripe* stripe, const UndoRecord& record);
  void FinishCommit(TableWrites* writes, CommitNumber commit);
  void PruneCounts(CommitNumber oldest_needed);

  // stored_index.cpp
  bool EntryIsWritten(const ReadView& view, const Index& index, std::string_view entry);
  void MarkOldKeys(RowId row);

  // table_replay.cpp
  bool IsThere(RowId row) const;
  void InsertCurrentKeys(RowId row);

  ColumnStatistics SampleColumn(uint32_t column, uint64_t wanted_rows) const;

  // table.cpp
  // Of writers there is but one: no atomic addition.
  void CountCommitted(int64_t rows) {
    committed_rows_.store(committed_row_count() + static_cast<uint64_t>(rows),
                          std::memory_order_relaxed);
  }
  void AddUndoAction(Transaction* transaction, UndoAction action);
  void RecomputeIndexedMask();
  void EraseIndex(const Index* index);
  void FillIndex(Index* index, UniqueChecks* checks, SharedLatch* latch);

  TransactionManager* manager_;
  RowStore store_;
  std::vector<std::unique_ptr<Index>> indexes_;
  uint64_t indexed_mask_ = 0;  // columns that some index has, by ColumnBit
  uint64_t string_mask_ = 0;   // columns of strings, by ColumnBit
  KeyBuffer key_;              // scratch

  std::atomic<uint64_t> committed_rows_{0};
  std::vector<CountAt> counts_;  // ascending commits; empty: committed_rows_ is so for all readers
  struct Sampled {
    std::unique_ptr<ColumnStatistics> statistics;
    uint64_t changed_rows = 0;  // when it was taken
    bool is_analyzed = false;
  };
  mutable std::vector<Sampled> statistics_;  // by column, as far as asked for
  uint64_t changed_rows_ = 0;                // rows inserted, updated and deleted, ever
  TableWrites* writes_ = nullptr;            // of transactions, active or waiting for collection
  UndoLog* definition_owner_ = nullptr;
  CommitNumber definition_commit_ = 0;
  uint64_t stored_number_ = 0;
  uint64_t last_index_ = 0;  // number of an index
  // Columns that committed transactions have added, and which of them such have dropped.
  uint32_t committed_columns_ = 0;
  std::vector<uint16_t> gone_columns_;
};

}  // namespace tupelo
