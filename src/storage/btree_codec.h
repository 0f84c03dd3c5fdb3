// storage/btree_codec.h: nodes of a B+tree in bytes.
//
// A stored leaf holds as many entries as find room in it: those of several nodes in memory, for
// few bytes of an entry differ from those of the one before. "Integers" are as
// storage/integer_codec.h draws them. The payload of a kTreeLeaf or a kTreeInner extent:
//
//   offset  size
//        0     2   number of entries (of separators, in an inner node)
//        2     1   layout of the keys: 0 varying, 1 fixed
//        3     1   zero
//                  where there are entries:
//        4     2   length p of what all keys begin with
//        6     p   that
//                  keys behind it, fixed:
//        n     1   length of each, 0 to 8
//        n         the keys as big-endian numbers, as integers
//                  or varying:
//        n         how many bytes each has in common with the one before it, as integers
//        n         how many follow, as integers
//        n         what follows of all
//                  then, in a leaf:
//        n         row ids, as integers
//                  or, in an inner node, entries or not:
//        n         addresses of the children, one more than separators, as integers
//
// In an inner node, separator i is the least entry that child i + 1 may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/extent_address.h"
#include "storage/stored_bytes.h"

namespace tupelo {

// Byte strings one behind the other.
class EntryList {
 public:
  size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  void Clear() {
    bytes_.clear();
    ends_.clear();
  }
  std::string_view operator[](size_t i) const {
    size_t begin = i == 0 ? 0 : ends_[i - 1];
    return {reinterpret_cast<const char*>(bytes_.data()) + begin, ends_[i] - begin};
  }
  // Room for another one.
  uint8_t* Extend(size_t size) {
    size_t begin = bytes_.size();
    bytes_.resize(begin + size);
    ends_.push_back(bytes_.size());
    return bytes_.data() + begin;
  }
  // Behind the last byte of entry i.
  uint8_t* EndOf(size_t i) { return bytes_.data() + ends_[i]; }
  void Add(std::string_view entry) {
    uint8_t* bytes = Extend(entry.size());
    if (!entry.empty()) std::memcpy(bytes, entry.data(), entry.size());
  }

 private:
  ByteVector bytes_;
  std::vector<size_t> ends_;
};

// More entries do not go into a leaf, however short they get: it is read as a whole.
inline constexpr size_t kMostLeafEntries = 8192;

// Entries as the tree has them: a key, then the row id as six bytes, big-endian; ascending.
// Appends the leaf of as many of them, from `begin` on, as `most_bytes` have room for, but at least
// one; returns how many. REQUIRES: begin < entries.size().
size_t EncodeLeaf(const EntryList& entries, size_t begin, size_t most_bytes, ByteVector* out);
// Appends to `entries`. Throws kDataCorrupted where the bytes are not those of a leaf, or the
// entries do not ascend, those that were there before included.
void DecodeLeaf(std::span<const uint8_t> payload, EntryList* entries);

// `children`: one more than separators.
void EncodeInner(const EntryList& separators, std::span<const ExtentAddress> children,
                 ByteVector* out);
void DecodeInner(std::span<const uint8_t> payload, EntryList* separators,
                 std::vector<ExtentAddress>* children);

}  // namespace tupelo
