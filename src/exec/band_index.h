// exec/band_index.h: rows of a join's right side, found by ranges of their keys.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/interruption.h"
#include "exec/sort_keys.h"
#include "types/vector.h"

namespace tupelo {

// Rows are sorted by a key, so that those of a range of it stand side by side: places begin to end
// - 1. They may have a second key besides. Each row has a rank, which is higher the later the row
// stands in the order of the second keys (or in the opposite one); of the places of a range, those
// whose ranks are not below a bound are found one after the other, without looking at all of them.
// Add, then Finish; afterwards any thread may look up.
class BandIndex {
 public:
  // `second`: nullptr when there is none. `is_upper`: second keys are to be below a bound.
  void Init(std::vector<KeyColumn> first, const KeyColumn* second, bool is_upper);
  void Clear();
  void Release();  // gives much memory back as well

  // One key for each of `rows`; row i of them is known by numbers[i].
  void Add(const std::vector<const Vector*>& first, const Vector* second, Rows rows,
           const uint32_t* numbers);
  void Finish(const Interruption& interruption);

  uint64_t size() const { return rows_.size(); }
  uint32_t row(uint64_t place) const { return rows_[place]; }
  // The first place whose key does not come before `key` (as SortKeys::LowerBound has it).
  uint64_t Find(std::string_view key) const { return first_.LowerBound(key); }
  // The same from a place on that is likely to be near.
  uint64_t FindFrom(uint64_t begin, std::string_view key) const {
    return first_.LowerBoundNear(key, begin);
  }
  // The least rank that rows have whose second key is bounded by `key`: it does not come before
  // that, or, where bounds are upper ones, does. size(): no row.
  uint64_t LeastRank(std::string_view key) const {
    uint64_t before = second_.LowerBound(key);
    return is_upper_ ? size() - before : before;
  }
  // The first place from `begin` to `end` - 1 whose rank is not below `least`, or `end`.
  uint64_t FindRank(uint64_t begin, uint64_t end, uint64_t least) const;

 private:
  void BuildLevels(const Interruption& interruption);

  SortKeys first_, second_;
  bool has_second_ = false, is_upper_ = false;
  std::vector<uint32_t> rows_;  // before Finish: by row of the keys; then: by place
  // A tree over the ranks: level 0 by place; a node of each further level has the highest rank of
  // kFanOut nodes of the one before.
  std::vector<std::vector<uint32_t>> levels_;
};

}  // namespace tupelo
