// txn/stored_index.cpp: nodes to extents and back.
#include "txn/stored_index.h"

#include <algorithm>
#include <utility>

#include "storage/block_cache.h"
#include "storage/btree_node.h"
#include "storage/tail_moves.h"
#include "txn/undo.h"
#include "txn/version_keys.h"

namespace tupelo {

namespace {

constexpr size_t kMostChildren = 1024;

}  // namespace

// Whether the version that a checkpoint's view sees has the key of an entry. What is not in memory
// is as it was written.
bool Table::EntryIsWritten(const ReadView& view, const Index& index, std::string_view entry) {
  RowId row = RowOfEntry(entry);
  const Stripe* stripe = store_.ResidentStripe(RowStore::StripeNumber(row));
  if (stripe == nullptr) return true;
  uint32_t slot = RowStore::SlotOf(row);
  if (stripe->Chain(slot) == nullptr) return stripe->IsLive(slot);
  return EntryIsSeen(view, row, index, entry.substr(0, entry.size() - kBTreeRowBytes), &key_);
}

// Entries of versions that only older readers see stay in the trees until those have gone: leaves
// that have them differ from what is written.
void Table::MarkOldKeys(RowId row) {
  const UndoRecord* newest = store_.StripeOf(row)->Chain(RowStore::SlotOf(row));
  for (const std::unique_ptr<Index>& index : indexes_) {
    VersionKeys keys(store_, *index, row);
    keys.MakeKey(&key_);
    index->tree_.MarkChanged(key_.view(), row);
    for (const UndoRecord* record = newest; record != nullptr; record = record->older) {
      if (!keys.Changes(*record)) continue;
      keys.StepOver(*record);
      keys.MakeKey(&key_);
      index->tree_.MarkChanged(key_.view(), row);
    }
  }
}

void TransactionManager::MarkOldKeys() {
  for (const UndoLog* log = waiting_first_; log != nullptr; log = log->next_waiting) {
    log->ForEach([](UndoRecord& record) {
      Table* table = record.writes->table;
      if (table == nullptr || record.forgotten || record.kind == UndoKind::kInsert) return;
      if (table->stored_number() != 0) table->MarkOldKeys(record.row);
    });
  }
}

void StoredIndex::Attach(Table* table, Index* index) {
  if (!root_.node && table->committed_row_count() > 0) ThrowDamaged("an index has no entries");
  used_rows_ = table->used_row_count();
  index->tree_.Attach(this, root_, table->committed_row_count(), table->manager_->cache().latch());
}

// Reading ------------------------------------------------------------

void StoredIndex::ReadLeaf(const ExtentAddress& address, EntryList* entries) {
  std::span<const uint8_t> payload = file_->Read(address, ExtentKind::kTreeLeaf, &buffer_);
  file_->Decoding(address, [&] {
    DecodeLeaf(payload, entries);
    for (size_t i = 0; i < entries->size(); ++i) {
      if (static_cast<uint64_t>(RowOfEntry((*entries)[i])) >= used_rows_) {
        ThrowDamaged("an index has an entry of a row that there is not");
      }
    }
  });
}

void StoredIndex::ReadInner(const ExtentAddress& address, EntryList* separators,
                            std::vector<ExtentAddress>* children) {
  std::span<const uint8_t> payload = file_->Read(address, ExtentKind::kTreeInner, &buffer_);
  file_->Decoding(address, [&] { DecodeInner(payload, separators, children); });
}

void StoredIndex::ThrowDamagedLeaf(const ExtentAddress& address, const char* what) {
  file_->ThrowDamaged(address, what);
}

void StoredIndex::KnowNodes() {
  if (is_known_) return;
  inner_.clear();
  leaves_.clear();
  CollectNodes(root_.node, root_.level);
  is_known_ = true;
}

void StoredIndex::CollectNodes(const ExtentAddress& node, uint8_t level) {
  if (!node) return;
  if (level == 0) {
    leaves_.push_back(node);
    return;
  }
  inner_.push_back(node);
  EntryList separators;
  std::vector<ExtentAddress> children;
  ReadInner(node, &separators, &children);
  for (const ExtentAddress& child : children) {
    CollectNodes(child, static_cast<uint8_t>(level - 1));
  }
}

// Writing ------------------------------------------------------------

void StoredIndex::Begin(const TailMoves& moves) {
  writing_ = BTreeWriting();
  auto found = moves.leaves.find({object_, number_});
  writing_.moved = found == moves.leaves.end() ? nullptr : &found->second;
  writing_.joins = moves.joins_leaves;
  moves_inner_ = moves.inner_nodes.contains({object_, number_});
}

ExtentAddress StoredIndex::WriteNode(ExtentKind kind, std::span<const uint8_t> payload) {
  ExtentAddress address = file_->Allocate(payload.size());
  try {
    file_->Write(address, kind, {object_, number_}, payload);
  } catch (...) {
    file_->Free(address);
    throw;
  }
  return address;
}

bool StoredIndex::WriteSome(Table* table, Index* index, const ReadView& view) {
  BTree& tree = index->tree_;
  const bool moves = writing_.moved != nullptr || writing_.joins || moves_inner_;
  // The tree is looked at where something of it is to be moved, read or not.
  if (!moves && tree.IsAsStored()) return false;
  // Rows come to be used whose entries are written, if not this time.
  used_rows_ = UINT64_MAX;
  KnowNodes();
  auto keeps = [&](std::string_view entry) { return table->EntryIsWritten(view, *index, entry); };
  auto writes = [&](std::span<const uint8_t> payload) {
    return WriteNode(ExtentKind::kTreeLeaf, payload);
  };
  tree.WriteSome(this, keeps, writes, &writing_);
  if (!writing_.is_done) return true;
  if (writing_.leaves != leaves_ || moves_inner_) WriteInnerNodes();
  for (const ExtentAddress& leaf : tree.TakeUnneeded()) file_->Free(leaf);
  return false;
}

// From below: each level has what separates its nodes.
void StoredIndex::WriteInnerNodes() {
  std::vector<ExtentAddress> nodes = writing_.leaves, written;
  EntryList separators = writing_.separators;
  uint8_t level = 0;
  try {
    while (nodes.size() > 1) {
      std::vector<ExtentAddress> above;
      EntryList between;
      for (size_t first = 0; first < nodes.size(); first += kMostChildren) {
        size_t end = std::min(first + kMostChildren, nodes.size());
        EntryList own;
        for (size_t i = first; i + 1 < end; ++i) own.Add(separators[i]);
        if (first > 0) between.Add(separators[first - 1]);
        ByteVector payload;
        EncodeInner(own, std::span(nodes).subspan(first, end - first), &payload);
        written.push_back(WriteNode(ExtentKind::kTreeInner, payload));
        above.push_back(written.back());
      }
      nodes = std::move(above);
      separators = std::move(between);
      ++level;
    }
  } catch (...) {
    for (const ExtentAddress& address : written) file_->Free(address);
    throw;
  }
  for (const ExtentAddress& address : inner_) file_->Free(address);
  inner_ = std::move(written);
  leaves_ = writing_.leaves;
  root_ = {nodes.empty() ? ExtentAddress() : nodes[0], level};
}

void StoredIndex::AddExtents(std::vector<ExtentAddress>* extents) {
  KnowNodes();
  extents->insert(extents->end(), leaves_.begin(), leaves_.end());
  extents->insert(extents->end(), inner_.begin(), inner_.end());
}

void StoredIndex::Remove(Index* index) {
  KnowNodes();
  std::vector<ExtentAddress> all = leaves_;
  if (index != nullptr) {
    index->tree_.LoadAll();
    // Of those that were written since the last root.
    std::vector<ExtentAddress> unneeded = index->tree_.TakeUnneeded();
    all.insert(all.end(), unneeded.begin(), unneeded.end());
  }
  std::ranges::sort(all, {}, &ExtentAddress::first_page);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const ExtentAddress& address : all) file_->Free(address);
  for (const ExtentAddress& address : inner_) file_->Free(address);
  root_ = {};
  inner_.clear();
  leaves_.clear();
}

}  // namespace tupelo
