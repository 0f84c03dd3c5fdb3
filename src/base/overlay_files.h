// base/overlay_files.h: files that may be written to and stay as they are.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/file_system.h"

namespace tupelo {

// The files of another file system; what is written, created, renamed or removed is remembered in
// memory alone, for as long as the object lives. So a database can be opened that must not change:
// opening one goes on with its log. Nothing is locked below, and every lock is free for the taking.
// Thread-safe.
class OverlayFiles : public FileSystem {
 public:
  explicit OverlayFiles(FileSystem& below) : below_(below) {}

  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override;
  bool Exists(const std::string& path) override;
  void CopyPermissions(const std::string&, const std::string&) override {}
  void Rename(const std::string& from, const std::string& to) override;
  void Remove(const std::string& path) override;
  void SyncDirectory(const std::string&) override {}

 private:
  class Node;
  class Handle;
  // Null where there is no such file. REQUIRES: mutex_ is held.
  std::shared_ptr<Node> Find(const std::string& path);

  FileSystem& below_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Node>> nodes_;  // null: removed
};

}  // namespace tupelo
