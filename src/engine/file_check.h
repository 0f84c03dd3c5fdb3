// engine/file_check.h: all that a root of a database file leads to, looked at without opening it.
//
// The root is pinned as by any reader: others may write meanwhile. Every extent is read, also
// behind a damaged one: what only a damaged extent leads to is not known, so then nothing is said
// of lost pages. One extent at a time is in memory, and of each extent where it is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/interruption.h"
#include "engine/finding.h"
#include "engine/opened_tables.h"
#include "engine/stored_names.h"
#include "storage/block_codec.h"
#include "storage/btree_codec.h"
#include "storage/raw_extents.h"
#include "storage/segment_page.h"
#include "txn/stored_table.h"

namespace tupelo {

// One use.
class FileCheck {
 public:
  // `path`: canonical. `interruption` may be nullptr.
  FileCheck(FileSystem& files, const std::string& path, const Interruption* interruption,
            Findings* findings);
  ~FileCheck();
  // Throws what is wrong with a file that is no database of this version; that it can't be read;
  // kObjectInUse where others make one root after the other.
  void Run();
  // Whether the header and a root are sound: without them it can't be opened.
  bool can_be_opened() const { return header_is_sound_ && root_.generation != 0; }

 private:
  class Values;
  struct Use {
    ExtentAddress extent;
    std::string by;
  };

  void PinRoot();
  bool IsBeingWritten();
  void CheckHeader();
  void CheckRoots();
  void CheckLog();
  void CheckCatalog();
  void CheckFreeSpace();
  void CheckUses();
  // Reads what somebody refers to, decodes it; false, and a finding, where it is damaged.
  using Decode = std::function<void(std::span<const uint8_t>)>;
  bool Visit(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner,
             const std::string& by, const Decode& decode);
  // file_check_table.cpp
  void CheckTable(const WrittenTable& table);
  void CheckNode(const ExtentAddress& address, uint8_t level, uint64_t first);
  void CheckPage(const ExtentAddress& address, uint32_t segment, uint16_t live_rows);
  void CheckLive(const SegmentPage& page, uint16_t live_rows);
  void CheckStripe(const SegmentPage& page, uint32_t stripe, const ExtentAddress& address);
  void CheckBlock(const StoredStripe& stripe, const StoredBlock& stored, uint32_t number,
                  uint32_t column, const ExtentAddress& page);
  void CheckValues(const StoredStripe& stripe, const StoredBlock& stored, const ColumnBlock& block);
  // file_check_tree.cpp
  struct Tree;
  void CheckTree(const WrittenTable& table, const WrittenTable::Tree& tree);
  void CheckTreeNode(Tree* tree, const ExtentAddress& address, uint8_t level,
                     const std::string& low, const std::string& high);
  void CheckTreeLeaf(Tree* tree, const ExtentAddress& address, const std::string& low,
                     const std::string& high);

  std::string PlaceOf(const ExtentAddress& address) const;
  void Damaged(const ExtentAddress& address, const std::string& what);
  void CheckInterrupt() const {
    if (interruption_ != nullptr) interruption_->Check();
  }

  FileSystem& files_;
  const std::string path_;
  const Interruption* interruption_;
  Findings* findings_;
  std::unique_ptr<RawExtents> extents_;
  bool header_is_sound_ = false;
  DatabaseRoot root_;
  std::vector<Use> uses_;
  bool is_complete_ = true;  // every extent that leads to others was read

  // Of the table that is looked at.
  uint64_t table_number_ = 0;
  const Table* table_ = nullptr;
  std::string table_name_;
  uint64_t used_rows_ = 0;
  uint64_t live_rows_ = 0;                // that were found
  bool is_table_whole_ = true;            // all its directory and pages could be read
  std::unique_ptr<DatabaseState> state_;  // definitions, without rows
  StoredNames names_;
  BlockDecoder decoder_;
};

}  // namespace tupelo
