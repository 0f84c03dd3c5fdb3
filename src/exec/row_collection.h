// exec/row_collection.h: rows of a sink, kept column by column.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/work_memory.h"
#include "types/chunk.h"

namespace tupelo {

// Rows first to end - 1.
struct StoredRange {
  uint32_t first = 0, end = 0;
};

// Grows by vector sets; row i is in set i / 2048. Strings are copied in. Clear() keeps the first
// set's buffers. References to vectors are good until the next Append. A set that is full is
// written to a temporary file where statements hold too much memory (base/work_memory.h), and read
// like the others.
class RowCollection {
 public:
  RowCollection() = default;
  explicit RowCollection(std::vector<Type> types) { Init(std::move(types)); }
  void Init(std::vector<Type> types);

  uint64_t row_count() const { return row_count_; }
  size_t column_count() const { return types_.size(); }
  const Type& type(size_t column) const { return types_[column]; }

  // Appends the values that `columns` have in `rows`. Returns the number of the first row appended.
  // Throws kProgramLimit beyond what 32-bit row numbers can tell apart.
  uint64_t Append(const std::vector<const Vector*>& columns, Rows rows);
  uint64_t Append(const Chunk& chunk);
  void Clear();
  // Whatever set gets full from now on is written, however little is held.
  void WriteAll() { writes_all_ = true; }
  // Forgets all but the first `count` rows, to make room for as many others at most.
  void Truncate(uint64_t count) { row_count_ = count; }
  // Moves all rows of `other` here, without copying them: they get the numbers from the one that is
  // returned on, and others before it may be of no row. `other`, which has columns of the same
  // types, is empty then. Nothing may be appended afterwards.
  uint64_t Adopt(RowCollection* other);

  // The vector of a column that holds row `row`, at position row % 2048.
  const Vector& VectorOf(size_t column, uint64_t row) const {
    return sets_[row / kVectorSize]->column(column);
  }
  // target[i] = column of row `rows[i]`, for count rows; kNoRow gives null. Strings are not copied.
  // Prepares the target.
  static constexpr uint32_t kNoRow = 0xFFFFFFFFu;
  void Gather(size_t column, const uint32_t* rows, uint32_t count, Vector* target) const;
  // The same with target[positions[i]], all of them below `capacity`.
  void Scatter(size_t column, const uint32_t* rows, uint32_t count, const uint16_t* positions,
               uint32_t capacity, Vector* target) const;
  // The same into a target that was prepared, whatever else was placed there.
  void ScatterInto(size_t column, const uint32_t* rows, uint32_t count, const uint16_t* positions,
                   Vector* target) const;
  // Clears equal[i] where values[at[i]] differs from the column's row rows[i]. Two nulls are equal
  // only when nulls_match.
  void Compare(size_t column, const uint32_t* rows, uint32_t count, const Vector& values,
               const uint16_t* at, bool nulls_match, uint8_t* equal) const;
  // Of vectors that VectorOf gave, by who has looked at so many values.
  void NoteUse(uint32_t count) const {
    if (!pieces_.empty()) pieces_.back()->owner().NoteUse(count);
  }
  // The stored set number `set` as vectors to reference (for reading in order).
  const Chunk& set(size_t set) const { return *sets_[set]; }
  size_t set_count() const { return (row_count_ + kVectorSize - 1) / kVectorSize; }

 private:
  // Where the values of one set of a column are.
  struct Place {
    const void* data;
    const uint64_t* validity;
  };
  void ProvideRoom(size_t set, uint32_t used, uint32_t wanted);
  void NotePlaces(size_t set);
  // A set that has got full: holds or writes it.
  void Settle(size_t set);
  void Write(WorkMemory* memory, size_t set);
  char* TakeRoom(WorkMemory* memory, size_t bytes);
  uint64_t BytesOf(size_t set) const;

  std::vector<Type> types_;
  std::vector<std::unique_ptr<Chunk>> sets_;
  std::vector<std::vector<Place>> places_;  // [column][set]
  std::vector<uint8_t> has_nulls_;          // [column]: whether a set may have some
  std::vector<const Vector*> chunk_columns_;
  uint64_t row_count_ = 0;
  uint32_t first_capacity_ = 0;  // of set 0; all others have kVectorSize

  enum class State : uint8_t { kOpen, kHeld, kWritten };
  std::vector<State> states_;  // [set]
  HeldBytes held_;
  bool writes_all_ = false;
  std::vector<std::shared_ptr<MappedPiece>> pieces_;  // that written sets are in
  size_t piece_used_ = 0;                             // of the last one
};

}  // namespace tupelo
