// exec/code_groups.h: groups found by the codes of their keys.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "types/vector.h"

namespace tupelo {

// Remembers the group of each combination of codes, where all keys come with codes of the
// dictionaries seen last and the combinations are few. Different ones may be of one group.
class CodeGroups {
 public:
  static constexpr uint32_t kUnknown = 0xFFFFFFFFu;

  // False: the keys of this vector set are not of that kind.
  bool Covers(const std::vector<const Vector*>& keys) {
    return !keys.empty() && keys[0]->codes() != nullptr && CoversSlow(keys);
  }
  void Clear() { keys_.clear(); }

  // After Covers. groups[row] = the group of the combination of each of `rows`, or kUnknown; then
  // the first row of each such combination is written to `unknown`. Returns how many those are.
  uint32_t Find(const std::vector<const Vector*>& keys, Rows rows, uint32_t* groups,
                uint16_t* unknown);
  // Groups of rows that Find gave.
  void Learn(Rows unknown, const uint32_t* groups);
  // Sets the groups of all of `rows` of the last Find. REQUIRES: Learn of all that it gave.
  void FindAgain(Rows rows, uint32_t* groups) const;

 private:
  // A bit of each key's codes more, and the table would not stay in the first cache.
  static constexpr uint32_t kMostBits = 13;
  static constexpr uint32_t kListed = 0xFFFFFFFEu;  // unknown, and its first row was given
  struct Key {
    uint64_t dictionary_id;
    uint32_t size;   // of the dictionary may be up to
    uint32_t shift;  // of the code in the combination
  };

  bool CoversSlow(const std::vector<const Vector*>& keys);
  bool Begin(const std::vector<const Vector*>& keys);
  void Combine(const std::vector<const Vector*>& keys, Rows rows);

  std::vector<Key> keys_;
  std::vector<uint32_t> group_of_;              // by combination
  std::unique_ptr<uint16_t[]> combination_of_;  // by row number
};

}  // namespace tupelo
