// storage/btree_node.cpp: searching in a node, and changing one.
#include "storage/btree_node.h"

#include <algorithm>
#include <cassert>

namespace tupelo {

namespace {
constexpr size_t kArrayBytes = sizeof(uint32_t) + sizeof(BTreeNode::Place);
}

uint32_t BTreeNode::LowerBound(const uint8_t* entry, size_t size, bool* equal) const {
  *equal = false;
  // 1. The common prefix decides for all entries, or for none.
  if (prefix_size > 0) {
    size_t compared = std::min<size_t>(size, prefix_size);
    int order = CompareBytes(entry, compared, prefix(), compared);
    if (order > 0) return count;
    if (order < 0 || size < prefix_size) return 0;
  }
  const uint8_t* key = entry + prefix_size;
  size_t key_size = size - prefix_size;
  // 2. The heads, without branches.
  uint32_t head = Head(key, key_size);
  const uint32_t* first = heads();
  uint32_t length = count;
  while (length > 1) {
    uint32_t half = length / 2;
    first += half & (0u - static_cast<uint32_t>(first[half - 1] < head));
    length -= half;
  }
  auto low = static_cast<uint32_t>(first - heads());
  if (length == 1 && *first < head) ++low;
  // 3. Among equal heads, the rest.
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
  count = capacity = 0;
  prefix_offset = heap_begin = kBTreeNodeBytes;
  prefix_size = live_bytes = 0;
  level = node_level;
  first_child = nullptr;
}

void BTreeNode::ExpectPrefix(const uint8_t* entry, size_t expected_prefix_size) {
  assert(count == 0);
  prefix_size = live_bytes = static_cast<uint16_t>(expected_prefix_size);
  prefix_offset = heap_begin = static_cast<uint16_t>(kBTreeNodeBytes - expected_prefix_size);
  std::memcpy(bytes() + prefix_offset, entry, expected_prefix_size);
}

// REQUIRES: `entry` begins with the prefix. False: no room as things lie.
bool BTreeNode::PutAt(uint32_t position, const uint8_t* entry, size_t size, BTreeNode* child) {
  size_t rest_bytes = size - prefix_size;
  size_t heap_bytes = rest_bytes + child_bytes();
  if (count == capacity || sizeof(BTreeNode) + capacity * kArrayBytes + heap_bytes > heap_begin)
    return false;
  heap_begin = static_cast<uint16_t>(heap_begin - heap_bytes);
  CopyBytes(bytes() + heap_begin, entry + prefix_size, rest_bytes);
  if (!is_leaf()) std::memcpy(bytes() + heap_begin + rest_bytes, &child, sizeof(child));
  if (position < count) {
    std::memmove(heads() + position + 1, heads() + position, (count - position) * sizeof(uint32_t));
    std::memmove(places() + position + 1, places() + position, (count - position) * sizeof(Place));
  }
  heads()[position] = Head(entry + prefix_size, rest_bytes);
  places()[position] = {heap_begin, static_cast<uint16_t>(rest_bytes)};
  ++count;
  live_bytes = static_cast<uint16_t>(live_bytes + heap_bytes);
  return true;
}

bool BTreeNode::Insert(uint32_t position, const uint8_t* entry, size_t size, BTreeNode* child) {
  if (size >= prefix_size && CompareBytes(entry, prefix_size, prefix(), prefix_size) == 0 &&
      PutAt(position, entry, size, child)) {
    return true;
  }
  size_t limit = 0;
  if (count > 0) {
    uint8_t first[kMaxBTreeEntryBytes];
    limit = CommonPrefix(entry, size, first, CopyEntry(0, first));
  } else {
    limit = CommonPrefix(entry, size, prefix(), prefix_size);
  }
  if (!Pack(limit, size + child_bytes())) return false;
  bool placed = PutAt(position, entry, size, child);
  assert(placed);
  return placed;
}

void BTreeNode::Erase(uint32_t position) {
  live_bytes = static_cast<uint16_t>(live_bytes - rest_size(position) - child_bytes());
  std::memmove(heads() + position, heads() + position + 1,
               (count - position - 1) * sizeof(uint32_t));
  std::memmove(places() + position, places() + position + 1,
               (count - position - 1) * sizeof(Place));
  --count;
  if (count == 0) {
    capacity = 0;
    prefix_offset = heap_begin = kBTreeNodeBytes;
    prefix_size = live_bytes = 0;
  }
}

bool BTreeNode::Pack(size_t prefix_limit, size_t wanted_heap_bytes) {
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
  size_t heap_bytes = new_prefix;
  for (uint32_t i = 0; i < count; ++i) heap_bytes += entry_size(i) - new_prefix + child_bytes();
  size_t fixed = sizeof(BTreeNode) + (count + 1u) * kArrayBytes + heap_bytes + wanted_heap_bytes;
  if (fixed > kBTreeNodeBytes) return false;
  // 3. The arrays get their share of what is free, by the average size of an entry.
  size_t average = (heap_bytes + wanted_heap_bytes - new_prefix) / (count + 1u) + kArrayBytes;
  size_t more = (kBTreeNodeBytes - fixed) / average;
  alignas(8) uint8_t buffer[kBTreeNodeBytes];
  auto* packed = reinterpret_cast<BTreeNode*>(buffer);
  std::memcpy(buffer, this, sizeof(BTreeNode));
  packed->capacity = static_cast<uint16_t>(count + 1u + more);
  packed->count = 0;
  packed->prefix_size = static_cast<uint16_t>(new_prefix);
  packed->prefix_offset = packed->heap_begin = static_cast<uint16_t>(kBTreeNodeBytes - new_prefix);
  packed->live_bytes = static_cast<uint16_t>(new_prefix);
  if (count > 0) CopyEntry(0, first);
  std::memcpy(buffer + packed->prefix_offset, first, new_prefix);
  uint8_t entry[kMaxBTreeEntryBytes];
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t size = CopyEntry(i, entry);
    packed->PutAt(i, entry, size, is_leaf() ? nullptr : Child(i + 1));
  }
  assert(packed->count == count);
  std::memcpy(static_cast<void*>(this), buffer, kBTreeNodeBytes);
  return true;
}

bool BTreeNode::AppendFrom(const BTreeNode& source, uint32_t begin, uint32_t end,
                           const uint8_t* separator, size_t separator_size) {
  if (separator != nullptr && !Insert(count, separator, separator_size, source.first_child))
    return false;
  uint8_t entry[kMaxBTreeEntryBytes];
  for (uint32_t i = begin; i < end; ++i) {
    uint32_t size = source.CopyEntry(i, entry);
    if (!Insert(count, entry, size, source.is_leaf() ? nullptr : source.Child(i + 1))) return false;
  }
  return true;
}

}  // namespace tupelo
