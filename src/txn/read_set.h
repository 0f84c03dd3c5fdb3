// txn/read_set.h: what a SERIALIZABLE transaction has read, as predicates, and whether what others
// have committed since its snapshot is among it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "txn/scan.h"
#include "txn/view.h"

namespace tupelo {

class Index;
class Table;
class UndoLog;
struct UndoRecord;

// A range of an index, in keys, that a scan has read so far: it grows with the scan.
class ReadRange {
 public:
  // All up to `key`, which included, as the scan goes.
  void Reach(std::string_view key);
  void Finish();
  bool Contains(std::string_view key) const;

 private:
  friend class ReadSet;
  void Restart(bool descending);

  std::string low_, high_;  // of all that the scan may read: [low_, high_)
  std::string reached_;     // ascending: what it has read ends before it; descending: begins there
  bool has_high_ = false, descending_ = false, is_empty_ = false;
  bool has_reached_ = false, is_finished_ = false;
};

// Precision locking (Jordan, Banerjee and Batman, "Precision Locks", SIGMOD 1981), checked when the
// reader commits: each version that others have committed since its snapshot, and each that they
// have replaced, must fulfil none of its predicates. Which rows fulfil a predicate is decided by
// the part of it that keys and bounds express: there may be too many, never too few. Of an update
// only columns count that were read. Past kMostPredicates those of a table become a range, or all
// of it.
//
// Belongs to one transaction; guarded by the database's latch. Keeps its memory when cleared.
class ReadSet {
 public:
  static constexpr size_t kMostPredicates = 1000;

  // `columns`, of all calls: those of the table, by ColumnBit, that were read, or that decided
  // which rows were. None: only whether there are rows.

  // All rows.
  void AddTable(const Table* table, uint64_t columns);
  // Rows with the key, or whose key begins with it, or the lack of such.
  void AddKey(const Table* table, const Index* index, std::string_view key, uint64_t columns);
  // Rows between two bounds, as far as the scan says that it has come. nullptr: all of the table
  // counts as read anyway. Good until Clear.
  ReadRange* AddRange(const Table* table, const Index* index, const KeyBound& lower,
                      const KeyBound& upper, bool descending, uint64_t columns);
  // Rows that may fulfil all of `zones`.
  void AddZones(const Table* table, std::span<const ZonePredicate> zones, uint64_t columns);

  // The table is going, or an index of it.
  void Forget(const Table* table);
  void Widen(const Table* table);
  void Clear();

  bool is_empty() const { return used_ == 0; }
  // Whether the definition of something read has changed since `snapshot`, or something that `log`
  // has committed was read.
  bool HasNewDefinition(CommitNumber snapshot) const;
  bool Overlaps(const UndoLog& log);

 private:
  // Reads through one index, of one set of columns.
  struct IndexReads {
    const Index* index;
    uint64_t columns;
    struct Key {
      uint32_t at, size;  // in bytes
    };
    std::vector<char> bytes;  // those from used_bytes on are not in use
    uint32_t used_bytes = 0;
    std::vector<Key> keys;
    std::vector<std::unique_ptr<ReadRange>> ranges;  // the first range_count are in use
    size_t range_count = 0;
    ReadRange merged;                      // of keys that were too many
    uint64_t low_word = 0, high_word = 0;  // the first eight bytes of its bounds, as numbers
    bool has_merged = false, is_sorted = false;

    std::string_view KeyAt(const Key& key) const { return {bytes.data() + key.at, key.size}; }
    auto used_ranges() const { return std::span(ranges.data(), range_count); }
    bool HasMerged(std::string_view key) const;
    bool EndsWith(std::string_view key) const;
    void Add(std::string_view key);
    void GrowBytes(size_t wanted);
    void ForgetKeys();
    ReadRange* NextRange();
    void Sort();
    void Merge();
    bool Contains(std::string_view key);
  };
  struct ZoneReads {
    uint64_t columns;
    std::vector<ZonePredicate> zones;
  };
  struct TableReads {
    const Table* table;
    bool has_all = false;
    uint64_t columns_of_all = 0;
    uint64_t columns = 0;  // of all its predicates
    size_t count = 0;      // of predicates
    size_t used = 0;       // of indexes
    std::vector<IndexReads> indexes;
    std::vector<ZoneReads> zones;
  };
  void FindPlace(const Table* table, const Index* index, uint64_t columns);
  TableReads& Of(const Table* table);
  IndexReads& Of(TableReads* reads, const Index* index, uint64_t columns);
  static void Widen(TableReads* reads);
  static void Narrow(TableReads* reads);
  static bool Hits(TableReads* reads, const UndoRecord& record);
  static bool HitsVersion(TableReads* reads, const ReadView& view, RowId row, uint64_t changed,
                          bool is_update);
  static bool Fulfils(const TableReads& reads, const ReadView& view, RowId row,
                      const ZoneReads& zones);
  std::span<TableReads> tables() { return {tables_.data(), used_}; }
  std::span<const TableReads> tables() const { return {tables_.data(), used_}; }

  // The first used_ are in use; the others keep their memory, as do those of indexes and ranges.
  std::vector<TableReads> tables_;
  size_t used_ = 0;
  // Where AddKey put the last key: most statements come again. nullptr: nowhere.
  TableReads* recent_table_ = nullptr;
  IndexReads* recent_ = nullptr;
  uint64_t recent_columns_ = 0;  // as they were given
};

}  // namespace tupelo
