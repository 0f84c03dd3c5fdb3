// txn/index.h: an index of a table: which columns, and the tree of its entries.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "storage/btree.h"
#include "storage/row_id.h"
#include "types/normalized_key.h"
#include "types/vector.h"

namespace tupelo {

class Table;

struct IndexColumn {
  uint16_t column;  // of the table, physical
  bool descending = false;
  bool nulls_first = false;
  bool not_null = false;  // never null, for the life of the index: saves a byte of the key
};

// Longest normalized key that a row may have, in bytes; writing a longer one is kProgramLimit.
inline constexpr size_t kMaxIndexKeyBytes = kMaxBTreeKeyBytes;
inline constexpr size_t kMaxIndexColumns = 32;

// Entries are candidates: a row has one for each key that any version of it still has. Made by
// Table::CreateIndex.
class Index {
 public:
  const std::vector<IndexColumn>& columns() const { return columns_; }
  bool is_unique() const { return unique_; }
  // As it was made: one that is dropped is enforced no more.
  bool is_declared_unique() const { return declared_unique_; }
  // Within its table, for the log and the file.
  uint64_t number() const { return number_; }
  // Entries in the tree: those of old versions too.
  uint64_t entry_count() const { return tree_.size(); }
  size_t memory_bytes() const { return tree_.memory_bytes(); }

  // How the key columns are encoded: for bounds made with types/normalized_key.h.
  const std::vector<KeyColumn>& key_columns() const { return key_columns_; }

  // Makes *key the normalized key of row `row` of `values` (one vector per key column, in the order
  // of columns()). Returns whether a part of it is null: then `unique` says nothing about it.
  bool MakeKey(const Vector* const* values, uint32_t row, KeyBuffer* key) const;

 private:
  friend class Table;
  friend class VersionKeys;
  friend class IndexScan;
  friend class PointLookup;
  friend class CurrentLookup;
  friend class ReadSet;
  friend class StoredIndex;
  friend class TableCheck;
  BTree::InsertResult Insert(const KeyBuffer& key, RowId row);  // throws kProgramLimit
  void Erase(const KeyBuffer& key, RowId row);
  Index(ExtentPool* pool, const Table& table, const std::vector<IndexColumn>& columns, bool unique);

  Table* table_ = nullptr;
  uint64_t number_ = 0;
  bool declared_unique_ = false;
  bool is_committed_ = false;  // who made it has committed
  bool is_gone_ = false;       // who dropped it has committed
  std::vector<IndexColumn> columns_;
  std::vector<KeyColumn> key_columns_;
  uint64_t column_mask_ = 0;
  bool unique_ = false;
  BTree tree_;
  // Scratch: vectors that point into blocks or old versions while a key is made from them, by one
  // thread at a time; and the vectors of a chunk.
  mutable std::atomic_flag stored_in_use_ = ATOMIC_FLAG_INIT;
  mutable std::vector<Vector> stored_;
  std::vector<const Vector*> stored_pointers_;
  std::vector<const Vector*> pointers_;
};

}  // namespace tupelo
