// storage/btree_writing.cpp: leaves that go to the file.
//
// A checkpoint goes from the least entry to the greatest, a few leaves at a time; between two steps
// the tree changes. What it has passed stays passed: nodes that come to lie there hold entries that
// are not part of what is written.
#include <algorithm>
#include <cassert>

#include "storage/btree.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"

namespace tupelo {

namespace {

// Leaves that have not changed and are passed in one step.
constexpr int kMostPassed = 256;

void AddLeaf(std::string_view low, const ExtentAddress& address, BTreeWriting* writing) {
  if (!writing->leaves.empty()) writing->separators.Add(low);
  writing->leaves.push_back(address);
}

// Whether a node's entries are to be written, wherever they were.
bool IsWritten(const BTreeNode& node, const BTreeWriting& writing) {
  const StoredLeaf* stored = node.stored;
  return stored == nullptr || stored->has_changed || writing.IsMoved(stored->address);
}

// What is written of neighbouring nodes.
struct Kept {
  std::vector<BTreeNode*> nodes;
  std::vector<size_t> ends;  // entries kept up to each node's end
  std::vector<size_t> seen;  // and those that were there
  EntryList entries;
};

Kept KeptOf(BTreeNode* leaf, const KeepsEntry& keeps, const BTreeWriting& writing) {
  Kept kept;
  size_t seen = 0;
  for (BTreeNode* node = leaf; node != nullptr; node = node->right) {
    if (node->is_stub || !IsWritten(*node, writing)) break;
    if (seen > 0 && seen + node->count > writing.enough_entries) break;
    uint8_t bytes[kMaxBTreeEntryBytes];
    for (uint32_t i = 0; i < node->count; ++i) {
      std::string_view entry(reinterpret_cast<char*>(bytes), node->CopyEntry(i, bytes));
      if (keeps(entry)) kept.entries.Add(entry);
    }
    seen += node->count;
    kept.nodes.push_back(node);
    kept.ends.push_back(kept.entries.size());
    kept.seen.push_back(seen);
  }
  return kept;
}

// Leaves as many nodes as one leaf has room for.
void EncodePart(Kept* kept, ByteVector* payload, BTreeWriting* writing) {
  if (kept->entries.empty()) return;
  size_t count = EncodeLeaf(kept->entries, 0, kMostLeafBytes, payload);
  const bool is_all = count == kept->entries.size();
  writing->enough_entries =
      std::min(kMostLeafEntries, is_all ? 2 * writing->enough_entries : count + count / 4 + 1);
  if (is_all) return;
  size_t nodes = kept->nodes.size();
  while (nodes > 1 && kept->ends[nodes - 1] > count) --nodes;
  kept->nodes.resize(nodes);
  payload->clear();
  EntryList fewer;
  for (size_t i = 0; i < kept->ends[nodes - 1]; ++i) fewer.Add(kept->entries[i]);
  if (fewer.empty()) return;
  [[maybe_unused]] size_t all = EncodeLeaf(fewer, 0, kMaxExtentPayload, payload);
  assert(all == fewer.size());
}

}  // namespace

bool BTree::IsAsStored() const {
  return root_ == nullptr && stored_ != nullptr && stored_->root.node && stored_->erased.empty();
}

// The first leaf that was not passed; nullptr: there is none.
BTreeNode* BTree::NextLeaf(Path* path, BTreeWriting* writing) {
  if (root_ == nullptr) return nullptr;
  BTreeNode* leaf = DescendToStub(writing->position, path);
  while (path->Low() < writing->position) {
    writing->position = path->High();
    if (writing->position.empty()) return nullptr;
    leaf = DescendToStub(writing->position, path);
  }
  return leaf;
}

// Behind a leaf.
static void Pass(const std::string& high, BTreeWriting* writing) {
  writing->position = high;
  writing->is_done = high.empty();
}

void BTree::PassUnchanged(BTreeNode* leaf, Path* path, BTreeWriting* writing) {
  AddLeaf(path->Low(), leaf->stored->address, writing);
  BTreeNode* last = leaf;
  while (last->right != nullptr && last->right->stored == leaf->stored) last = last->right;
  if (last != leaf) {
    uint8_t entry[kMaxBTreeEntryBytes];
    DescendToStub({reinterpret_cast<char*>(entry), last->CopyEntry(0, entry)}, path);
  }
  Pass(path->High(), writing);
}

void BTree::WritePart(BTreeNode* leaf, Path* path, const KeepsEntry& keeps,
                      const WritesLeaf& writes, BTreeWriting* writing) {
  std::string low = path->Low();
  Kept kept = KeptOf(leaf, keeps, *writing);
  ByteVector payload;
  EncodePart(&kept, &payload, writing);
  size_t last = kept.nodes.size() - 1;
  auto stored = std::make_unique<StoredLeaf>();
  stored->has_changed = kept.ends[last] < kept.seen[last];
  writing->leaves.reserve(writing->leaves.size() + 1);
  if (!payload.empty()) {
    stored->address = writes(payload);
    AddLeaf(low, stored->address, writing);
  }
  stored->nodes = static_cast<uint32_t>(kept.nodes.size());
  for (BTreeNode* node : kept.nodes) {
    if (node->stored != nullptr) {
      node->stored->has_changed = true;  // of what may be left of it
      ReleaseStored(node->stored);
    }
    node->stored = stored.get();
    node->has_changed = false;
  }
  stored.release();
  uint8_t entry[kMaxBTreeEntryBytes];
  DescendToStub({reinterpret_cast<char*>(entry), kept.nodes[last]->CopyEntry(0, entry)}, path);
  Pass(path->High(), writing);
}

// What is to be read before `leaf` is written: itself, or what is to be joined with it. nullptr:
// nothing.
static BTreeNode* FindStub(BTreeNode* leaf, const BTreeWriting& writing) {
  size_t seen = 0;
  for (BTreeNode* node = leaf; node != nullptr && seen < writing.enough_entries;
       node = writing.joins ? node->right : nullptr) {
    if (!IsWritten(*node, writing)) return nullptr;
    if (node->is_stub) return node;
    seen += node->count;
  }
  return nullptr;
}

void BTree::WriteSome(BTreeSource* source, const KeepsEntry& keeps, const WritesLeaf& writes,
                      BTreeWriting* writing) {
  if (stored_ == nullptr) stored_ = std::make_unique<StoredTree>();
  stored_->source = source;
  Path path;
  if (!IsEmpty() && !stored_->erased.empty()) {
    BTreeNode* leaf = DescendToStub(*stored_->erased.begin(), &path);
    if (leaf->is_stub) {
      LoadLeaf(leaf);
    } else {
      stored_->erased.erase(stored_->erased.begin());
    }
    return;
  }
  for (int passed = 0; passed < kMostPassed && !writing->is_done; ++passed) {
    BTreeNode* leaf = NextLeaf(&path, writing);
    if (leaf == nullptr) {
      writing->is_done = true;
    } else if (!IsWritten(*leaf, *writing)) {
      PassUnchanged(leaf, &path, writing);
    } else if (BTreeNode* stub = FindStub(leaf, *writing)) {
      return LoadLeaf(stub);
    } else {
      return WritePart(leaf, &path, keeps, writes, writing);
    }
  }
}

}  // namespace tupelo
