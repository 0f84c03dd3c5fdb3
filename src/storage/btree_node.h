// storage/btree_node.h: one node of a B+tree: how entries lie in 4 KiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tupelo {

inline constexpr size_t kBTreeNodeBytes = 4096;
inline constexpr size_t kBTreeRowBytes = 6;
inline constexpr size_t kMaxBTreeEntryBytes = 1000 + kBTreeRowBytes;
inline constexpr size_t kPrefetchedHeadBytes = 1280;

// Most of what lies in a node is a few bytes long: these spare the calls.

inline uint64_t LoadWord(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, 8);
  return word;
}

inline void CopyBytes(uint8_t* to, const uint8_t* from, size_t count) {
  if (count > 16) {
    std::memcpy(to, from, count);
  } else if (count >= 8) {
    uint64_t first = LoadWord(from), last = LoadWord(from + count - 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + count - 8, &last, 8);
  } else {
    for (size_t i = 0; i < count; ++i) to[i] = from[i];
  }
}

// How many bytes two strings have in common at the beginning.
inline size_t CommonPrefix(const uint8_t* a, size_t a_size, const uint8_t* b, size_t b_size) {
  size_t limit = a_size < b_size ? a_size : b_size;
  size_t i = 0;
  for (; i + 8 <= limit; i += 8) {
    uint64_t difference = LoadWord(a + i) ^ LoadWord(b + i);
    if (difference != 0) return i + static_cast<size_t>(__builtin_ctzll(difference)) / 8;
  }
  while (i < limit && a[i] == b[i]) ++i;
  return i;
}

inline int CompareBytes(const uint8_t* a, size_t a_size, const uint8_t* b, size_t b_size) {
  size_t limit = a_size < b_size ? a_size : b_size;
  if (limit >= 8) {
    for (size_t i = 0;;) {
      uint64_t left = LoadWord(a + i), right = LoadWord(b + i);
      if (left != right) return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
      if (i + 8 == limit) break;
      i = i + 16 <= limit ? i + 8 : limit - 8;  // the last word may overlap the one before
    }
  } else {
    for (size_t i = 0; i < limit; ++i) {
      if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
  }
  return a_size < b_size ? -1 : a_size > b_size;
}

//   0                the members below
//   sizeof           heads[capacity]: the first four bytes of each entry behind the common prefix,
//   zero padded,
//                    as numbers: a search looks at these only, until they tie
//   + 4 * capacity   places[capacity]: offset and size of the rest of each entry
//   ...              free
//   heap_begin       entries without the prefix, in any order; in an inner node each is followed by
//   its child up to 4096       the prefix is here as well
//
// Entries ascend. A leaf's are the tree's. In an inner node, entry i is a separator: its child
// holds what is not less than it (and less than the next one); first_child holds what is less than
// all of them.
struct BTreeNode {
  struct Place {
    uint16_t offset;
    uint16_t size;
  };

  uint16_t count;
  uint16_t capacity;
  uint16_t prefix_offset;
  uint16_t prefix_size;
  uint16_t heap_begin;
  uint16_t live_bytes;  // of the heap: prefix, entries and children that are still in use
  uint8_t level;        // 0: leaf
  BTreeNode* left;      // neighbours of the same level, leaves only
  BTreeNode* right;
  BTreeNode* first_child;

  bool is_leaf() const { return level == 0; }
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(this); }
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(this); }
  uint32_t* heads() { return reinterpret_cast<uint32_t*>(this + 1); }
  const uint32_t* heads() const { return reinterpret_cast<const uint32_t*>(this + 1); }
  Place* places() { return reinterpret_cast<Place*>(heads() + capacity); }
  const Place* places() const { return reinterpret_cast<const Place*>(heads() + capacity); }
  const uint8_t* prefix() const { return bytes() + prefix_offset; }
  const uint8_t* rest(uint32_t i) const { return bytes() + places()[i].offset; }
  uint32_t rest_size(uint32_t i) const { return places()[i].size; }
  uint32_t entry_size(uint32_t i) const { return prefix_size + places()[i].size; }
  uint32_t child_bytes() const { return is_leaf() ? 0 : sizeof(BTreeNode*); }

  // Writes the whole of entry i to `out`, which has room; returns its size.
  uint32_t CopyEntry(uint32_t i, uint8_t* out) const {
    CopyBytes(out, prefix(), prefix_size);
    CopyBytes(out + prefix_size, rest(i), rest_size(i));
    return entry_size(i);
  }
  BTreeNode* Child(uint32_t i) const {  // i: 0 is first_child, i + 1 the child of entry i
    if (i == 0) return first_child;
    BTreeNode* child;
    std::memcpy(&child, rest(i - 1) + rest_size(i - 1), sizeof(child));
    return child;
  }

  static uint32_t Head(const uint8_t* rest, size_t size) {
    uint32_t head = 0;
    if (size >= 4) {
      std::memcpy(&head, rest, 4);
    } else {
      std::memcpy(&head, rest, size);
    }
    return __builtin_bswap32(head);
  }

  // The first entry that is not less than `entry`; *equal says whether it is equal to it.
  uint32_t LowerBound(const uint8_t* entry, size_t size, bool* equal) const;
  // Which child `entry` belongs to, as Child() numbers them.
  uint32_t ChildPosition(const uint8_t* entry, size_t size) const {
    bool equal;
    uint32_t position = LowerBound(entry, size, &equal);
    return position + (equal ? 1 : 0);
  }

  // Asks for all cache lines that a search may look at: else it would wait for one after the other.
  void Prefetch() const {
    __builtin_prefetch(this);
    const uint8_t* end = bytes() + sizeof(BTreeNode) + kPrefetchedHeadBytes;
    for (const uint8_t* line = bytes() + 64; line < end; line += 64) __builtin_prefetch(line);
  }

  // Starts an empty node.
  void Reset(uint8_t node_level);
  // Guesses the common prefix of the entries to come. REQUIRES: empty.
  void ExpectPrefix(const uint8_t* entry, size_t expected_prefix_size);
  // Puts an entry (and its child) before entry `position`. False: there is no room for it, even
  // when packed.
  bool Insert(uint32_t position, const uint8_t* entry, size_t size, BTreeNode* child);
  void Erase(uint32_t position);
  // Bytes in use, when packed.
  size_t UsedBytes() const {
    return sizeof(BTreeNode) + count * (sizeof(uint32_t) + sizeof(Place)) + live_bytes;
  }
  // Fills this node, whose members `left` and `right` stay, with entries [begin, end) of `source`
  // (not itself). `separator`, when there is one, comes first, with source's first_child as its
  // child. False, and nothing is good any more: no room.
  bool AppendFrom(const BTreeNode& source, uint32_t begin, uint32_t end, const uint8_t* separator,
                  size_t separator_size);
  // Lays the entries out anew with the longest common prefix (at most `prefix_limit` bytes) and
  // room for more. False: they don't fit with so short a prefix; the node is as it was.
  bool Pack(size_t prefix_limit, size_t wanted_heap_bytes);

 private:
  bool PutAt(uint32_t position, const uint8_t* entry, size_t size, BTreeNode* child);
};

}  // namespace tupelo
