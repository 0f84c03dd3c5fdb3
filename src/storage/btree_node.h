// storage/btree_node.h: one node of a B+tree: how entries lie in 4 KiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "storage/row_id.h"

namespace tupelo {

inline constexpr size_t kBTreeNodeBytes = 4096;
inline constexpr size_t kBTreeRowBytes = 6;
inline constexpr size_t kMaxBTreeEntryBytes = 1000 + kBTreeRowBytes;

// What an entry, a key with the row id behind it, leads to.
inline RowId RowOfEntry(std::string_view entry) {
  uint64_t row = 0;
  for (char byte : entry.substr(entry.size() - kBTreeRowBytes)) {
    row = row << 8 | static_cast<uint8_t>(byte);
  }
  return static_cast<RowId>(row);
}

// Most of what lies in a node is a few bytes long: these spare the calls.

inline uint64_t LoadWord(const uint8_t* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, 8);
  return word;
}

inline uint32_t LoadHalfWord(const uint8_t* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, 4);
  return word;
}

inline void CopyBytes(uint8_t* to, const uint8_t* from, size_t count) {
  if (count > 16) {
    std::memcpy(to, from, count);
  } else if (count >= 8) {
    uint64_t first = LoadWord(from), last = LoadWord(from + count - 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + count - 8, &last, 8);
  } else if (count >= 4) {
    uint32_t first = LoadHalfWord(from), last = LoadHalfWord(from + count - 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + count - 4, &last, 4);
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

inline bool EqualBytes(const uint8_t* a, const uint8_t* b, size_t count) {
  if (count >= 8) {
    for (size_t i = 0; i + 8 < count; i += 8) {
      if (LoadWord(a + i) != LoadWord(b + i)) return false;
    }
    return LoadWord(a + count - 8) == LoadWord(b + count - 8);
  }
  if (count >= 4) {
    return LoadHalfWord(a) == LoadHalfWord(b) &&
           LoadHalfWord(a + count - 4) == LoadHalfWord(b + count - 4);
  }
  for (size_t i = 0; i < count; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
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

// The head of some bytes: the first four, zero padded, as a number that is ordered as they are.
// Signed, for that is what the processor compares several of at a time.
inline int32_t HeadOf(const uint8_t* bytes, size_t size) {
  uint32_t head = 0;
  if (size >= 4) {
    head = LoadHalfWord(bytes);
  } else {
    for (size_t i = 0; i < size; ++i) head |= uint32_t{bytes[i]} << (8 * i);
  }
  return static_cast<int32_t>(__builtin_bswap32(head) ^ 0x80000000u);
}

// What is searched for: an entry, or the beginning of some.
struct SearchKey {
  const uint8_t* bytes;
  uint32_t size;
  uint64_t word;  // the first eight bytes, zero padded, as a number that is ordered as they are

  SearchKey(const uint8_t* key, size_t key_size)
      : bytes(key), size(static_cast<uint32_t>(key_size)), word(0) {
    if (key_size >= 8) {
      word = __builtin_bswap64(LoadWord(key));
    } else if (key_size >= 4) {
      uint64_t first = __builtin_bswap32(LoadHalfWord(key));
      uint64_t last = __builtin_bswap32(LoadHalfWord(key + key_size - 4));
      word = first << 32 | last << (8 * (8 - key_size));
    } else {
      for (size_t i = 0; i < key_size; ++i) word |= uint64_t{key[i]} << (56 - 8 * i);
    }
  }
  // REQUIRES: prefix_size <= size.
  int32_t HeadBehind(uint32_t prefix_size) const {
    if (size > 8) return HeadOf(bytes + prefix_size, size - prefix_size);
    uint64_t rest = prefix_size < 8 ? word << (8 * prefix_size) : 0;
    return static_cast<int32_t>(static_cast<uint32_t>(rest >> 32) ^ 0x80000000u);
  }
};

//   0                the members below
//   sizeof           hints[32]: the last head of each 16
//   kHeadsOffset     heads[capacity, rounded up to 16]: of each entry behind the common prefix.
//                    A search compares all hints at once, then 16 heads, and more only where heads
//                    tie. Behind the last one: kNoHead
//   ...              children[capacity], in an inner node
//   ...              rests[capacity]: the entries behind the prefix, where all are `stride` bytes
//                    long; else places[capacity], which say where each of them is
//   ...              free
//   heap_begin       entries that have places, in any order
//   prefix_offset    the prefix, up to 4096
//
// Entries ascend. A leaf's are the tree's. In an inner node, entry i is a separator: its child
// holds what is not less than it (and less than the next one); first_child holds what is less than
// all of them.
struct StoredLeaf;  // storage/btree_stored.h

struct BTreeNode {
  static constexpr uint32_t kGroup = 16;
  static constexpr uint32_t kGroups = 32;
  static constexpr uint32_t kMaxCapacity = kGroup * kGroups;
  static constexpr uint32_t kHeadsOffset = 192;
  static constexpr int32_t kNoHead = 0x7FFFFFFF;

  struct Place {
    uint16_t offset;
    uint16_t size;
  };

  uint16_t count;
  uint16_t capacity;
  uint16_t prefix_offset;
  uint16_t prefix_size;
  uint16_t heap_begin;
  uint16_t live_bytes;    // prefix and rests that are still in use
  uint16_t stride;        // 0: the entries have places
  uint16_t rests_offset;  // of rests or places
  uint64_t prefix_word;   // the prefix's first eight bytes as SearchKey::word has them
  uint64_t prefix_mask;   // which of its bits they are
  BTreeNode* left;        // neighbours of the same level, leaves only
  BTreeNode* right;
  union {
    BTreeNode* first_child;
    StoredLeaf* stored;  // of a leaf: what it is a part of in the file; nullptr: nothing
  };
  uint8_t level;     // 0: leaf
  bool is_stub;      // a leaf that is only in the file: these members are all there is of it
  bool has_changed;  // a leaf that was changed since `stored` was written: that knows it
  alignas(64) int32_t hints[kGroups];

  bool is_leaf() const { return level == 0; }
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(this); }
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(this); }
  int32_t* heads() { return reinterpret_cast<int32_t*>(bytes() + kHeadsOffset); }
  const int32_t* heads() const { return reinterpret_cast<const int32_t*>(bytes() + kHeadsOffset); }
  static uint32_t HeadSlots(uint32_t entries) { return (entries + kGroup - 1) & ~(kGroup - 1); }
  BTreeNode** children() { return reinterpret_cast<BTreeNode**>(heads() + HeadSlots(capacity)); }
  BTreeNode* const* children() const {
    return reinterpret_cast<BTreeNode* const*>(heads() + HeadSlots(capacity));
  }
  Place* places() { return reinterpret_cast<Place*>(bytes() + rests_offset); }
  const Place* places() const { return reinterpret_cast<const Place*>(bytes() + rests_offset); }
  const uint8_t* prefix() const { return bytes() + prefix_offset; }
  uint8_t* rest(uint32_t i) { return bytes() + rest_offset(i); }
  const uint8_t* rest(uint32_t i) const { return bytes() + rest_offset(i); }
  uint32_t rest_offset(uint32_t i) const {
    return stride != 0 ? rests_offset + i * stride : places()[i].offset;
  }
  uint32_t rest_size(uint32_t i) const { return stride != 0 ? stride : places()[i].size; }
  uint32_t entry_size(uint32_t i) const { return prefix_size + rest_size(i); }

  // Writes the whole of entry i to `out`, which has room; returns its size.
  uint32_t CopyEntry(uint32_t i, uint8_t* out) const {
    CopyBytes(out, prefix(), prefix_size);
    CopyBytes(out + prefix_size, rest(i), rest_size(i));
    return entry_size(i);
  }
  void SetChild(uint32_t i, BTreeNode* child) {
    (i == 0 ? first_child : children()[i - 1]) = child;
  }
  BTreeNode* Child(uint32_t i) const {  // i: 0 is first_child, i + 1 the child of entry i
    return i == 0 ? first_child : children()[i - 1];
  }

  bool HasPrefix(const SearchKey& key) const {
    if (((key.word ^ prefix_word) & prefix_mask) != 0 || key.size < prefix_size) return false;
    return prefix_size <= 8 || EqualBytes(key.bytes + 8, prefix() + 8, prefix_size - 8u);
  }
  // The first entry that is not less than `key`; *equal says whether it is equal to it.
  uint32_t LowerBound(const SearchKey& key, bool* equal) const;
  // Whether every entry is less than `key`: mostly the last head tells. REQUIRES: count > 0.
  bool IsBehindAll(const SearchKey& key) const {
    if (HasPrefix(key)) {
      int32_t head = key.HeadBehind(prefix_size), last = heads()[count - 1u];
      if (head != last) return head > last;
    }
    bool equal;
    return LowerBound(key, &equal) == count;
  }
  // Which child `key` belongs to, as Child() numbers them.
  uint32_t ChildPosition(const SearchKey& key) const {
    bool equal;
    uint32_t position = LowerBound(key, &equal);
    return position + (equal ? 1 : 0);
  }

  // Asks for the cache lines that every search looks at: else it would wait for one after the
  // other.
  void Prefetch() const {
    for (uint32_t line = 0; line < kHeadsOffset; line += 64) __builtin_prefetch(bytes() + line);
  }

  // Starts an empty node.
  void Reset(uint8_t node_level);
  // Guesses the common prefix of the entries to come. REQUIRES: empty.
  void ExpectPrefix(const uint8_t* entry, size_t expected_prefix_size);
  // Puts an entry (and its child) before entry `position`. False: there is no room for it, even
  // when packed.
  bool Insert(uint32_t position, const SearchKey& entry, BTreeNode* child);
  void Erase(uint32_t position);
  // Bytes in use, when packed.
  size_t UsedBytes() const { return kHeadsOffset + count * ArrayBytes(stride) + live_bytes; }
  // Fills this node, whose members `left` and `right` stay, with entries [begin, end) of `source`
  // (not itself). `separator`, when there is one, comes first, with source's first_child as its
  // child. False, and nothing is good any more: no room.
  bool AppendFrom(const BTreeNode& source, uint32_t begin, uint32_t end,
                  const SearchKey* separator);
  // Lays the entries out anew with the longest common prefix (at most `prefix_limit` bytes) and
  // room for more. `next_size` is that of an entry to come, or 0. False: they don't fit with so
  // short a prefix; the node is as it was.
  bool Pack(size_t prefix_limit, size_t next_size);

 private:
  // Of one entry, its rest aside.
  size_t ArrayBytes(size_t entry_stride) const {
    return sizeof(int32_t) + (is_leaf() ? 0 : sizeof(BTreeNode*)) +
           (entry_stride != 0 ? 0 : sizeof(Place));
  }
  uint32_t LowerBoundOfTies(uint32_t low, int32_t head, const uint8_t* key, size_t key_size,
                            bool* equal) const;
  void SetPrefix(const uint8_t* entry, size_t size);
  // Layout of an empty node for `entries` entries at least; the prefix is there. False: no room.
  bool LayOut(uint32_t entries, size_t entry_stride, size_t rest_bytes);
  bool PutAt(uint32_t position, const SearchKey& entry, BTreeNode* child);
  void RefreshHints(uint32_t from);
};
static_assert(sizeof(BTreeNode) == BTreeNode::kHeadsOffset);

}  // namespace tupelo
