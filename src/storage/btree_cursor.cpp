// storage/btree_cursor.cpp: walking the leaves; in each, the end of the range is searched for once.
#include <cassert>

#include "storage/btree.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"

namespace tupelo {

namespace {
const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

void Assign(std::string_view text, KeyBuffer* buffer) {
  buffer->Clear();
  if (!text.empty()) buffer->Append(text.data(), text.size());
}

RowId RowOf(const BTreeNode* leaf, uint32_t i) {
  static constexpr uint64_t kRowMask = (uint64_t{1} << (8 * kBTreeRowBytes)) - 1;
  uint32_t rest_size = leaf->rest_size(i);
  // The word that ends with the entry may begin before it; other bytes of the node are there.
  uint64_t row = __builtin_bswap64(LoadWord(leaf->rest(i) + rest_size - 8));
  if (rest_size < kBTreeRowBytes) {
    uint32_t behind = 8 * rest_size;
    uint64_t before = __builtin_bswap64(LoadWord(leaf->prefix() + leaf->prefix_size - 8));
    row = before << behind | (row & ((uint64_t{1} << behind) - 1));
  }
  return static_cast<RowId>(row & kRowMask);
}
}  // namespace

bool BTree::LoadMatch(std::string_view key, Match* match) const {
  const BTreeNode* leaf = match->leaf;
  if (match->position >= leaf->count) {
    leaf = match->leaf = Right(const_cast<BTreeNode*>(leaf));
    match->position = 0;
    if (leaf == nullptr) return false;
  }
  uint32_t i = match->position;
  if (leaf->entry_size(i) != key.size() + kBTreeRowBytes) return false;
  size_t in_prefix = leaf->prefix_size < key.size() ? leaf->prefix_size : key.size();
  size_t behind = key.size() - in_prefix;
  if (!EqualBytes(leaf->rest(i), Bytes(key) + in_prefix, behind) ||
      !EqualBytes(leaf->prefix(), Bytes(key), in_prefix)) {
    return false;
  }
  match->row = RowOf(leaf, i);
  return true;
}

bool BTree::FirstMatch(std::string_view key, Match* match) const {
  if (IsEmpty()) return false;
  SearchKey search(Bytes(key), key.size());
  match->leaf = FindLeaf(search);
  if (match->leaf == nullptr) return false;
  bool equal;
  match->position = match->leaf->LowerBound(search, &equal);
  return LoadMatch(key, match);
}

bool BTree::NextMatch(std::string_view key, Match* match) const {
  ++match->position;
  return LoadMatch(key, match);
}

void BTreeCursor::Open(const BTree* tree, std::string_view low, std::string_view high,
                       bool has_high, bool descending) {
  tree_ = tree;
  Assign(low, &low_);
  Assign(high, &high_);
  has_high_ = has_high;
  descending_ = descending;
  started_ = paused_ = false;
  leaf_ = nullptr;
  last_.Clear();
}

void BTreeCursor::LimitUp() {
  bool equal;
  limit_ = has_high_ ? leaf_->LowerBound({high_.data(), high_.size()}, &equal) : leaf_->count;
  last_leaf_ = limit_ < leaf_->count;
}

void BTreeCursor::LimitDown() {
  bool equal;
  limit_ = low_.size() > 0 ? leaf_->LowerBound({low_.data(), low_.size()}, &equal) : 0;
  last_leaf_ = limit_ > 0;
}

void BTreeCursor::SeekUp(std::string_view from, bool after) {
  leaf_ = nullptr;
  if (tree_->IsEmpty()) return;
  SearchKey search(Bytes(from), from.size());
  leaf_ = tree_->FindLeaf(search);
  if (leaf_ == nullptr) return;
  bool equal;
  position_ = leaf_->LowerBound(search, &equal);
  if (equal && after) ++position_;
  LimitUp();
}

void BTreeCursor::SeekDown(std::string_view before) {
  leaf_ = nullptr;
  if (tree_->IsEmpty()) return;
  SearchKey search(Bytes(before), before.size());
  leaf_ = tree_->FindLeaf(search);
  if (leaf_ == nullptr) return;
  bool equal;
  position_ = leaf_->LowerBound(search, &equal);
  LimitDown();
}

bool BTreeCursor::Next() {
  if (!started_ || (paused_ && leaf_ != nullptr && version_ != tree_->version())) {
    bool again = started_ && last_.size() > 0;
    started_ = true;
    if (!descending_) {
      SeekUp(again ? last_.view() : low_.view(), again);
    } else if (again || has_high_) {
      SeekDown(again ? last_.view() : high_.view());
    } else {
      leaf_ = tree_->Rightmost();
      if (leaf_ != nullptr) {
        position_ = leaf_->count;
        LimitDown();
      }
    }
  }
  paused_ = false;
  return Step();
}

bool BTreeCursor::Step() {
  while (leaf_ != nullptr) {
    if (!descending_) {
      if (position_ < limit_) {
        current_ = position_++;
        return true;
      }
      leaf_ = last_leaf_ ? nullptr : tree_->Right(const_cast<BTreeNode*>(leaf_));
      if (leaf_ == nullptr) return false;
      position_ = 0;
      LimitUp();
    } else {
      if (position_ > limit_) {
        current_ = --position_;
        return true;
      }
      leaf_ = last_leaf_ ? nullptr : tree_->Left(const_cast<BTreeNode*>(leaf_));
      if (leaf_ == nullptr) return false;
      position_ = leaf_->count;
      LimitDown();
    }
  }
  return false;
}

RowId BTreeCursor::row() const { return RowOf(leaf_, current_); }

std::string_view BTreeCursor::key() const {
  key_.Clear();
  uint32_t size = leaf_->entry_size(current_);
  leaf_->CopyEntry(current_, key_.Extend(size));
  return key_.view().substr(0, size - kBTreeRowBytes);
}

void BTreeCursor::Pause() {
  if (leaf_ == nullptr || !started_ || paused_) return;
  paused_ = true;
  version_ = tree_->version();
  last_.Clear();
  leaf_->CopyEntry(current_, last_.Extend(leaf_->entry_size(current_)));
}

}  // namespace tupelo
