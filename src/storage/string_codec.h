// storage/string_codec.h: arrays of strings in few bytes.
//
// "Integers" are as storage/integer_codec.h draws them.
//
//   offset  size
//        0     1   encoding
//   plain (0):
//        1     n   lengths, as integers
//        m         the strings' bytes, one behind the other
//   dictionary (1):
//        1     2   number of different strings
//        3     n   their lengths, as integers
//        m         their bytes
//        k         of each string its number, as integers
//   front coded (2), of strings of at most kLongestInBlock bytes:
//        1     n   how many bytes each has in common with the one before it, as integers
//        m         how many follow, as integers
//        k         what follows of all, one behind the other
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/stored_bytes.h"
#include "types/string_ref.h"

namespace tupelo {

struct ColumnBlock;

// `present`: a bit each of the strings that matter; nullptr: all do. Any may come back for others.
// REQUIRES: 0 < count <= 65535.
void EncodeStrings(const StringRef* texts, size_t count, const uint64_t* present, ByteVector* out);
// To the first `count` values of the block, and its heap. Throws kDataCorrupted where the bytes are
// not those of `count` strings.
void DecodeStrings(ByteReader* reader, size_t count, ColumnBlock* block);

}  // namespace tupelo
