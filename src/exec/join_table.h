// exec/join_table.h: rows of a join's right side, found by their hash.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/interruption.h"
#include "base/work_array.h"
#include "exec/row_collection.h"
#include "types/vector.h"

namespace tupelo {

// Chains row numbers by hash. Add in the order of the rows, then Finish, then look up. Rows that
// several threads added to tables of their own are put together by AddPart, and chained by threads.
// A row number plus one stands for a row, so that 0 ends a chain; a chain is in the order of the
// rows.
class JoinTable {
 public:
  // One row for each of `rows`, hashed; `is_key` (by position) tells which may be found, nullptr:
  // all.
  void Add(Rows rows, const uint64_t* hash_by_row, const uint8_t* is_key);
  void Finish(const Interruption& interruption);

  // Instead: the rows of `part`, which is not finished, as those from `first_row` on.
  void AddPart(const JoinTable& part, size_t first_row);
  // Then BeginFill, and Fill with each part number below `parts`, each on any thread. Chains are in
  // the order of `ranges`, outside of which there are no rows.
  void BeginFill();
  void Fill(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
            const Interruption& interruption);

  void Clear();
  void Release();  // gives much memory back as well

  // first[i] = the first row (plus one) with the hash of the i-th of `rows`, or 0.
  void FindFirst(Rows rows, const uint64_t* hash_by_row, uint32_t* first) const;
  // The next row with the hash of `row` (plus one), or 0.
  uint32_t Next(uint32_t row) const {
    const Link& link = links_[row - 1];
    return Skip(link.next, link.tag);
  }

 private:
  struct Link {
    uint32_t tag;   // 32 bits of the hash, which also give the bucket
    uint32_t next;  // row plus one
  };
  uint32_t Skip(uint32_t row, uint32_t tag) const {
    while (row != 0 && links_[row - 1].tag != tag) row = links_[row - 1].next;
    return row;
  }

  WorkArray<Link> links_;
  WorkArray<uint32_t> heads_;
  uint32_t mask_ = 0;
};

}  // namespace tupelo
