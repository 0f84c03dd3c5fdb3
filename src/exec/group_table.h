// exec/group_table.h: numbers the distinct combinations of some columns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/interruption.h"
#include "base/work_array.h"
#include "exec/code_groups.h"
#include "exec/row_collection.h"
#include "types/chunk.h"

namespace tupelo {

// A hash table with open addressing. Keys compare as GROUP BY sees them: nulls are equal, CHARACTER
// pads. Groups are numbered from 0 in the order of the rows that come in, and group g has its key
// in row g of keys(). Without key columns all rows are one group. Not thread-safe.
class GroupTable {
 public:
  static constexpr uint32_t kNoGroup = 0xFFFFFFFFu;

  // `interruption` (may be nullptr) can end what takes long; then only Clear and Release may
  // follow.
  explicit GroupTable(std::vector<Type> key_types, const Interruption* interruption = nullptr);
  ~GroupTable();

  // Forgets all groups; Release gives much memory back as well.
  void Clear();
  void Release();

  // groups[row] = the group of each of `rows`, made when it is new. Writes the rows that made one
  // to `added` (room for rows.count, in the order of `rows`) and returns how many.
  uint32_t FindOrAdd(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups,
                     uint16_t* added);
  // groups[row] = the group of each of `rows`, or kNoGroup.
  void Find(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups);

  uint32_t group_count() const { return static_cast<uint32_t>(keys_.row_count()); }
  const RowCollection& keys() const { return keys_; }

 private:
  // Buffers for one vector set. Arrays named by_row are indexed by row number.
  struct Scratch;
  uint32_t FindOrAddByHash(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups,
                           uint16_t* added);
  void Hash(const std::vector<const Vector*>& columns, Rows rows);
  template <bool kAdd>
  uint32_t Probe(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups,
                 uint16_t* added);
  void PutInOrder(const std::vector<const Vector*>& columns, Rows rows, uint32_t* groups,
                  uint16_t* added, uint32_t added_count);
  void Grow(uint32_t more_groups);

  RowCollection keys_;
  CodeGroups code_groups_;
  const Interruption* interruption_;
  // High half: 32 bits of the hash, which also give the place; low half: group number plus one; 0:
  // free.
  WorkArray<uint64_t> slots_;
  uint32_t mask_ = 0;
  uint32_t claimed_ = 0;  // groups in slots_; ahead of keys_ within Probe
  uint32_t limit_ = 0;    // groups that slots_ may hold
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace tupelo
