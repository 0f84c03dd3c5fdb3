// storage/btree_stored.cpp: leaves that come from the file when they are wanted.
#include "storage/btree_stored.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

#include "base/shared_latch.h"
#include "buffer/extent_pool.h"
#include "storage/btree.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"

namespace tupelo {

namespace {

constexpr uint8_t kMostStoredLevels = 8;

SearchKey KeyOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string SeparatorAt(const BTreeNode* node, uint32_t i) {
  std::string separator(node->entry_size(i), '\0');
  node->CopyEntry(i, reinterpret_cast<uint8_t*>(separator.data()));
  return separator;
}

// The shortest beginning of `entry` that is more than the entry before it.
std::string_view Separate(std::string_view before, std::string_view entry) {
  size_t common = CommonPrefix(reinterpret_cast<const uint8_t*>(before.data()), before.size(),
                               reinterpret_cast<const uint8_t*>(entry.data()), entry.size());
  return entry.substr(0, common + 1);
}

}  // namespace

std::string BTree::Path::Low() const {
  for (uint32_t i = depth - 1; i > 0; --i) {
    if (positions[i - 1] > 0) return SeparatorAt(nodes[i - 1], positions[i - 1] - 1);
  }
  return {};
}

std::string BTree::Path::High() const {
  for (uint32_t i = depth - 1; i > 0; --i) {
    if (positions[i - 1] < nodes[i - 1]->count) {
      return SeparatorAt(nodes[i - 1], positions[i - 1]);
    }
  }
  return {};
}

void BTree::Attach(BTreeSource* source, const StoredTreeRoot& root, uint64_t entries,
                   SharedLatch* latch) {
  assert(root_ == nullptr && stored_ == nullptr);
  stored_ = std::make_unique<StoredTree>();
  stored_->source = source;
  stored_->latch = latch;
  stored_->root = root;
  size_ = entries;
}

void BTree::ReleaseStored(StoredLeaf* leaf) {
  if (--leaf->nodes > 0) return;
  leaf->next = stored_->unneeded;
  stored_->unneeded = leaf;
}

std::vector<ExtentAddress> BTree::TakeUnneeded() {
  std::vector<ExtentAddress> addresses;
  if (stored_ == nullptr) return addresses;
  for (const StoredLeaf* leaf = stored_->unneeded; leaf != nullptr; leaf = leaf->next) {
    if (leaf->address) addresses.push_back(leaf->address);
  }
  ForgetUnneeded();
  return addresses;
}

void BTree::ForgetUnneeded() {
  while (StoredLeaf* leaf = stored_->unneeded) {
    stored_->unneeded = leaf->next;
    delete leaf;
  }
}

// Stubs ------------------------------------------------------------

BTreeNode* BTree::NewStub(const ExtentAddress& address) {
  auto stored = std::make_unique<StoredLeaf>();
  stored->address = address;
  stored->nodes = 1;
  auto* node = new (pool_->Allocate(sizeof(BTreeNode))) BTreeNode;
  node->Reset(0);
  node->left = node->right = nullptr;
  node->is_stub = true;
  node->stored = stored.release();
  ++node_count_;
  return node;
}

// Puts `child` behind all others below edge[level], the last nodes of all levels.
void BTree::AppendChild(std::vector<BTreeNode*>* edge, size_t level, std::string_view separator,
                        BTreeNode* child) {
  if (level == edge->size()) {
    BTreeNode* root = NewNode(static_cast<uint8_t>(level));
    root->first_child = edge->back();
    edge->push_back(root);
  }
  BTreeNode* parent = (*edge)[level];
  if (parent->Insert(parent->count, KeyOf(separator), child)) return;
  BTreeNode* right = NewNode(static_cast<uint8_t>(level));
  right->first_child = child;
  try {
    AppendChild(edge, level + 1, separator, right);
  } catch (...) {
    FreeNode(right);
    throw;
  }
  (*edge)[level] = right;
}

// All leaves of the stored tree, and what separates them.
void BTree::ReadSeparators(const ExtentAddress& node, uint8_t level, EntryList* separators,
                           std::vector<ExtentAddress>* leaves) const {
  if (level == 0) {
    leaves->push_back(node);
    return;
  }
  EntryList own;
  std::vector<ExtentAddress> children;
  stored_->source->ReadInner(node, &own, &children);
  for (size_t i = 0; i < children.size(); ++i) {
    if (i > 0) {
      bool ascends = separators->empty() || (*separators)[separators->size() - 1] < own[i - 1];
      if (!ascends) stored_->source->ThrowDamagedLeaf(node, "its separators are another node's");
      separators->Add(own[i - 1]);
    }
    ReadSeparators(children[i], static_cast<uint8_t>(level - 1), separators, leaves);
  }
}

// Makes the inner nodes, and a stub for each leaf. False: there are no entries.
bool BTree::LoadRoot() {
  if (!stored_->root.node) return false;
  LoadGuard guard(stored_->latch);
  StoredTreeRoot root = stored_->root;
  if (!root.node) return root_ != nullptr;  // another reader has loaded it
  if (root.level > kMostStoredLevels) {
    stored_->source->ThrowDamagedLeaf(root.node, "a tree has too many levels");
  }
  EntryList separators;
  std::vector<ExtentAddress> leaves;
  ReadSeparators(root.node, root.level, &separators, &leaves);
  std::vector<BTreeNode*> edge;
  edge.reserve(Path::kMaxDepth);
  edge.push_back(NewStub(leaves[0]));
  BTreeNode* stub = nullptr;
  try {
    for (size_t i = 1; i < leaves.size(); ++i) {
      stub = NewStub(leaves[i]);
      AppendChild(&edge, 1, separators[i - 1], stub);
      stub->left = edge[0];
      edge[0]->right = stub;
      edge[0] = std::exchange(stub, nullptr);
    }
  } catch (...) {
    // Their leaves are needed still.
    if (stub != nullptr) FreeNode(stub);
    FreeTree(edge.back());
    ForgetUnneeded();
    throw;
  }
  root_ = edge.back();
  rightmost_ = edge[0];
  stored_->root = {};
  return true;
}

// Loading ------------------------------------------------------------

// The leaf in whose range `key` lies, a stub or not. REQUIRES: root_ is there.
BTreeNode* BTree::DescendToStub(std::string_view key, Path* path) const {
  pool_->NoteUse(1);
  SearchKey search = KeyOf(key);
  BTreeNode* node = root_;
  path->depth = 0;
  while (!node->is_leaf()) {
    uint32_t position = node->ChildPosition(search);
    path->nodes[path->depth] = node;
    path->positions[path->depth++] = position;
    node = node->Child(position);
  }
  path->nodes[path->depth++] = node;
  return node;
}

// Leaves of `entries`, with what separates each from the one before it.
void BTree::MakeLeaves(const EntryList& entries, const std::set<std::string>& without,
                       std::vector<BTreeNode*>* leaves, std::vector<std::string>* separators) {
  std::string_view before;
  for (size_t i = 0; i < entries.size(); ++i) {
    std::string_view entry = entries[i];
    if (!without.empty() && without.contains(std::string(entry))) continue;
    SearchKey key = KeyOf(entry);
    if (leaves->empty() || !leaves->back()->Insert(leaves->back()->count, key, nullptr)) {
      leaves->reserve(leaves->size() + 1);
      separators->emplace_back(Separate(before, entry));
      BTreeNode* leaf = NewNode(0);
      if (!leaves->empty()) {
        size_t prefix = leaves->back()->prefix_size;
        leaf->ExpectPrefix(key.bytes, std::min(prefix, separators->back().size() - 1));
        leaf->left = leaves->back();
        leaves->back()->right = leaf;
      }
      leaves->push_back(leaf);
      bool fits = leaf->Insert(0, key, nullptr);
      assert(fits);
      static_cast<void>(fits);
    }
    before = entry;
  }
}

// Replaces a leaf by another one that has the same place.
void BTree::ReplaceLeaf(const Path& path, BTreeNode* leaf, BTreeNode* first, BTreeNode* last) {
  if (path.depth == 1) {
    root_ = first;
  } else {
    path.nodes[path.depth - 2]->SetChild(path.positions[path.depth - 2], first);
  }
  first->left = leaf->left;
  last->right = leaf->right;
  if (first->left != nullptr) first->left->right = first;
  if (last->right != nullptr) last->right->left = last;
  if (rightmost_ == leaf) rightmost_ = last;
}

// Makes `leaf` the child behind the one whose range `separator` lies in.
void BTree::InsertChild(std::string_view separator, BTreeNode* leaf) {
  for (;;) {
    Path path;
    DescendToStub(separator, &path);
    if (path.depth == 1) GrowRoot(&path);
    uint32_t parent = path.depth - 2;
    if (path.nodes[parent]->Insert(path.positions[parent], KeyOf(separator), leaf)) return;
    SplitFrom(&path, parent, KeyOf(separator));
  }
}

void BTree::LoadLeaf(BTreeNode* stub) {
  StoredLeaf* stored = stub->stored;
  EntryList entries;
  stored_->source->ReadLeaf(stored->address, &entries);
  Path path;
  if (DescendToStub(entries[entries.size() - 1], &path) != stub ||
      DescendToStub(entries[0], &path) != stub) {
    stored_->source->ThrowDamagedLeaf(stored->address, "it is the leaf of other keys");
  }
  // 1. What was erased meanwhile.
  std::set<std::string> erased;
  std::string high = path.High();
  auto from = stored_->erased.lower_bound(path.Low());
  auto to = high.empty() ? stored_->erased.end() : stored_->erased.lower_bound(high);
  erased.insert(from, to);
  // 2. The leaves.
  std::vector<BTreeNode*> leaves;
  std::vector<std::string> separators;
  size_t placed = 0;
  size_t kept = 0;
  try {
    MakeLeaves(entries, erased, &leaves, &separators);
    for (BTreeNode* leaf : leaves) {
      leaf->stored = stored;
      kept += leaf->count;
    }
    if (leaves.empty() && stub == root_) {
      FreeNode(stub);
      root_ = rightmost_ = nullptr;
    } else if (leaves.empty()) {
      Shrink(&path);  // frees the stub
    } else {
      ReplaceLeaf(path, stub, leaves.front(), leaves.back());
      for (placed = 1; placed < leaves.size(); ++placed) {
        InsertChild(separators[placed], leaves[placed]);
      }
    }
  } catch (...) {
    Unload(stub, leaves, separators, placed);
    throw;
  }
  if (!leaves.empty()) {
    stored->nodes += static_cast<uint32_t>(leaves.size());
    if (kept < entries.size()) stored->has_changed = true;
    FreeNode(stub);
  }
  size_ -= entries.size() - kept;
  stored_->erased.erase(from, to);
}

// Memory has run out while `leaves` took the place of a stub: they go, `placed` of them from the
// tree.
void BTree::Unload(BTreeNode* stub, const std::vector<BTreeNode*>& leaves,
                   const std::vector<std::string>& separators, size_t placed) {
  Path path;
  for (BTreeNode* leaf : leaves) leaf->stored = nullptr;
  for (size_t i = placed; i > 1; --i) {
    BTreeNode* leaf = DescendToStub(separators[i - 1], &path);
    leaf->count = 0;
    Shrink(&path);
  }
  if (placed > 0) {
    DescendToStub(separators[0], &path);
    BTreeNode* left = stub->left;
    BTreeNode* right = stub->right;
    ReplaceLeaf(path, leaves[0], stub, stub);
    stub->left = left;
    stub->right = right;
    if (left != nullptr) left->right = stub;
    if (right != nullptr) right->left = stub;
    if (right == nullptr) rightmost_ = stub;
    FreeNode(leaves[0]);
  }
  for (size_t i = std::max<size_t>(placed, placed == 0 ? 0 : 1); i < leaves.size(); ++i) {
    FreeNode(leaves[i]);
  }
}

void BTree::NoteErased(const uint8_t* entry, size_t size) {
  stored_->erased.emplace(reinterpret_cast<const char*>(entry), size);
}

void BTree::LoadAll() {
  if (IsEmpty()) return;
  BTreeNode* leaf = rightmost_;
  while (leaf != nullptr) {
    if (leaf->is_stub) {
      BTreeNode* right = leaf->right;
      LoadLeaf(leaf);
      leaf = right != nullptr ? right->left : rightmost_;
    } else {
      leaf = leaf->left;
    }
  }
}

void BTree::Detach() {
  LoadAll();
  for (BTreeNode* leaf = rightmost_; leaf != nullptr; leaf = leaf->left) {
    if (leaf->stored != nullptr) ReleaseStored(std::exchange(leaf->stored, nullptr));
  }
  if (stored_ == nullptr) return;
  ForgetUnneeded();
  stored_.reset();
}

void BTree::NoteChange(BTreeNode* leaf) {
  leaf->has_changed = true;
  if (leaf->stored != nullptr) leaf->stored->has_changed = true;
}

void BTree::MarkChanged(std::string_view key, RowId row) {
  uint8_t bytes[kMaxBTreeEntryBytes];
  std::string_view entry(reinterpret_cast<char*>(bytes), MakeBTreeEntry(key, row, bytes));
  while (!IsEmpty()) {
    Path path;
    BTreeNode* leaf = DescendToStub(entry, &path);
    if (!leaf->is_stub) return NoteChange(leaf);
    LoadLeaf(leaf);
  }
}

}  // namespace tupelo
