// storage/btree.cpp: descending, inserting with splits, erasing with merges.
//
// A split needs room for a separator in the parent. When there is none the parent is split instead,
// and the insertion starts again from the root: every round makes one node smaller, and no round
// leaves the tree half changed.
#include "storage/btree.h"

#include <algorithm>
#include <cassert>
#include <new>

#include "buffer/extent_pool.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"
#include "storage/btree_stored.h"

namespace tupelo {

namespace {

// A node this empty looks for a neighbour to become one with, if the two fill no more than this.
constexpr size_t kMergeBelowBytes = kBTreeNodeBytes / 4;
// Leaves of a tree with more nodes are likely not in the processor's cache.
constexpr size_t kNodesInCache = 64;
constexpr size_t kMergedBytes = kBTreeNodeBytes * 3 / 4;

// Whether entry i of `leaf` has the same key as `entry`, whatever the rows.
bool SameKey(const BTreeNode* leaf, uint32_t i, const uint8_t* entry, size_t size) {
  if (leaf->entry_size(i) != size) return false;
  size_t key_size = size - kBTreeRowBytes;
  size_t prefix = leaf->prefix_size;
  if (prefix >= key_size) return EqualBytes(leaf->prefix(), entry, key_size);
  return EqualBytes(leaf->rest(i), entry + prefix, key_size - prefix) &&
         EqualBytes(leaf->prefix(), entry, prefix);
}

// Where a full node is cut: entries from here on go to the right.
uint32_t MiddleOf(const BTreeNode* node) {
  size_t bytes = 0;
  for (uint32_t i = 0; i + 1 < node->count; ++i) {
    bytes += node->rest_size(i);
    if (bytes * 2 >= node->live_bytes) return i + 1;
  }
  return node->count - 1u;
}

}  // namespace

BTree::BTree(ExtentPool* pool) : pool_(pool) {}

BTree::~BTree() {
  Clear();
  if (stored_ != nullptr) ForgetUnneeded();
}

size_t BTree::memory_bytes() const { return node_count_ * kBTreeNodeBytes; }

BTreeNode* BTree::NewNode(uint8_t level) {
  auto* node = new (pool_->Allocate(kBTreeNodeBytes)) BTreeNode;
  node->Reset(level);
  node->left = node->right = nullptr;
  ++node_count_;
  return node;
}

void BTree::FreeNode(BTreeNode* node) {
  --node_count_;
  if (node == last_erased_) last_erased_ = nullptr;
  if (node->is_leaf() && node->stored != nullptr) ReleaseStored(node->stored);
  pool_->Free(node, node->is_stub ? sizeof(BTreeNode) : kBTreeNodeBytes);
}

void BTree::FreeTree(BTreeNode* node) {
  if (!node->is_leaf()) {
    for (uint32_t i = 0; i <= node->count; ++i) FreeTree(node->Child(i));
  }
  FreeNode(node);
}

void BTree::Clear() {
  if (root_ != nullptr) FreeTree(root_);
  root_ = rightmost_ = nullptr;
  size_ = 0;
  ++version_;
}

// The leaf that is child `position` of `parent`. Asks for the lines that a search will look at
// before any of them is there: where keys lie evenly, the separators around the leaf tell about
// which entry it will come to, and another leaf how they are laid out. A wrong guess costs a
// little. Returns the leaf since the compiler drops calls that do nothing but prefetch.
BTreeNode* BTree::FetchLeaf(const BTreeNode* parent, uint32_t position,
                            const SearchKey& key) const {
  BTreeNode* leaf = parent->Child(position);
  if (node_count_ <= kNodesInCache) return leaf;
  leaf->Prefetch();
  if (position == 0 || position == parent->count) return leaf;
  int64_t low = parent->heads()[position - 1];
  int64_t high = parent->heads()[position];
  float share = static_cast<float>(key.HeadBehind(parent->prefix_size) - low) /
                static_cast<float>(high - low);
  if (!(share >= 0 && share <= 1)) return leaf;
  auto guess = static_cast<uint32_t>(share * static_cast<float>(size_ / node_count_));
  if (guess >= BTreeNode::kMaxCapacity) return leaf;
  __builtin_prefetch(leaf->heads() + guess);
  size_t rest_size = rightmost_->stride != 0 ? rightmost_->stride : sizeof(BTreeNode::Place);
  __builtin_prefetch(leaf->bytes() + rightmost_->rests_offset + guess * rest_size);
  return leaf;
}

BTreeNode* BTree::Descend(const SearchKey& key, Path* path) const {
  pool_->NoteUse(1);
  BTreeNode* node = root_;
  path->depth = 0;
  while (!node->is_leaf()) {
    assert(path->depth + 2 < Path::kMaxDepth);
    uint32_t position = node->ChildPosition(key);
    path->nodes[path->depth] = node;
    path->positions[path->depth++] = position;
    node = node->level == 1 ? FetchLeaf(node, position, key) : node->Child(position);
  }
  path->nodes[path->depth++] = node;
  return node;
}

BTreeNode* BTree::FindLeaf(const SearchKey& key) const {
  pool_->NoteUse(1);
  BTreeNode* node = root_;
  while (!node->is_leaf()) {
    uint32_t position = node->ChildPosition(key);
    node = node->level == 1 ? FetchLeaf(node, position, key) : node->Child(position);
  }
  if (node->is_stub) [[unlikely]]
    return LoadAndFind(key);
  return node;
}

bool BTree::EqualNeighbour(BTreeNode* leaf, uint32_t position, const uint8_t* entry,
                           size_t size) const {
  if (position > 0) {
    if (SameKey(leaf, position - 1, entry, size)) return true;
  } else if (const BTreeNode* left = Left(leaf)) {
    if (SameKey(left, left->count - 1u, entry, size)) return true;
  }
  if (position + 1 < leaf->count) return SameKey(leaf, position + 1, entry, size);
  const BTreeNode* right = Right(leaf);
  return right != nullptr && SameKey(right, 0, entry, size);
}

bool BTree::AppendRightmost(const SearchKey& entry, InsertResult* result) {
  BTreeNode* leaf = rightmost_;
  if (leaf->count == 0 || !leaf->IsBehindAll(entry)) return false;
  if (!leaf->Insert(leaf->count, entry, nullptr)) return false;
  if (!leaf->has_changed) NoteChange(leaf);
  *result = {true, SameKey(leaf, leaf->count - 2u, entry.bytes, entry.size)};
  return true;
}

BTree::InsertResult BTree::Insert(std::string_view key, RowId row) {
  uint8_t entry[kMaxBTreeEntryBytes];
  uint32_t size = MakeBTreeEntry(key, row, entry);
  if (IsEmpty()) root_ = rightmost_ = NewNode(0);
  InsertResult result;
  SearchKey search(entry, size);
  if (AppendRightmost(search, &result)) {
    ++size_;
    ++version_;
    return result;
  }
  Path path;
  for (;;) {
    BTreeNode* leaf = Descend(search, &path);
    if (leaf->is_stub) [[unlikely]] {
      LoadLeaf(leaf);
      if (root_ == nullptr) root_ = rightmost_ = NewNode(0);
      continue;
    }
    bool equal;
    uint32_t position = leaf->LowerBound(search, &equal);
    if (equal) return {false, EqualNeighbour(leaf, position, entry, size)};
    if (leaf->Insert(position, search, nullptr)) {
      if (!leaf->has_changed) NoteChange(leaf);
      ++size_;
      ++version_;
      return {true, EqualNeighbour(leaf, position, entry, size)};
    }
    SplitFrom(&path, path.depth - 1, search);
  }
}

void BTree::GrowRoot(Path* path) {
  BTreeNode* root = NewNode(static_cast<uint8_t>(root_->level + 1));
  root->first_child = root_;
  root_ = root;
  for (uint32_t i = path->depth; i > 0; --i) {
    path->nodes[i] = path->nodes[i - 1];
    path->positions[i] = path->positions[i - 1];
  }
  path->nodes[0] = root;
  path->positions[0] = 0;
  ++path->depth;
}

// Makes node `at` of the path smaller, or one above it that has no room for another separator.
void BTree::SplitFrom(Path* path, uint32_t at, const SearchKey& entry) {
  for (;; --at) {
    // 1. Where, and what separates the two.
    BTreeNode* node = path->nodes[at];
    uint32_t cut;
    uint8_t separator[kMaxBTreeEntryBytes];
    size_t separator_size;
    if (node->is_leaf()) {
      uint8_t before[kMaxBTreeEntryBytes];
      bool equal;
      bool append = node == rightmost_ && node->LowerBound(entry, &equal) == node->count;
      cut = append ? node->count : MiddleOf(node);
      size_t before_size = node->CopyEntry(cut - 1, before);
      size_t whole = entry.size;
      if (append) {
        std::memcpy(separator, entry.bytes, whole);
      } else {
        whole = node->CopyEntry(cut, separator);
      }
      separator_size = CommonPrefix(before, before_size, separator, whole) + 1;
    } else {
      cut = path->positions[at] == node->count ? node->count - 1u : MiddleOf(node);
      separator_size = node->CopyEntry(cut, separator);
    }
    // 2. The parent.
    if (at == 0) {
      GrowRoot(path);
      at = 1;
    }
    BTreeNode* right = NewNode(node->level);
    if (!path->nodes[at - 1]->Insert(path->positions[at - 1], SearchKey(separator, separator_size),
                                     right)) {
      FreeNode(right);
      continue;
    }
    // 3. Moving the entries.
    uint32_t begin = cut;
    if (!node->is_leaf()) {
      right->first_child = node->Child(cut + 1);
      ++begin;
    }
    if (cut == node->count && node->is_leaf()) {
      // Entries that ascend: the next node's will have as much in common as this one's.
      right->ExpectPrefix(entry.bytes, std::min<size_t>(node->prefix_size, separator_size - 1));
    }
    bool fits = right->AppendFrom(*node, begin, node->count, nullptr);
    assert(fits);
    static_cast<void>(fits);
    while (node->count > cut) node->Erase(node->count - 1u);
    if (right->count > 0 && node->count > 1) node->Pack(kMaxBTreeEntryBytes, 0);
    if (node->is_leaf()) {
      right->stored = node->stored;
      if (right->stored != nullptr) ++right->stored->nodes;
      right->left = node;
      right->right = node->right;
      if (right->right != nullptr) right->right->left = right;
      node->right = right;
      if (rightmost_ == node) rightmost_ = right;
    }
    ++version_;
    return;
  }
}

// Erasures often come in the order of the keys, or against it: then the leaf is known. But one that
// may have to be merged is reached from the root.
bool BTree::EraseNearby(const SearchKey& entry) {
  BTreeNode* leaf = last_erased_;
  if (!erases_nearby_ || leaf == nullptr) return false;
  pool_->NoteUse(1);
  if (leaf->UsedBytes() < kMergeBelowBytes + entry.size + sizeof(uint64_t)) return false;
  bool equal;
  uint32_t position = leaf->LowerBound(entry, &equal);
  if (!equal) return false;
  leaf->Erase(position);
  if (!leaf->has_changed) NoteChange(leaf);
  return true;
}

bool BTree::Erase(std::string_view key, RowId row) {
  uint8_t entry[kMaxBTreeEntryBytes];
  uint32_t size = MakeBTreeEntry(key, row, entry);
  SearchKey search(entry, size);
  if (root_ == nullptr) {
    if (stored_ != nullptr && stored_->root.node) NoteErased(entry, size);
    return false;
  }
  if (EraseNearby(search)) {
    --size_;
    ++version_;
    return true;
  }
  Path path;
  BTreeNode* leaf = Descend(search, &path);
  if (leaf->is_stub) [[unlikely]] {
    NoteErased(entry, size);
    return false;
  }
  bool equal;
  uint32_t position = leaf->LowerBound(search, &equal);
  if (!equal) return false;
  leaf->Erase(position);
  if (!leaf->has_changed) NoteChange(leaf);
  --size_;
  ++version_;
  erases_nearby_ = leaf == last_erased_;
  last_erased_ = leaf;
  if (leaf->UsedBytes() < kMergeBelowBytes) Shrink(&path);
  return true;
}

void BTree::Shrink(Path* path) {
  for (uint32_t at = path->depth - 1; at > 0; --at) {
    BTreeNode* node = path->nodes[at];
    bool childless = node->is_leaf() ? node->count == 0 : node->first_child == nullptr;
    if (childless) {
      RemoveChild(path, at);
    } else if (node->UsedBytes() >= kMergeBelowBytes || !MergeWithSibling(path, at)) {
      break;
    }
  }
  while (!root_->is_leaf() && root_->count == 0) {
    BTreeNode* child = root_->first_child;
    FreeNode(root_);
    root_ = child;
    if (root_ == nullptr) break;
  }
  if (root_ != nullptr && root_->is_leaf() && root_->count == 0 && !root_->is_stub) {
    FreeNode(root_);
    root_ = nullptr;
  }
  if (root_ == nullptr) rightmost_ = nullptr;
}

void BTree::RemoveChild(Path* path, uint32_t at) {
  BTreeNode* node = path->nodes[at];
  BTreeNode* parent = path->nodes[at - 1];
  uint32_t position = path->positions[at - 1];
  if (position > 0) {
    parent->Erase(position - 1);
  } else if (parent->count > 0) {
    parent->first_child = parent->Child(1);
    parent->Erase(0);
  } else {
    parent->first_child = nullptr;
  }
  if (node->is_leaf()) {
    if (node->left != nullptr) node->left->right = node->right;
    if (node->right != nullptr) node->right->left = node->left;
    if (rightmost_ == node) rightmost_ = node->left;
  }
  FreeNode(node);
}

bool BTree::MergeWithSibling(Path* path, uint32_t at) {
  BTreeNode* parent = path->nodes[at - 1];
  if (parent->count == 0) return false;
  uint32_t position = path->positions[at - 1];
  uint32_t between = position < parent->count ? position : position - 1;
  BTreeNode* left = parent->Child(between);
  BTreeNode* right = parent->Child(between + 1);
  if (left->is_leaf() && left->stored != right->stored) return false;
  if (left->UsedBytes() + right->UsedBytes() > kMergedBytes) return false;

  alignas(64) uint8_t buffer[kBTreeNodeBytes];
  auto* merged = new (buffer) BTreeNode;
  merged->Reset(left->level);
  merged->left = left->left;
  merged->right = left->is_leaf() ? right->right : nullptr;
  merged->first_child = left->first_child;
  uint8_t separator[kMaxBTreeEntryBytes];
  SearchKey lowest(separator, parent->CopyEntry(between, separator));
  if (!merged->AppendFrom(*left, 0, left->count, nullptr) ||
      !merged->AppendFrom(*right, 0, right->count, left->is_leaf() ? nullptr : &lowest)) {
    return false;
  }
  std::memcpy(static_cast<void*>(left), buffer, kBTreeNodeBytes);
  if (left->is_leaf()) {
    if (left->right != nullptr) left->right->left = left;
    if (rightmost_ == right) rightmost_ = left;
  }
  parent->Erase(between);
  FreeNode(right);
  return true;
}

}  // namespace tupelo
