// exec/in_set.h: x IN (a long list of values), by hashing.
#pragma once

#include <cstdint>
#include <vector>

#include "types/chunk.h"

namespace tupelo {

// Three-valued membership: true when equal to one; null when x is null, or when none is equal and
// one of the list is null; else false. The list is read anew in each run of the statement:
// constants and parameters may change between runs.
class InSet {
 public:
  // `items` are constant vectors of the type of the values to come.
  void Fill(const std::vector<const Vector*>& items, uint64_t run);
  bool is_filled(uint64_t run) const { return filled_in_run_ == run; }
  // result[row] = values[row] IN list. `result` is BOOLEAN.
  void Match(const Vector& values, Rows rows, Vector* result);

 private:
  struct Slot {
    uint64_t hash;
    uint32_t item;  // index into items_ plus one; 0: free
  };
  bool Contains(const Vector& values, uint32_t row, uint64_t hash) const;

  Vector items_;  // never null ones
  std::vector<Slot> slots_;
  std::vector<uint64_t> hashes_;
  bool has_null_ = false;
  uint64_t filled_in_run_ = UINT64_MAX;
};

}  // namespace tupelo
