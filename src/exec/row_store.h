// exec/row_store.h: rows of a sink, kept column by column.
#pragma once

#include <cstdint>
#include <vector>

#include "types/chunk.h"

namespace tupelo {

// Grows by vector sets; row i is in set i / 2048. Strings are copied in. Clear() keeps the first set's buffers.
class RowStore {
 public:
  RowStore() = default;
  explicit RowStore(std::vector<Type> types) { Init(std::move(types)); }
  void Init(std::vector<Type> types);

  uint64_t row_count() const { return row_count_; }
  size_t column_count() const { return types_.size(); }
  const Type& type(size_t column) const { return types_[column]; }

  // Appends the values that `columns` have in `rows`. Returns the number of the first row appended.
  uint64_t Append(const std::vector<const Vector*>& columns, Rows rows);
  uint64_t Append(const Chunk& chunk);
  void Clear();

  // The vector of a column that holds row `row`, at position row % 2048.
  const Vector& VectorOf(size_t column, uint64_t row) const {
    return sets_[row / kVectorSize]->column(column);
  }
  // target[i] = column of row `rows[i]`, for count rows; kNoRow gives null. Strings are not copied. Prepares the target.
  static constexpr uint32_t kNoRow = 0xFFFFFFFFu;
  void Gather(size_t column, const uint32_t* rows, uint32_t count, Vector* target) const;
  // The stored set number `set` as vectors to reference (for reading in order).
  const Chunk& set(size_t set) const { return *sets_[set]; }
  size_t set_count() const { return (row_count_ + kVectorSize - 1) / kVectorSize; }

 private:
  std::vector<Type> types_;
  std::vector<std::unique_ptr<Chunk>> sets_;
  uint64_t row_count_ = 0;
};

}  // namespace tupelo
