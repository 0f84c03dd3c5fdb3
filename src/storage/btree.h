// storage/btree.h: an ordered set of (key bytes, row id), for indexes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/btree_stored.h"
#include "storage/row_id.h"
#include "types/normalized_key.h"

namespace tupelo {

class ExtentPool;
struct BTreeNode;
struct SearchKey;

// A longer key does not fit (the caller must see to it).
inline constexpr size_t kMaxBTreeKeyBytes = 1000;

// An entry is one byte string: the key, then the row id as six bytes, big-endian. Entries differ
// and are ordered by memcmp; keys need not differ, but no key may be a proper prefix of another one
// (normalized keys of one index never are). Guarded by the database's latch.
class BTree {
 public:
  struct InsertResult {
    bool inserted;         // false: the entry was there
    bool equal_neighbour;  // an entry with the same key and another row id is there
  };

  explicit BTree(ExtentPool* pool);
  ~BTree();
  BTree(const BTree&) = delete;
  BTree& operator=(const BTree&) = delete;

  // REQUIRES: key.size() <= kMaxBTreeKeyBytes, 0 <= row < 2^48.
  // What the file says wrong is kDataCorrupted; the entry may be there then.
  InsertResult Insert(std::string_view key, RowId row);
  // False: it was not there, or is not in memory, and will not be.
  bool Erase(std::string_view key, RowId row);
  void Clear();

  // The entries of one key, without a cursor: First, then Next while there are more; the tree must
  // not change between.
  struct Match {
    const BTreeNode* leaf;
    uint32_t position;
    RowId row;
  };
  bool FirstMatch(std::string_view key, Match* match) const;
  bool NextMatch(std::string_view key, Match* match) const;

  // Part of the tree may be in the file (storage/btree_stored.h). Readers may load it, where
  // `latch`, with which they read, lets each do so alone. REQUIRES: it is empty.
  void Attach(BTreeSource* source, const StoredTreeRoot& root, uint64_t entries,
              SharedLatch* latch = nullptr);
  // From now on the file is not needed.
  void LoadAll();
  // Nor known. REQUIRES: nothing has changed since Attach.
  void Detach();
  // The leaf of an entry is to be written again.
  void MarkChanged(std::string_view key, RowId row);
  // Nothing was read of it, and nothing is to be written.
  bool IsAsStored() const;
  // Goes on with the writing of leaves that have changed, for a while: `keeps` says which entries
  // go to the file, `writes` writes a leaf. What was written is the tree's from then on.
  void WriteSome(BTreeSource* source, const KeepsEntry& keeps, const WritesLeaf& writes,
                 BTreeWriting* writing);
  // A way through the entries, for who copies them, from *position on, which is empty at first: of
  // the next few, those that are wanted are appended. The tree may change between two calls;
  // entries that are there all the time are met once. Leaves are not kept in memory. False: it was
  // the last call.
  bool ReadSome(const KeepsEntry& keeps, std::string* position, EntryList* entries) const;
  // Extents of leaves that the tree has no longer.
  std::vector<ExtentAddress> TakeUnneeded();
  // Reads what leads to all leaves.
  void ReadSeparators(const ExtentAddress& node, uint8_t level, EntryList* separators,
                      std::vector<ExtentAddress>* leaves) const;

  uint64_t size() const { return size_; }
  // Another number after every change.
  uint64_t version() const { return version_; }
  size_t node_count() const { return node_count_; }
  size_t memory_bytes() const;
  // The entries of the leaf in whose range `*from` lies, from there on, go to `entries`, and
  // `*from` becomes where the next leaf's begin. False: that was the last one. A leaf that is only
  // in the file is read, but stays there: what looks at all of a tree needs no memory for it.
  // Throws kDataCorrupted.
  bool ListLeaf(std::string* from, EntryList* entries) const;
  // Throws kInternalError when an invariant does not hold. Returns the number of entries.
  uint64_t Check() const;

 private:
  friend class BTreeCursor;
  struct Path;

  // The leaf in whose range `key` lies, and the nodes on the way to it.
  BTreeNode* Descend(const SearchKey& key, Path* path) const;
  BTreeNode* FindLeaf(const SearchKey& key) const;
  BTreeNode* FetchLeaf(const BTreeNode* parent, uint32_t position, const SearchKey& key) const;
  bool LoadMatch(std::string_view key, Match* match) const;
  bool EqualNeighbour(BTreeNode* leaf, uint32_t position, const uint8_t* entry, size_t size) const;
  bool AppendRightmost(const SearchKey& entry, InsertResult* result);
  void SplitFrom(Path* path, uint32_t at, const SearchKey& entry);
  void GrowRoot(Path* path);
  void Shrink(Path* path);
  bool MergeWithSibling(Path* path, uint32_t level);
  void RemoveChild(Path* path, uint32_t level);
  BTreeNode* NewNode(uint8_t level);
  void FreeNode(BTreeNode* node);
  bool EraseNearby(const SearchKey& entry);
  void FreeTree(BTreeNode* node);

