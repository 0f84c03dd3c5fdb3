// txn/stored_index.h: the tree of an index in the database file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/btree_stored.h"
#include "storage/database_file.h"
#include "txn/table.h"

namespace tupelo {

struct TailMoves;

// A leaf is an extent, which belongs to the table and has the index's number as its place. One
// thread at a time, with the latch.
class StoredIndex : public BTreeSource {
 public:
  // `object`: the table's stored number.
  StoredIndex(DatabaseFile* file, uint64_t object, uint64_t number, const StoredTreeRoot& root)
      : file_(file), object_(object), number_(number), root_(root) {}

  // The index, which has no entries, reads them from here from now on. REQUIRES: the table has its
  // rows.
  void Attach(Table* table, Index* index);

  // A checkpoint writes what has changed, and what `moves` names, as `view` sees it, in steps with
  // other statements in between. False: that was the last one.
  void Begin(const TailMoves& moves);
  bool WriteSome(Table* table, Index* index, const ReadView& view);
  // What they lead to.
  const StoredTreeRoot& root() const { return root_; }

  // Copies an index that has its entries elsewhere to here, where there are none yet, as `view`
  // sees it: CopySome gathers some entries [latch of the table], WriteCopied writes them. CopySome
  // returns false with the last ones.
  bool CopySome(Table* table, const Index& index, const ReadView& view);
  void WriteCopied(bool is_last);

  // The index is dropped; `index`, if somebody still reads it, has its entries in memory then. Its
  // extents become free.
  void Remove(Index* index);
  // The extents of what was written last.
  void AddExtents(std::vector<ExtentAddress>* extents);
  // The index, which has not changed, needs this no more: its entries are all in memory. [latch]
  static void Detach(Index* index) { index->tree_.Detach(); }

  // BTreeSource
  void ReadLeaf(const ExtentAddress& address, EntryList* entries) override;
  void ReadInner(const ExtentAddress& address, EntryList* separators,
                 std::vector<ExtentAddress>* children) override;
  [[noreturn]] void ThrowDamagedLeaf(const ExtentAddress& address, const char* what) override;

 private:
  void KnowNodes();
  void CollectNodes(const ExtentAddress& node, uint8_t level);
  void WriteInnerNodes();
  ExtentAddress WriteNode(ExtentKind kind, std::span<const uint8_t> payload);

  DatabaseFile* file_;
  uint64_t object_, number_;
  uint64_t used_rows_ = UINT64_MAX;  // no entry in the file has a greater row
  StoredTreeRoot root_;
  bool is_known_ = false;             // what the root leads to:
  std::vector<ExtentAddress> inner_;  // the nodes above the leaves
  std::vector<ExtentAddress> leaves_;
  BTreeWriting writing_;
  bool moves_inner_ = false;  // the nodes above the leaves are written anew
  EntryList copied_;          // that are not written yet
  std::string last_copied_;   // that was written
  ExtentBuffer buffer_;
};

}  // namespace tupelo
