// storage/btree_listing.cpp: entries leaf by leaf, wherever they are.
#include "storage/btree.h"
#include "storage/btree_node.h"
#include "storage/btree_path.h"

namespace tupelo {

bool BTree::ListLeaf(std::string* from, EntryList* entries) const {
  entries->Clear();
  if (IsEmpty()) return false;
  Path path;
  BTreeNode* leaf = DescendToStub(*from, &path);
  if (leaf->is_stub) {
    ListStub(leaf, path, *from, entries);
  } else {
    uint8_t bytes[kMaxBTreeEntryBytes];
    for (uint32_t i = 0; i < leaf->count; ++i) {
      std::string_view entry(reinterpret_cast<char*>(bytes), leaf->CopyEntry(i, bytes));
      if (entry >= *from) entries->Add(entry);
    }
  }
  *from = path.High();
  return !from->empty();
}

void BTree::ListStub(const BTreeNode* stub, const Path& path, std::string_view from,
                     EntryList* entries) const {
  EntryList stored;
  stored_->source->ReadLeaf(stub->stored->address, &stored);
  std::string low = path.Low(), high = path.High();
  for (size_t i = 0; i < stored.size(); ++i) {
    std::string_view entry = stored[i];
    if (entry < low || (!high.empty() && entry >= high)) {
      stored_->source->ThrowDamagedLeaf(stub->stored->address, "it is the leaf of other keys");
    }
    if (entry >= from && !stored_->erased.contains(entry)) entries->Add(entry);
  }
}

}  // namespace tupelo
