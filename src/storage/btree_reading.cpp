// storage/btree_reading.cpp: the entries of a tree one leaf after the other, as they are wanted by
// who copies them.
#include "storage/btree.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"

namespace tupelo {

// Leaves that hold others than those between two separators would be copied twice, or not at all.
void BTree::ReadStub(const BTreeNode* stub, const Path& path, EntryList* entries) const {
  const ExtentAddress& address = stub->stored->address;
  stored_->source->ReadLeaf(address, entries);
  std::string low = path.Low(), high = path.High();
  bool is_within = (*entries)[0] >= low && (high.empty() || (*entries)[entries->size() - 1] < high);
  if (!is_within) stored_->source->ThrowDamagedLeaf(address, "it is the leaf of other keys");
}

bool BTree::ReadSome(const KeepsEntry& keeps, std::string* position, EntryList* entries) const {
  if (IsEmpty()) return false;
  Path path;
  const BTreeNode* leaf = DescendToStub(*position, &path);
  // Leaves that have become one since the last call may begin before it.
  auto add = [&](std::string_view entry) {
    if (entry >= *position && keeps(entry)) entries->Add(entry);
  };
  if (leaf->is_stub) {
    EntryList read;
    ReadStub(leaf, path, &read);
    for (size_t i = 0; i < read.size(); ++i) {
      if (!stored_->erased.contains(read[i])) add(read[i]);
    }
  } else {
    uint8_t bytes[kMaxBTreeEntryBytes];
    for (uint32_t i = 0; i < leaf->count; ++i) {
      add({reinterpret_cast<char*>(bytes), leaf->CopyEntry(i, bytes)});
    }
  }
  *position = path.High();
  return !position->empty();
}

}  // namespace tupelo
