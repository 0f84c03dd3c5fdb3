// storage/btree_stored.h: the part of a B+tree that is in the file.
//
// A stored leaf stands for several nodes, which are neighbours, and is read as a whole: until then
// a stub, a leaf without entries, has its place in the tree. Nodes of different stored leaves never
// become one, so each of them stays a range of keys. An entry that is erased from a stub is noted,
// and goes when the leaf is read: so erasing reads nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/btree_codec.h"
#include "storage/extent_address.h"

namespace tupelo {

class SharedLatch;
struct BTreeNode;

// Of the payload of a leaf, unless one entry is longer.
inline constexpr uint32_t kMostLeafPages = 4;
inline constexpr size_t kMostLeafBytes = kMostLeafPages * kPageBytes - kExtentHeaderBytes;

// What is damaged is kDataCorrupted.
class BTreeSource {
 public:
  virtual ~BTreeSource() = default;
  virtual void ReadLeaf(const ExtentAddress& address, EntryList* entries) = 0;
  virtual void ReadInner(const ExtentAddress& address, EntryList* separators,
                         std::vector<ExtentAddress>* children) = 0;
  [[noreturn]] virtual void ThrowDamagedLeaf(const ExtentAddress& address, const char* what) = 0;
};

// Where the tree's nodes are reached from. `level` 0: the root is a leaf.
struct StoredTreeRoot {
  ExtentAddress node;  // none: there are no entries
  uint8_t level = 0;
};

struct StoredLeaf {
  ExtentAddress address;     // none: it was not written
  uint32_t nodes = 0;        // that are of it
  bool has_changed = false;  // they hold other entries
  StoredLeaf* next = nullptr;
};

struct StoredTree {
  BTreeSource* source = nullptr;
  SharedLatch* latch = nullptr;               // of the database; nullptr: there is but one thread
  StoredTreeRoot root;                        // until it is read
  std::set<std::string, std::less<>> erased;  // from stubs
  StoredLeaf* unneeded = nullptr;             // leaves that no node is of any more
};

// A checkpoint's way through a tree, from the least entry on: what it leads to.
struct BTreeWriting {
  // The leaves of the tree as it will be in the file, and what separates them: one fewer.
  std::vector<ExtentAddress> leaves;
  EntryList separators;
  std::string position;  // the least entry that was not looked at yet
  bool is_done = false;
  // First pages of leaves that are written anew though they have not changed; nullptr: none.
  const std::set<uint64_t>* moved = nullptr;
  // So are those that fill half of their room or less, together with their neighbours.
  bool joins = false;
  bool IsMoved(const ExtentAddress& leaf) const {
    return (moved != nullptr && moved->contains(leaf.first_page)) ||
           (joins && 2 * leaf.pages <= kMostLeafPages);
  }
  // With more entries a leaf need not be tried: a little more than the last one took.
  size_t enough_entries = kMostLeafEntries;
};

// Whether an entry belongs to what is written.
using KeepsEntry = std::function<bool(std::string_view entry)>;
using WritesLeaf = std::function<ExtentAddress(std::span<const uint8_t> payload)>;

}  // namespace tupelo
