// storage/segment_directory.h: the tree that leads from the number of a segment to its page.
//
// A node has 256 children: those of the lowest level are segment pages, by the segment's number;
// each level above adds eight bits. The payload of a kSegmentNode extent:
//
//   offset  size
//        0     4   number of the first segment below it
//        4     1   level, from 0
//        5     1   zero
//        6     2   number of children given, 1 to 256; the others are none
//        8    8n   addresses, 0: none
//     8+8n    2n   in level 0: the segments' live rows
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "storage/extent_address.h"
#include "storage/segment_page.h"

namespace tupelo {

class DatabaseFile;

// Where a directory begins: kept by what describes the table.
struct SegmentDirectoryRoot {
  ExtentAddress node;  // none: there are no segments
  uint8_t level = 0;   // of the node
  friend bool operator==(const SegmentDirectoryRoot&, const SegmentDirectoryRoot&) = default;
};

// Nodes are read when they are wanted, and stay in memory: one for 256 segments. What is changed is
// written anew by Flush, and with it what leads there; the old nodes become free. One thread at a
// time.
class SegmentDirectory {
 public:
  // `object`: the table's number, for ExtentOwner.
  SegmentDirectory(DatabaseFile* file, uint64_t object, const SegmentDirectoryRoot& root);
  ~SegmentDirectory();

  // The address of a segment's page; none: it has none.
  ExtentAddress Find(uint32_t segment);
  // The page itself. REQUIRES: there is one.
  SegmentPage ReadPage(uint32_t segment);
  // Of its page; 0 where there is none.
  uint32_t LiveRows(uint32_t segment);
  // Writes the page to a new extent; its old one becomes free.
  void WritePage(const SegmentPage& page);
  // The same in two steps. The first one touches nothing of the directory, so that it may be done
  // beside other calls.
  ExtentAddress StorePage(const SegmentPage& page);
  void SetPage(const SegmentPage& page, const ExtentAddress& address);
  // Forgets a segment; its page becomes free (what that leads to is the caller's).
  void Remove(uint32_t segment);
  // The nodes that lead to a segment are as if they had changed.
  void WriteAnew(uint32_t segment) {
    if (Find(segment)) LeafOf(segment, true);
  }
  // Writes changed nodes. The root then leads to all that was written.
  SegmentDirectoryRoot Flush();

  // Calls with each segment that has a page, ascending.
  void ForEach(const std::function<void(uint32_t segment, const ExtentAddress&)>& visit);
  // Calls with each node's extent. For checks.
  void ForEachNode(const std::function<void(const ExtentAddress&)>& visit);
  // All its nodes become free, and their segments' pages.
  void Clear();
  // The same of who has freed them.
  void Forget();

 private:
  static constexpr uint32_t kBits = 8;
  static constexpr uint32_t kFanOut = 1u << kBits;
  static constexpr uint8_t kMostLevels = 4;
  struct Node;

  uint64_t SegmentsBelow(uint8_t level) const { return uint64_t{1} << (kBits * (level + 1)); }
  std::unique_ptr<Node> ReadNode(const ExtentAddress& address, uint8_t level, uint64_t first);
  // nullptr: there is none.
  Node* Child(Node* node, uint32_t index);
  Node* LeafOf(uint32_t segment, bool make);
  ExtentAddress FlushNode(Node* node);
  void Visit(Node* node, const std::function<void(uint32_t, const ExtentAddress&)>* pages,
             const std::function<void(const ExtentAddress&)>* nodes);
  void Set(uint32_t segment, const ExtentAddress& address, uint32_t live_rows);

  DatabaseFile* file_;
  uint64_t object_;
  SegmentDirectoryRoot stored_root_;
  std::unique_ptr<Node> root_;  // nullptr: not read yet, or there is none
};

}  // namespace tupelo
