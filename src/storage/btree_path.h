// storage/btree_path.h: the way from the root of a tree to a leaf.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "storage/btree.h"
#include "storage/btree_node.h"

namespace tupelo {

// nodes[0] is the root; nodes[i + 1] is child positions[i] of nodes[i].
struct BTree::Path {
  static constexpr uint32_t kMaxDepth = 48;
  BTreeNode* nodes[kMaxDepth];
  uint32_t positions[kMaxDepth];
  uint32_t depth = 0;

  // The range of the leaf: what it holds is not less than Low, and less than High. Empty: there is
  // no bound.
  std::string Low() const;
  std::string High() const;
};

inline BTreeNode* BTree::Right(BTreeNode* leaf) const {
  return leaf->right != nullptr && leaf->right->is_stub ? LoadedRight(leaf) : leaf->right;
}

inline BTreeNode* BTree::Left(BTreeNode* leaf) const {
  return leaf->left != nullptr && leaf->left->is_stub ? LoadedLeft(leaf) : leaf->left;
}

// The entry of a key and a row; returns its size.
inline uint32_t MakeBTreeEntry(std::string_view key, RowId row, uint8_t* entry) {
  assert(key.size() <= kMaxBTreeKeyBytes && row >= 0 && row >> 48 == 0);
  std::memcpy(entry, key.data(), key.size());
  uint64_t big_endian = __builtin_bswap64(static_cast<uint64_t>(row) << 16);
  std::memcpy(entry + key.size(), &big_endian, kBTreeRowBytes);
  return static_cast<uint32_t>(key.size() + kBTreeRowBytes);
}

}  // namespace tupelo
