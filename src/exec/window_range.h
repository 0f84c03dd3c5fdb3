// exec/window_range.h: a bound of a RANGE frame at a distance from the current row.
#pragma once

#include <cstdint>

#include "exec/row_collection.h"

namespace tupelo {

// Exact keys and offsets are compared as whole numbers of their smaller unit, dates and timestamps
// in microseconds. What is outside the range of such numbers is beyond all keys: no frame ends
// with an overflow. A month that lacks a day ends on its last one. Not thread-safe.
class RangeBound {
 public:
  RangeBound(const RowCollection& rows, uint32_t key, const Type& key_type, const Type& offset_type,
             bool descending, bool nulls_first, bool preceding);

  // `offset`: its value at row 0. Throws 22004 and 22013, saying `which` bound it is of.
  void Start(const Vector& offset, const char* which);
  void BeginPartition(uint32_t begin, uint32_t end) {
    at_ = begin;
    partition_end_ = end;
  }
  bool IsNull(uint32_t row) const { return !rows_.VectorOf(key_, row).IsValid(row % kVectorSize); }
  // The first row that is not before the bound, or, for an end, the first that is behind it.
  // REQUIRES: rows of a partition in order, not null.
  uint32_t Find(uint32_t row, bool is_end);

 private:
  double RealAt(uint32_t row) const;
  int128_t ExactAt(uint32_t row) const;
  int128_t ExactBound(uint32_t row) const;
  template <typename Number, typename At>
  uint32_t Advance(Number bound, bool is_end, At&& at);

  const RowCollection& rows_;
  uint32_t key_;
  Type key_type_, offset_type_;
  bool descending_, nulls_first_, preceding_;
  bool is_real_;       // numbers are compared as DOUBLE PRECISION
  int128_t key_unit_;  // of the key in the unit that is compared
  int128_t exact_offset_ = 0;
  double real_offset_ = 0;
  uint32_t at_ = 0, partition_end_ = 0;
};

}  // namespace tupelo
