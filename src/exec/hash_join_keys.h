// exec/hash_join_keys.h: what a hash join does with the keys of a vector set.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/scratch_array.h"
#include "types/vector.h"

namespace tupelo {

using JoinKeys = std::vector<const Vector*>;

// Whether the keys of a row fit 64 bits, on both sides alike.
bool ArePackable(const JoinKeys& left, const JoinKeys& right);
// The keys by row number as integers, in `buffer` where they aren't such already.
const int64_t* PackKeys(const JoinKeys& keys, Rows rows, int64_t* buffer);
// By row number. CHARACTER is hashed without trailing blanks, and so is what it is compared with.
void HashKeys(const JoinKeys& keys, const JoinKeys& others, Rows rows, uint64_t* hashes);
// is_key[i] = whether none of the keys is null in row i of `rows`; nulls of a key in `null_keys`
// are equal to each other, and count as values. False when that holds for all, is_key left as it
// was.
bool FindNullKeys(const JoinKeys& keys, const std::vector<bool>& null_keys, Rows rows,
                  uint8_t* is_key);

// Buffers for one vector set.
struct JoinKeyBuffers {
  explicit JoinKeyBuffers(bool is_integer)
      : is_key(MakeScratchArray<uint8_t>(kVectorSize)),
        with_key(MakeScratchArray<uint16_t>(kVectorSize)) {
    if (is_integer) {
      packed = MakeScratchArray<int64_t>(kVectorSize);
    } else {
      hashes = MakeScratchArray<uint64_t>(kVectorSize);
    }
  }

  ScratchArray<int64_t> packed;   // by row number
  ScratchArray<uint64_t> hashes;  // by row number
  ScratchArray<uint8_t> is_key;   // by position
  ScratchArray<uint16_t> with_key;
};

}  // namespace tupelo
