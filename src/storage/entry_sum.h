// storage/entry_sum.h: sets of an index's entries, compared without keeping or sorting them.
#pragma once

#include <cstdint>
#include <string_view>

namespace tupelo {

// Two sets that were added in any order are the same if their sums are; but by chance, once in
// 2^64.
class EntrySum {
 public:
  void Add(std::string_view entry);
  uint64_t count() const { return count_; }
  friend bool operator==(const EntrySum&, const EntrySum&) = default;

 private:
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
};

}  // namespace tupelo