  // btree_stored.cpp, btree_writing.cpp
  bool IsEmpty() const {
    return root_ == nullptr && (stored_ == nullptr || !const_cast<BTree*>(this)->LoadRoot());
  }
  // The neighbours of a leaf, which are read if need be. (btree_path.h)
  BTreeNode* Right(BTreeNode* leaf) const;
  BTreeNode* Left(BTreeNode* leaf) const;
  BTreeNode* LoadedRight(BTreeNode* leaf) const;
  BTreeNode* LoadedLeft(BTreeNode* leaf) const;
  BTreeNode* Rightmost() const;
  BTreeNode* LoadAndFind(const SearchKey& key) const;
  bool LoadRoot();
  BTreeNode* NewStub(const ExtentAddress& address);
  void AppendChild(std::vector<BTreeNode*>* edge, size_t level, std::string_view separator,
                   BTreeNode* child);
  BTreeNode* DescendToStub(std::string_view key, Path* path) const;
  void LoadLeaf(BTreeNode* stub);
  void MakeLeaves(const EntryList& entries, const std::set<std::string>& without,
                  std::vector<BTreeNode*>* leaves, std::vector<std::string>* separators);
  void ReplaceLeaf(const Path& path, BTreeNode* leaf, BTreeNode* first, BTreeNode* last);
  void InsertChild(std::string_view separator, BTreeNode* leaf);
  void Unload(BTreeNode* stub, const std::vector<BTreeNode*>& leaves,
              const std::vector<std::string>& separators, size_t placed);
  void ListStub(const BTreeNode* stub, const Path& path, std::string_view from,
                EntryList* entries) const;
  void NoteErased(const uint8_t* entry, size_t size);
  static void NoteChange(BTreeNode* leaf);
  void ReleaseStored(StoredLeaf* leaf);
  void ForgetUnneeded();
  void ReadStub(const BTreeNode* stub, const Path& path, EntryList* entries) const;
  BTreeNode* NextLeaf(Path* path, BTreeWriting* writing);
  void PassUnchanged(BTreeNode* leaf, Path* path, BTreeWriting* writing);
  void WritePart(BTreeNode* leaf, Path* path, const KeepsEntry& keeps, const WritesLeaf& writes,
                 BTreeWriting* writing);

  ExtentPool* pool_;
  BTreeNode* root_ = nullptr;
  BTreeNode* rightmost_ = nullptr;    // leaf
  BTreeNode* last_erased_ = nullptr;  // the leaf that was erased from last
  bool erases_nearby_ = false;        // and the time before
  uint64_t size_ = 0;
  uint64_t version_ = 0;
  size_t node_count_ = 0;
  std::unique_ptr<StoredTree> stored_;  // nullptr: nothing of it was ever in the file
};

// Walks the entries e with low <= e < high, up or down. After Pause it goes on behind the last
// entry given, whatever was inserted or erased meanwhile.
class BTreeCursor {
 public:
  // `low` empty: from the first entry. The bounds are copied.
  void Open(const BTree* tree, std::string_view low, std::string_view high, bool has_high,
            bool descending);
  // False at the end. REQUIRES: no change of the tree since the last call, unless Pause was called
  // in between.
  bool Next();
  // The entry that Next came to; the key is valid until the next call of Next.
  RowId row() const;
  std::string_view key() const;
  // Remembers the place before others may change the tree.
  void Pause();

 private:
  void SeekUp(std::string_view from, bool after);
  void SeekDown(std::string_view before);
  void LimitUp();
  void LimitDown();
  bool Step();

  const BTree* tree_ = nullptr;
  const BTreeNode* leaf_ = nullptr;
  // Ascending: the next entry is position_, up to but not including limit_ in this leaf.
  // Descending: the next entry is position_ - 1, down to and including limit_.
  uint32_t position_ = 0;
  uint32_t limit_ = 0;
  uint32_t current_ = 0;
  bool last_leaf_ = false;
  bool descending_ = false;
  bool has_high_ = false;
  bool started_ = false;
  bool paused_ = false;
  uint64_t version_ = 0;
  KeyBuffer low_, high_, last_;
  mutable KeyBuffer key_;
};

}  // namespace tupelo
