// exec/integer_join_table.h: rows of a join's right side, found by an integer of up to 64 bits.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/interruption.h"
#include "base/work_array.h"
#include "exec/row_collection.h"
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
  void Finish(const Interruption& interruption);

  // Instead: the rows of `part`, which is not finished, as those from `first_row` on.
  void AddPart(const IntegerJoinTable& part, size_t first_row);
  // Then BeginFill, Fill with each part number below `parts`, each on any thread, and EndFill.
  // Chains are in the order of `ranges`, outside of which there are no rows.
  void BeginFill();
  void Fill(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
            const Interruption& interruption);
  void EndFill();

  void Clear();
  void Release();  // gives much memory back as well

  // Whether two rows have one key. REQUIRES: Finish.
  bool has_chains() const { return has_chains_.load(std::memory_order_relaxed); }
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
  void FillDirect(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
                  const Interruption& interruption);
  void FillSlots(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
                 const Interruption& interruption);
  void FillLate();
  void FindInSlots(Rows rows, const int64_t* key_by_row, uint32_t* first) const;
  uint32_t SlotOf(int64_t key) const;

  WorkArray<int64_t> keys_;    // by row, until Finish
  WorkArray<uint8_t> is_key_;  // by row, until Finish; empty: all are
  WorkArray<uint32_t> next_;   // by row: the next one of the chain
  std::atomic<bool> has_chains_{false};
  // Rows, last first, that found no slot among those of their part, by part.
  std::vector<std::vector<uint32_t>> late_;
  std::mutex late_mutex_;
  size_t key_count_ = 0;
  int64_t lowest_ = 0, highest_ = 0;  // of the keys that may be found

  // Either heads_[key - lowest_], with a zero behind the last, or slots_.
  bool is_direct_ = true;
  WorkArray<uint32_t> heads_;
  WorkArray<Slot> slots_;
  int shift_ = 0;  // of a hash, to a slot
};

}  // namespace tupelo
