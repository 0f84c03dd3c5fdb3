// engine/file_check.h: all that a root of a database file leads to, looked at without opening it.
//
// Every extent is read, also behind a damaged one: what only a damaged extent leads to is not
// known, so then nothing is said of lost pages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/interruption.h"
#include "engine/file_tables.h"
#include "engine/finding.h"
#include "engine/stored_names.h"
#include "storage/block_codec.h"
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
  // Throws what is wrong with a file that is no database of this version; that it can't be read.
  void Run();
  // Of the root that was checked; 0: there is none.
  uint64_t generation() const { return root_.generation; }
  // Whether the header and a root are sound: without them it can't be opened.
  bool can_be_opened() const { return header_is_sound_ && root_.generation != 0; }

 private:
  class Values;
  struct Use {
    ExtentAddress extent;
    std::string by;
  };

  void CheckHeader();
  void CheckRoots();
  void CheckCatalog();
  void ReadNames();
  void CheckFreeSpace();
  void CheckUses();
  void CheckLog();
  // Reads what somebody refers to, decodes it; false, and a finding, where it is damaged.
  using Decode = std::function<void(std::span<const uint8_t>)>;
  bool Visit(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner,
             const std::string& by, const Decode& decode);
  // file_check_table.cpp
  void CheckTable(uint64_t number, const SegmentDirectoryRoot& directory, const Table& table);
  void CheckNode(const ExtentAddress& address, uint8_t level, uint64_t first);
  void CheckPage(const ExtentAddress& address, uint32_t segment);
  void CheckStripe(const SegmentPage& page, uint32_t stripe, const ExtentAddress& address);
  void CheckBlock(const StoredStripe& stripe, const StoredBlock& stored, uint32_t number,
                  uint32_t column, const ExtentAddress& page);
  void CheckValues(const StoredStripe& stripe, const StoredBlock& stored, const ColumnBlock& block);

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
  StoredNames names_;
  std::unique_ptr<DatabaseState> state_;  // definitions, without rows
  BlockDecoder decoder_;
};

}  // namespace tupelo
