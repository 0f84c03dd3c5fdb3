// base/simulated_files.h: files in memory that lose what a power cut loses, and fail when told to.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_system.h"
#include "base/simulated_disk.h"

namespace tupelo {

// What each operation throws from the moment on in which the power was cut. Nothing that handles
// errors may take it for one.
class PowerCut : public std::exception {
 public:
  const char* what() const noexcept override { return "the power was cut"; }
};

// For tests. Thread-safe. Equal calls give equal results.
//
// Operations that change what a power cut leaves are counted: creating, writing, reserving,
// resizing and syncing files, renaming and removing them, syncing directories; reads have a count
// of their own. Counts begin with 1.
class SimulatedFiles : public FileSystem {
 public:
  SimulatedFiles() : disk_(std::make_unique<SimulatedDisk>()) {}
  // The files of `disk`, as SimulatedDisk::Recover gives it.
  explicit SimulatedFiles(std::unique_ptr<SimulatedDisk> disk) : disk_(std::move(disk)) {}

  std::unique_ptr<File> Open(const std::string& path, OpenMode mode) override;
  bool Exists(const std::string& path) override;
  void CopyPermissions(const std::string&, const std::string&) override {}  // there are none
  void Rename(const std::string& from, const std::string& to) override;
  void Remove(const std::string& path) override;
  void SyncDirectory(const std::string& path) override;

  uint64_t operations() const;
  uint64_t reads() const;

  // Operation number `operation` throws PowerCut, and all later ones do. What it was about to do
  // may or may not be done, like all that was not synced.
  void CutPowerAt(uint64_t operation);
  // `watch` is called after each operation, in the thread that does it, and may not use the files:
  // what a power cut at that moment leaves is what `disk` recovers to.
  using Watch = std::function<void(uint64_t operation, const SimulatedDisk& disk)>;
  void WatchOperations(Watch watch);
  // That operation throws an Error with this code, once, without being done: kIoError or kDiskFull.
  // A sync that fails so loses what it should have written, though it can still be read until the
  // power is cut.
  void FailOperation(uint64_t operation, ErrorCode code);
  void FailRead(uint64_t read);
  // From now on no more than that many bytes fit on the disk, in blocks of SimulatedDisk::kBlock.
  void LimitRoom(uint64_t bytes);
  // How many the files take now.
  uint64_t room_taken() const;
  // Replaces a byte by its exclusive or with `mask`, behind everybody's back.
  void FlipByte(const std::string& path, uint64_t offset, uint8_t mask);

  // The files as they may be found when the power is back. Files that are open belong to the old
  // object.
  std::unique_ptr<SimulatedFiles> Recover(uint64_t seed, Kept kept) const;

  // What the file holds, unsynced writes included.
  std::vector<uint8_t> Contents(const std::string& path) const;
  // All files that can be opened.
  std::vector<std::string> Paths() const;

 private:
  friend class SimulatedFile;
  struct Faults {
    uint64_t operations = 0, reads = 0;
    uint64_t cut_at = UINT64_MAX;
    bool is_cut = false;
    uint64_t room = UINT64_MAX;
    std::map<uint64_t, ErrorCode> failing_operations;
    std::set<uint64_t> failing_reads;
  };

  // REQUIRES, of both: mutex_ is held.
  void CountRead(const std::string& path);
  // Counts, does `change` unless the operation fails, and throws what is to be thrown.
  template <typename Change>
  void Operate(const char* what, const std::string& path, Change&& change);

  mutable std::mutex mutex_;
  Faults faults_;  // guarded by mutex_, as is what disk_ points to
  std::unique_ptr<SimulatedDisk> disk_;
  Watch watch_;
};

}  // namespace tupelo
