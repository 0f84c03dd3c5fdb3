// storage/btree_node.cpp: searching in a node, and changing one.
#include "storage/btree_node.h"

#include <algorithm>
#include <cassert>

namespace tupelo {

namespace {

// Longer entries have places: to move them would cost more than to look there.
constexpr size_t kMaxStride = 32;

template <uint32_t kCount>
inline uint32_t CountLess(const int32_t* heads, int32_t head) {
  int32_t less = 0;
  for (uint32_t i = 0; i < kCount; ++i) less += heads[i] < head ? 1 : 0;
  return static_cast<uint32_t>(less);
}

}  // namespace

uint32_t BTreeNode::LowerBound(const SearchKey& key, bool* equal) const {
  *equal = false;
  // 1. The common prefix decides for all entries, or for none.
  uint64_t begin = key.word & prefix_mask;
  if (begin != prefix_word) return begin < prefix_word ? 0 : count;
  if (prefix_size > 8) {
    size_t compared = std::min<size_t>(key.size, prefix_size);
    int order = CompareBytes(key.bytes, compared, prefix(), compared);
    if (order != 0) return order < 0 ? 0 : count;
  }
  if (key.size < prefix_size) return 0;
  // 2. The heads.
  int32_t head = key.HeadBehind(prefix_size);
  uint32_t low = CountLess<kGroups>(hints, head) * kGroup;
  if (low >= count) return count;
  if (stride != 0) {
    __builtin_prefetch(rest(low));
    __builtin_prefetch(rest(low + kGroup / 2));
  } else {
    __builtin_prefetch(places() + low);
  }
  low += CountLess<kGroup>(heads() + low, head);
  // 3. Among equal heads, the rest.
  if (low == count || heads()[low] != head) return low;
  size_t key_size = key.size - prefix_size;
  if (key_size <= 4 && stride >= key_size) {
    *equal = stride == key_size;
    return low;
  }
  return LowerBoundOfTies(low, head, key.bytes + prefix_size, key_size, equal);
}

uint32_t BTreeNode::LowerBoundOfTies(uint32_t low, int32_t head, const uint8_t* key,
                                     size_t key_size, bool* equal) const {
  uint32_t high = low;
  while (high < count && heads()[high] == head && high - low < 4) ++high;
  if (high - low == 4) {
    high = static_cast<uint32_t>(std::upper_bound(heads() + high, heads() + count, head) - heads());
  }
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    int order = CompareBytes(rest(middle), rest_size(middle), key, key_size);
    if (order == 0) {
      *equal = true;
      return middle;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void BTreeNode::Reset(uint8_t node_level) {
  count = capacity = stride = 0;
  rests_offset = kHeadsOffset;
  level = node_level;
  is_stub = has_changed = false;
  first_child = nullptr;
  std::fill_n(hints, kGroups, kNoHead);
  SetPrefix(nullptr, 0);
}

void BTreeNode::SetPrefix(const uint8_t* entry, size_t size) {
  prefix_size = live_bytes = static_cast<uint16_t>(size);
  prefix_offset = heap_begin = static_cast<uint16_t>(kBTreeNodeBytes - size);
  prefix_mask = size >= 8 ? ~uint64_t{0} : ~(~uint64_t{0} >> (8 * size));
  prefix_word = SearchKey(entry, size).word;
  CopyBytes(bytes() + prefix_offset, entry, size);
}

void BTreeNode::ExpectPrefix(const uint8_t* entry, size_t expected_prefix_size) {
  assert(count == 0 && capacity == 0);
  SetPrefix(entry, expected_prefix_size);
}

bool BTreeNode::LayOut(uint32_t entries, size_t entry_stride, size_t rest_bytes) {
  assert(count == 0);
  size_t room = kBTreeNodeBytes - kHeadsOffset - prefix_size;
  size_t arrays = ArrayBytes(entry_stride) + entry_stride;  // of one entry
  size_t padding = sizeof(int32_t) * (kGroup - 1);          // of the heads
  size_t wanted = 0;
  if (entry_stride != 0) {
    wanted = (room - padding) / arrays;
  } else {
    // The arrays get their share of what is free, by the average size of an entry.
    size_t fixed =
        HeadSlots(entries) * sizeof(int32_t) + entries * (arrays - sizeof(int32_t)) + rest_bytes;
    if (fixed > room) return false;
    wanted = entries;
    size_t free = room - fixed;
    if (free > padding) wanted += (free - padding) / (rest_bytes / entries + arrays);
  }
  wanted = std::min<size_t>(wanted, kMaxCapacity);
  if (wanted < entries) return false;
  capacity = static_cast<uint16_t>(wanted);
  stride = static_cast<uint16_t>(entry_stride);
  size_t head_slots = HeadSlots(capacity);
  rests_offset = static_cast<uint16_t>(kHeadsOffset + head_slots * sizeof(int32_t) +
                                       (is_leaf() ? 0 : capacity * sizeof(BTreeNode*)));
  std::fill_n(heads(), head_slots, kNoHead);
  std::fill_n(hints, kGroups, kNoHead);
  return true;
}

void BTreeNode::RefreshHints(uint32_t from) {
  for (uint32_t group = from / kGroup; group < count / kGroup; ++group)
    hints[group] = heads()[group * kGroup + kGroup - 1];
}

// REQUIRES: `entry` begins with the prefix. False: no room as things lie.
bool BTreeNode::PutAt(uint32_t position, const SearchKey& entry, BTreeNode* child) {
  size_t rest_bytes = entry.size - prefix_size;
  if (count == capacity) return false;
  uint32_t behind = count - position;
  const uint8_t* from = entry.bytes + prefix_size;
  if (stride != 0) {
    if (rest_bytes != stride) return false;
    if (behind > 0) std::memmove(rest(position + 1), rest(position), behind * stride);
    CopyBytes(rest(position), from, rest_bytes);
  } else {
    if (rests_offset + capacity * sizeof(Place) + rest_bytes > heap_begin) return false;
    heap_begin = static_cast<uint16_t>(heap_begin - rest_bytes);
    CopyBytes(bytes() + heap_begin, from, rest_bytes);
    std::memmove(places() + position + 1, places() + position, behind * sizeof(Place));
    places()[position] = {heap_begin, static_cast<uint16_t>(rest_bytes)};
  }
  if (behind > 0)
    std::memmove(heads() + position + 1, heads() + position, behind * sizeof(int32_t));
  heads()[position] = entry.HeadBehind(prefix_size);
  if (!is_leaf()) {
    std::memmove(children() + position + 1, children() + position, behind * sizeof(BTreeNode*));
    children()[position] = child;
  }
  ++count;
  live_bytes = static_cast<uint16_t>(live_bytes + rest_bytes);
  RefreshHints(position);
  return true;
}

bool BTreeNode::Insert(uint32_t position, const SearchKey& entry, BTreeNode* child) {
  if (HasPrefix(entry) && PutAt(position, entry, child)) return true;
  size_t limit = 0;
  if (count > 0) {
    uint8_t first[kMaxBTreeEntryBytes];
    limit = CommonPrefix(entry.bytes, entry.size, first, CopyEntry(0, first));
  } else {
    limit = CommonPrefix(entry.bytes, entry.size, prefix(), prefix_size);
  }
  if (!Pack(limit, entry.size)) return false;
  bool placed = PutAt(position, entry, child);
  assert(placed);
  return placed;
}

void BTreeNode::Erase(uint32_t position) {
  live_bytes = static_cast<uint16_t>(live_bytes - rest_size(position));
  uint32_t behind = count - position - 1;
  std::memmove(heads() + position, heads() + position + 1, behind * sizeof(int32_t));
  if (stride != 0) {
    std::memmove(rest(position), rest(position + 1), behind * stride);
  } else {
    std::memmove(places() + position, places() + position + 1, behind * sizeof(Place));
  }
  if (!is_leaf()) {
    std::memmove(children() + position, children() + position + 1, behind * sizeof(BTreeNode*));
  }
  --count;
  heads()[count] = kNoHead;
  hints[count / kGroup] = kNoHead;
  RefreshHints(position);
  if (count > 0) return;
  capacity = stride = 0;
  SetPrefix(nullptr, 0);
}

bool BTreeNode::Pack(size_t prefix_limit, size_t next_size) {
  // 1. The longest common prefix is that of the first and the last entry.
  uint8_t first[kMaxBTreeEntryBytes], last[kMaxBTreeEntryBytes];
  size_t new_prefix = prefix_limit;
  if (count == 1) {
    // One entry alone does not tell what others will have in common: keep to the limit.
    new_prefix = std::min<size_t>(new_prefix, CopyEntry(0, first));
  } else if (count > 1) {
    size_t first_size = CopyEntry(0, first), last_size = CopyEntry(count - 1u, last);
    new_prefix = std::min(new_prefix, CommonPrefix(first, first_size, last, last_size));
  } else {
    new_prefix = std::min<size_t>(new_prefix, prefix_size);
    CopyBytes(first, prefix(), prefix_size);
  }
  // 2. Does it fit, with one entry more?
  size_t size = next_size != 0 ? next_size : count > 0 ? entry_size(0) : 0;
  size_t rest_bytes = next_size != 0 ? next_size - new_prefix : 0;
  bool same_size = true;
  for (uint32_t i = 0; i < count; ++i) {
    rest_bytes += entry_size(i) - new_prefix;
    same_size &= entry_size(i) == size;
  }
  bool has_stride = is_leaf() && same_size && size > new_prefix && size - new_prefix <= kMaxStride;
  alignas(64) uint8_t buffer[kBTreeNodeBytes];
  auto* packed = reinterpret_cast<BTreeNode*>(buffer);
  std::memcpy(buffer, this, sizeof(BTreeNode));
  packed->count = 0;
  packed->SetPrefix(first, new_prefix);
  if (!packed->LayOut(count + 1u, has_stride ? size - new_prefix : 0, rest_bytes)) return false;
  // 3. One after the other.
  uint8_t entry[kMaxBTreeEntryBytes];
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t entry_bytes = CopyEntry(i, entry);
    packed->PutAt(i, SearchKey(entry, entry_bytes), is_leaf() ? nullptr : Child(i + 1));
  }
  assert(packed->count == count);
  std::memcpy(static_cast<void*>(this), buffer, kBTreeNodeBytes);
  return true;
}

bool BTreeNode::AppendFrom(const BTreeNode& source, uint32_t begin, uint32_t end,
                           const SearchKey* separator) {
  if (separator != nullptr && !Insert(count, *separator, source.first_child)) return false;
  uint8_t entry[kMaxBTreeEntryBytes];
  for (uint32_t i = begin; i < end; ++i) {
    uint32_t size = source.CopyEntry(i, entry);
    if (!Insert(count, SearchKey(entry, size), source.is_leaf() ? nullptr : source.Child(i + 1)))
      return false;
  }
  return true;
}

}  // namespace tupelo
