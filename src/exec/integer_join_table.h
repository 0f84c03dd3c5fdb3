// exec/integer_join_table.h: rows of a join's right side, found by an integer of up to 64 bits.
#pragma once

#include <cstdint>
#include <vector>

#include "types/vector.h"

namespace tupelo {

// Finds rows by the key itself, so what is found needs no comparison. Keys that lie close together
// are addressed directly, others are in an open table with one slot for each different key. Add in
// the order of the rows, then Finish, then look up. A row number plus one stands for a row, so that
// 0 ends a chain; a chain is in the order of the rows.
class IntegerJoinTable {
 public:
  // One row for each of `rows`; `is_key` (by position) tells which may be found, nullptr: all.
  void Add(Rows rows, const int64_t* key_by_row, const uint8_t* is_key);
  void Finish();
  void Clear();
  void Release();  // gives much memory back as well

  // Whether two rows have one key. REQUIRES: Finish.
  bool has_chains() const { return has_chains_; }
  // first[i] = the first row (plus one) with the key of the i-th of `rows`, or 0.
  void FindFirst(Rows rows, const int64_t* key_by_row, uint32_t* first) const;
  // The next row with the key of `row` (plus one), or 0. REQUIRES: has_chains().
  uint32_t Next(uint32_t row) const { return next_[row - 1]; }

 private:
  struct Slot {
    int64_t key;
    uint32_t row;  // plus one; 0: free
  };
  bool IsFound(size_t row) const { return is_key_.empty() || is_key_[row] != 0; }
  void FillDirect();
  void FillSlots();
  void FindInSlots(Rows rows, const int64_t* key_by_row, uint32_t* first) const;
  uint32_t SlotOf(int64_t key) const;

  std::vector<int64_t> keys_;    // by row, until Finish
  std::vector<uint8_t> is_key_;  // by row, until Finish; empty: all are
  std::vector<uint32_t> next_;   // by row: the next one of the chain
  bool has_chains_ = false;
  size_t key_count_ = 0;
  int64_t lowest_ = 0, highest_ = 0;  // of the keys that may be found

  // Either heads_[key - lowest_], with a zero behind the last, or slots_.
  bool is_direct_ = true;
  std::vector<uint32_t> heads_;
  std::vector<Slot> slots_;
  int shift_ = 0;  // of a hash, to a slot
};

}  // namespace tupelo
