// storage/raw_extents.h: extents of a file that may be damaged, read without trusting what leads to
// them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/file_system.h"
#include "storage/database_file.h"
#include "storage/extent_address.h"
#include "storage/file_header.h"

namespace tupelo {

// An extent that checks out, and its payload: good until the next one is read.
struct RawExtent {
  ExtentAddress address;
  ExtentKind kind = ExtentKind::kCatalog;
  uint64_t generation = 0;
  ExtentOwner owner;
  std::span<const uint8_t> payload;
};

// Reads only. Not thread-safe.
class RawExtents {
 public:
  // Without an id no checksum can be verified: what looks like an extent is taken for one, and
  // there are no roots.
  RawExtents(std::unique_ptr<File> file, const std::optional<DatabaseId>& id);

  File& file() { return *file_; }
  bool has_id() const { return id_.has_value(); }
  // REQUIRES: there is one.
  const DatabaseId& id() const { return *id_; }
  // As the file was when it was opened or measured last.
  uint64_t file_pages() const { return file_pages_; }
  void Measure() { file_pages_ = file_->Size() / kPageBytes; }

  // Throws kDataCorrupted, without the place, where it does not check out.
  RawExtent Read(const ExtentAddress& address);
  // As it must be when somebody refers to it.
  RawExtent Read(const ExtentAddress& address, ExtentKind kind, const ExtentOwner& owner);
  // The next extent that checks out, at `page` or behind it; false: there is none. What an extent
  // that checks out holds is no place for another one.
  bool FindNext(uint64_t page, RawExtent* extent);
  // The root in page 1 or 2; false: it does not check out.
  bool ReadRoot(uint64_t page_number, DatabaseRoot* root);
  // Of the roots that are in the file now; 0: none checks out.
  uint64_t NewestGeneration();

 private:
  bool Load(const ExtentAddress& address, RawExtent* extent);

  std::unique_ptr<File> file_;
  const std::optional<DatabaseId> id_;
  uint64_t file_pages_;
  ExtentBuffer buffer_;
  ExtentBuffer window_;  // headers of pages that follow each other
  uint64_t window_page_ = 0;
  uint64_t window_pages_ = 0;
};

// The database's id: of the header where that is sound; else one with which a root checks out, be a
// byte of it damaged. Nothing: it is no database, or too much of it is gone.
std::optional<DatabaseId> FindDatabaseId(File& file);

}  // namespace tupelo
