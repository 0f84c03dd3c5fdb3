// txn/stored_copy.cpp: tables and indexes that go from one file, or from memory, to another file;
// and out of one.
#include <algorithm>
#include <utility>

#include "base/large_vector.h"
#include "storage/btree_node.h"
#include "txn/stored_index.h"
#include "txn/stored_table.h"

namespace tupelo {

// Rows ------------------------------------------------------------

void StoredTable::BeginCopy(uint32_t segment, uint32_t columns) {
  next_ = Next();
  next_.page.number = segment;
  next_.columns = columns;
}

// Blocks that are read for this leave again where there is too much in memory. What the stripe says
// of its changes since a checkpoint is another file's business.
void StoredTable::CopyStripe(const Table& table, uint32_t number, const ReadView& view) {
  const RowStore& store = table.store_;
  Stripe* stripe = store.stripe(number);
  std::vector<uint16_t> read;
  for (uint32_t c = 0; c < std::min(next_.columns, stripe->columns.size()); ++c) {
    if (store.is_dropped(c) || stripe->columns[c].data != nullptr) continue;
    store.ColumnOf(*stripe, c);
    read.push_back(static_cast<uint16_t>(c));
  }
  PrepareStripe(table, number, view);
  NoteColumns(table);
  store.Leave(stripe, read);
}

uint64_t StoredTable::FinishCopy() {
  uint64_t rows = 0;
  for (const StoredStripe& stripe : next_.page.stripes) rows += stripe.live_rows;
  if (rows > 0) {
    WriteBlocks();
    next_.address = directory_.StorePage(next_.page);
    next_.written.push_back(next_.address);
    directory_.SetPage(next_.page, next_.address);
  }
  next_ = Next();
  return rows;
}

uint64_t StoredTable::DetachSegment(Table* table, uint32_t segment) {
  return table->store_.DetachSegment(segment);
}

void StoredTable::Detach(Table* table) { table->store_.Detach(); }

// Entries ------------------------------------------------------------

namespace {

// Entries that are gathered at once, with the latch.
constexpr size_t kGathered = 4096;

// The shortest beginning of `entry` that is more than the entry before it.
std::string_view Separate(std::string_view before, std::string_view entry) {
  size_t common = CommonPrefix(reinterpret_cast<const uint8_t*>(before.data()), before.size(),
                               reinterpret_cast<const uint8_t*>(entry.data()), entry.size());
  return entry.substr(0, common + 1);
}

}  // namespace

bool StoredIndex::CopySome(Table* table, const Index& index, const ReadView& view) {
  is_known_ = true;
  auto keeps = [&](std::string_view entry) { return table->EntryIsWritten(view, index, entry); };
  size_t enough = copied_.size() + kGathered;
  while (copied_.size() < enough) {
    if (!index.tree_.ReadSome(keeps, &writing_.position, &copied_)) return false;
  }
  return true;
}

// As many leaves as there are entries for; those that may not fill one wait for others.
void StoredIndex::WriteCopied(bool is_last) {
  size_t begin = 0;
  while (begin < copied_.size()) {
    ByteVector payload;
    size_t end = begin + EncodeLeaf(copied_, begin, kMostLeafBytes, &payload);
    if (end == copied_.size() && !is_last) break;
    MakeRoom(&leaves_, 1);
    leaves_.push_back(WriteNode(ExtentKind::kTreeLeaf, payload));
    if (leaves_.size() > 1) writing_.separators.Add(Separate(last_copied_, copied_[begin]));
    last_copied_ = copied_[end - 1];
    begin = end;
  }
  EntryList rest;
  for (size_t i = begin; i < copied_.size(); ++i) rest.Add(copied_[i]);
  copied_ = std::move(rest);
  if (!is_last) return;
  writing_.leaves = leaves_;
  WriteInnerNodes();
  writing_ = BTreeWriting();
}

}  // namespace tupelo
