// txn/index.cpp: making keys.
#include "txn/index.h"

#include <fmt/format.h>

#include "base/error.h"
#include "txn/table.h"
#include "txn/undo.h"

namespace tupelo {

Index::Index(ExtentPool* pool, const Table& table, const std::vector<IndexColumn>& columns,
             bool unique)
    : declared_unique_(unique), columns_(columns), unique_(unique), tree_(pool) {
  if (columns.size() > kMaxIndexColumns) {
    throw Error(ErrorCode::kTooManyColumns,
                fmt::format("an index may have at most {} columns, not {}", kMaxIndexColumns,
                            columns.size()));
  }
  for (const IndexColumn& column : columns) {
    const Type& type = table.column_type(column.column);
    key_columns_.push_back({type, column.descending, column.nulls_first, column.not_null});
    column_mask_ |= ColumnBit(column.column);
    stored_.emplace_back(type);
  }
  pointers_.resize(columns.size());
  for (size_t i = 0; i < stored_.size(); ++i) stored_pointers_.push_back(&stored_[i]);
}

bool Index::MakeKey(const Vector* const* values, uint32_t row, KeyBuffer* key) const {
  key->Clear();
  bool has_null = false;
  for (size_t i = 0; i < key_columns_.size(); ++i) {
    has_null |= !values[i]->IsValid(row);
    AppendKeyColumn(key_columns_[i], *values[i], row, key);
  }
  return has_null;
}

BTree::InsertResult Index::Insert(const KeyBuffer& key, RowId row) {
  if (key.size() > kMaxIndexKeyBytes) {
    throw Error(ErrorCode::kProgramLimit,
                fmt::format("a key of an index may have at most {} bytes, not {}",
                            kMaxIndexKeyBytes, key.size()));
  }
  return tree_.Insert(key.view(), row);
}

void Index::Erase(const KeyBuffer& key, RowId row) {
  // A longer one never got in: its insertion failed, and is being undone.
  if (key.size() <= kMaxIndexKeyBytes) tree_.Erase(key.view(), row);
}

}  // namespace tupelo
