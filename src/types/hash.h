// types/hash.h: 64-bit hashes of the values of a vector.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/string_ref.h"
#include "types/vector.h"

namespace tupelo {

// Values that are equal (types/compare.h) have equal hashes; so have equal integers of any width:
// whole numbers that fit 64 bits hash alike as int16, int32, int64 and int128. CHARACTER is hashed
// without trailing blanks, -0.0 as 0.0, zoned values by their UTC. Not stable across versions:
// never stored.

inline constexpr uint64_t kNullHash = 0x9E3779B97F4A7C15u;

// Every output bit depends on every input bit.
inline uint64_t HashInt64(uint64_t value) {
  uint128_t product = static_cast<uint128_t>(value ^ 0x9FB21C651E98DF25u) * 0xD6E8FEB86659FD93u;
  uint64_t mixed = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  return (mixed ^ (mixed >> 32)) * 0xE7037ED1A0B428DBu;
}
uint64_t HashBytes(std::string_view bytes);
// Not symmetric: (a, b) and (b, a) differ.
inline uint64_t CombineHashes(uint64_t first, uint64_t second) {
  return HashInt64((first << 23 | first >> 41) ^ second);
}

// Whether equal values of the two types have equal hashes.
bool HashAlike(const Type& left, const Type& right);

// Sets hashes[row] for each of `rows`; with `combine`, mixes the value into the hash that is there.
void HashVector(const Vector& vector, Rows rows, uint64_t* hashes, bool combine);

// One value; the same as HashVector gives.
uint64_t HashValue(const Vector& vector, uint32_t row);

}  // namespace tupelo
