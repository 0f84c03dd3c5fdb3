// storage/file_for_test.h: a file in memory that knows which pages must not change.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_system.h"
#include "storage/extent_address.h"

namespace tupelo {

// What is there after the file was closed.
struct MemoryDisk {
  std::vector<uint8_t> bytes;
  std::set<uint64_t> kept_pages;  // must not be written
  bool wrote_kept_page = false;
  uint64_t writes = 0;
  uint64_t full_at_write = UINT64_MAX;  // that write finds no room
  uint64_t bytes_read = 0;

  void Keep(const ExtentAddress& extent) {
    for (uint64_t page = extent.first_page; page < extent.end_page(); ++page) {
      kept_pages.insert(page);
    }
  }
};

class MemoryFile : public File {
 public:
  explicit MemoryFile(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}
  const std::string& path() const override { return path_; }
  uint64_t Size() override { return disk_->bytes.size(); }
  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override {
    if (offset >= Size()) return 0;
    size_t count = std::min<size_t>(bytes.size(), Size() - offset);
    std::memcpy(bytes.data(), disk_->bytes.data() + offset, count);
    disk_->bytes_read += count;
    return count;
  }
  void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override {
    if (disk_->writes++ == disk_->full_at_write) {
      throw Error(ErrorCode::kIoError, "no room: " + path_);
    }
    for (uint64_t page = offset / kPageBytes; page * kPageBytes < offset + bytes.size(); ++page) {
      if (disk_->kept_pages.contains(page)) disk_->wrote_kept_page = true;
    }
    if (offset + bytes.size() > Size()) disk_->bytes.resize(offset + bytes.size());
    std::memcpy(disk_->bytes.data() + offset, bytes.data(), bytes.size());
  }
  void Resize(uint64_t size) override {
    for (uint64_t page : disk_->kept_pages) {
      if ((page + 1) * kPageBytes > size) disk_->wrote_kept_page = true;
    }
    disk_->bytes.resize(size);
  }
  void Sync() override {}
  bool TryLock(const LockRange&, bool) override { return true; }
  void Unlock(const LockRange&) override {}
  bool IsLockedByOther(const LockRange&) override { return false; }

 private:
  std::shared_ptr<MemoryDisk> disk_;
  std::string path_ = "memory.db";
};

}  // namespace tupelo
