// storage/btree_check.cpp: the invariants of a tree, asserted.
#include <string>

#include "base/error.h"
#include "storage/btree.h"
#include "storage/btree_node.h"

namespace tupelo {

namespace {

void Require(bool holds, const char* what) {
  if (!holds) throw Error(ErrorCode::kInternalError, std::string("index is damaged: ") + what);
}

std::string EntryOf(const BTreeNode* node, uint32_t i) {
  std::string entry(node->entry_size(i), '\0');
  node->CopyEntry(i, reinterpret_cast<uint8_t*>(entry.data()));
  return entry;
}

struct Walk {
  const BTreeNode* previous_leaf = nullptr;
  uint64_t entries = 0;
  size_t nodes = 0;
  bool has_stubs = false;  // leaves that are only in the file
};

// Entries of the subtree are in [low, high).
void CheckNode(const BTreeNode* node, const std::string& low, const std::string* high, Walk* walk) {
  ++walk->nodes;
  size_t live_bytes = node->prefix_size;
  std::string before;
  for (uint32_t i = 0; i < node->count; ++i) {
    std::string entry = EntryOf(node, i);
    Require(entry >= low && (high == nullptr || entry < *high),
            "an entry is outside its node's range");
    Require(i == 0 || before < entry, "entries do not ascend");
    Require(node->heads()[i] == HeadOf(node->rest(i), node->rest_size(i)), "a head is wrong");
    live_bytes += node->rest_size(i);
    before = entry;
  }
  for (uint32_t i = node->count; i < BTreeNode::HeadSlots(node->capacity); ++i)
    Require(node->heads()[i] == BTreeNode::kNoHead, "there is a head without an entry");
  for (uint32_t group = 0; group < BTreeNode::kGroups; ++group) {
    uint32_t last = group * BTreeNode::kGroup + BTreeNode::kGroup - 1;
    Require(node->hints[group] == (last < node->count ? node->heads()[last] : BTreeNode::kNoHead),
            "a hint is wrong");
  }
  Require(live_bytes == node->live_bytes, "live bytes are counted wrong");
  if (node->is_leaf()) {
    Require(node->count > 0 || node->is_stub, "a leaf is empty");
    walk->has_stubs |= node->is_stub;
    Require(node->left == walk->previous_leaf, "a leaf's left neighbour is wrong");
    Require(walk->previous_leaf == nullptr || walk->previous_leaf->right == node,
            "a leaf's right neighbour is wrong");
    walk->previous_leaf = node;
    walk->entries += node->count;
    return;
  }
  for (uint32_t i = 0; i <= node->count; ++i) {
    std::string child_low = i == 0 ? low : EntryOf(node, i - 1);
    std::string child_high = i < node->count ? EntryOf(node, i) : std::string();
    Require(node->Child(i)->level + 1 == node->level, "a level is missing");
    CheckNode(node->Child(i), child_low, i < node->count ? &child_high : high, walk);
  }
}

}  // namespace

uint64_t BTree::Check() const {
  Walk walk;
  if (root_ != nullptr) CheckNode(root_, "", nullptr, &walk);
  Require(walk.previous_leaf == rightmost_, "the rightmost leaf is wrong");
  Require(walk.nodes == node_count_, "nodes are counted wrong");
  Require(walk.has_stubs || walk.entries == size_, "entries are counted wrong");
  return walk.entries;
}

}  // namespace tupelo
