// storage/btree_loading.cpp: readers that come to a leaf which is in the file: each loads alone,
// and may find that another one has done it meanwhile.
#include "base/shared_latch.h"
#include "storage/btree.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"

namespace tupelo {

BTreeNode* BTree::LoadAndFind(const SearchKey& key) const {
  {
    LoadGuard guard(stored_->latch);
    Path path;
    BTreeNode* leaf =
        root_ == nullptr
            ? nullptr
            : DescendToStub({reinterpret_cast<const char*>(key.bytes), key.size}, &path);
    if (leaf != nullptr && leaf->is_stub) const_cast<BTree*>(this)->LoadLeaf(leaf);
  }
  return root_ == nullptr ? nullptr : FindLeaf(key);
}

BTreeNode* BTree::LoadedRight(BTreeNode* leaf) const {
  LoadGuard guard(stored_->latch);
  while (leaf->right != nullptr && leaf->right->is_stub) {
    const_cast<BTree*>(this)->LoadLeaf(leaf->right);
  }
  return leaf->right;
}

BTreeNode* BTree::LoadedLeft(BTreeNode* leaf) const {
  LoadGuard guard(stored_->latch);
  while (leaf->left != nullptr && leaf->left->is_stub) {
    const_cast<BTree*>(this)->LoadLeaf(leaf->left);
  }
  return leaf->left;
}

BTreeNode* BTree::Rightmost() const {
  if (IsEmpty()) return nullptr;
  if (!rightmost_->is_stub) return rightmost_;
  LoadGuard guard(stored_->latch);
  while (rightmost_ != nullptr && rightmost_->is_stub) {
    const_cast<BTree*>(this)->LoadLeaf(rightmost_);
  }
  return rightmost_;
}

}  // namespace tupelo
