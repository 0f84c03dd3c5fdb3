// types/chunk.h: a set of vectors of equal length: the one thing that moves up the plan.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/scratch_array.h"
#include "types/vector.h"

namespace tupelo {

// Rows 0..size()-1 of every column; when a selection is set only the rows it names are there, in
// its order. Owned by the operator that makes it, valid until that operator's next step. The number
// of columns is fixed once made, so pointers to its vectors stay good.
class Chunk {
 public:
  Chunk() = default;
  explicit Chunk(const std::vector<Type>& types) { Init(types); }

  void Init(const std::vector<Type>& types) {
    columns_ = std::vector<Vector>(types.size());
    for (size_t i = 0; i < types.size(); ++i) columns_[i].SetType(types[i]);
  }

  size_t column_count() const { return columns_.size(); }
  Vector& column(size_t i) { return columns_[i]; }
  const Vector& column(size_t i) const { return columns_[i]; }

  // The rows that are there.
  Rows rows() const { return rows_; }
  uint32_t row_count() const { return rows_.count; }
  void SetRows(uint32_t count) { rows_ = {nullptr, count}; }
  // `rows.rows` must live as long as this state of the chunk.
  void SetRows(Rows rows) { rows_ = rows; }
  // Room for a selection of this chunk's own.
  uint16_t* SelectionBuffer() {
    if (selection_ == nullptr) selection_ = MakeScratchArray<uint16_t>(kVectorSize);
    return selection_.get();
  }

 private:
  std::vector<Vector> columns_;
  Rows rows_;
  ScratchArray<uint16_t> selection_;
};

}  // namespace tupelo
