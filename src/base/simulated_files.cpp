// base/simulated_files.cpp: counts operations, lets them fail, and keeps locks.
#include "base/simulated_files.h"

#include <algorithm>
#include <atomic>

namespace tupelo {

namespace {

using Node = SimulatedDisk::Node;

[[noreturn]] void ThrowMissing(const char* what, const std::string& path) {
  throw Error(ErrorCode::kUndefinedFile,
              std::string("cannot ") + what + ": No such file or directory: " + path);
}

[[noreturn]] void ThrowFull(const char* what, const std::string& path) {
  throw Error(ErrorCode::kDiskFull,
              std::string("cannot ") + what + ": No space left on device: " + path);
}

[[noreturn]] void ThrowIo(const char* what, const std::string& path) {
  throw Error(ErrorCode::kIoError, std::string("cannot ") + what + ": Input/output error: " + path);
}

bool Overlap(const LockRange& a, const LockRange& b) {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

}  // namespace

// Throws before `change` is made where the operation fails, and after it where the power is cut: a
// change that was begun may be found.
template <typename Change>
void SimulatedFiles::Operate(const char* what, const std::string& path, Change&& change) {
  if (faults_.is_cut) throw PowerCut();
  ++faults_.operations;
  auto failing = faults_.failing_operations.find(faults_.operations);
  if (failing != faults_.failing_operations.end()) {
    if (failing->second == ErrorCode::kDiskFull) ThrowFull(what, path);
    ThrowIo(what, path);
  }
  faults_.is_cut = faults_.operations >= faults_.cut_at;
  change();
  if (watch_) watch_(faults_.operations, *disk_);
  if (faults_.is_cut) throw PowerCut();
}

void SimulatedFiles::CountRead(const std::string& path) {
  if (faults_.is_cut) throw PowerCut();
  ++faults_.reads;
  if (faults_.failing_reads.contains(faults_.reads)) ThrowIo("read the file", path);
}

class SimulatedFile : public File {
 public:
  SimulatedFile(SimulatedFiles* files, std::string path, SimulatedDisk::NodePointer node,
                bool read_only)
      : files_(files), path_(std::move(path)), node_(std::move(node)), read_only_(read_only) {}

  ~SimulatedFile() override {
    std::lock_guard guard(files_->mutex_);
    std::erase_if(node_->locks, [&](const auto& lock) { return lock.owner == this; });
  }

  const std::string& path() const override { return path_; }

  uint64_t Size() override {
    std::lock_guard guard(files_->mutex_);
    if (files_->faults_.is_cut) throw PowerCut();
    return node_->bytes.size();
  }

  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override {
    std::lock_guard guard(files_->mutex_);
    files_->CountRead(path_);
    if (offset >= node_->bytes.size()) return 0;
    size_t count = std::min<size_t>(bytes.size(), node_->bytes.size() - offset);
    std::copy_n(node_->bytes.begin() + static_cast<ptrdiff_t>(offset), count, bytes.begin());
    return count;
  }

  void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override {
    Change("write the file", [&] {
      if (!files_->disk_->Write(node_.get(), offset, bytes, files_->faults_.room))
        ThrowFull("write the file", path_);
    });
  }

  void Resize(uint64_t size) override {
    Change("change the file's size", [&] { files_->disk_->Resize(node_.get(), size); });
  }

  void Reserve(uint64_t size) override {
    Change("make room for the file", [&] {
      if (!files_->disk_->Reserve(node_.get(), size, files_->faults_.room))
        ThrowFull("make room for the file", path_);
    });
  }

  void Sync() override {
    std::lock_guard guard(files_->mutex_);
    if (sync_failed_) ThrowIo("write the file to the disk", path_);
    try {
      files_->Operate("write the file to the disk", path_, [&] {
        if (!files_->faults_.is_cut) files_->disk_->Sync(node_.get());
      });
    } catch (const Error& error) {
      sync_failed_ = true;
      files_->disk_->FailSync(node_.get());
      throw Error(ErrorCode::kIoError, error.message());
    }
  }

  bool TryLock(const LockRange& range, bool exclusive) override {
    std::lock_guard guard(files_->mutex_);
    if (files_->faults_.is_cut) throw PowerCut();
    for (const auto& lock : node_->locks) {
      if (lock.owner != this && (exclusive || lock.exclusive) && Overlap(lock.range, range))
        return false;
    }
    RemoveLocks(range);
    node_->locks.push_back({this, range, exclusive});
    return true;
  }

  void Unlock(const LockRange& range) override {
    std::lock_guard guard(files_->mutex_);
    if (files_->faults_.is_cut) throw PowerCut();
    RemoveLocks(range);
  }

  bool IsLockedByOther(const LockRange& range) override {
    std::lock_guard guard(files_->mutex_);
    if (files_->faults_.is_cut) throw PowerCut();
    return std::any_of(node_->locks.begin(), node_->locks.end(), [&](const auto& lock) {
      return lock.owner != this && Overlap(lock.range, range);
    });
  }

 private:
  template <typename Do>
  void Change(const char* what, Do&& change) {
    std::lock_guard guard(files_->mutex_);
    if (read_only_) {
      throw Error(ErrorCode::kIoError,
                  std::string("cannot ") + what + ": Bad file descriptor: " + path_);
    }
    files_->Operate(what, path_, change);
  }

  // Takes `range` out of the locks of this file; what lies outside of it stays.
  void RemoveLocks(const LockRange& range) {
    std::vector<SimulatedDisk::HeldLock> left;
    uint64_t end = range.offset + range.length;
    std::erase_if(node_->locks, [&](const auto& lock) {
      if (lock.owner != this || !Overlap(lock.range, range)) return false;
      uint64_t lock_end = lock.range.offset + lock.range.length;
      if (lock.range.offset < range.offset) {
        left.push_back(
            {this, {lock.range.offset, range.offset - lock.range.offset}, lock.exclusive});
      }
      if (lock_end > end) left.push_back({this, {end, lock_end - end}, lock.exclusive});
      return true;
    });
    node_->locks.insert(node_->locks.end(), left.begin(), left.end());
  }

  SimulatedFiles* const files_;
  const std::string path_;
  const SimulatedDisk::NodePointer node_;
  const bool read_only_;
  bool sync_failed_ = false;  // guarded by the mutex of files_
};

std::unique_ptr<File> SimulatedFiles::Open(const std::string& path, OpenMode mode) {
  std::lock_guard guard(mutex_);
  if (faults_.is_cut) throw PowerCut();
  SimulatedDisk::NodePointer node = disk_->Find(path);
  if (mode != OpenMode::kCreate) {
    if (node == nullptr) ThrowMissing("open the file", path);
  } else {
    if (node != nullptr) {
      throw Error(ErrorCode::kIoError, "cannot create the file: File exists: " + path);
    }
    Operate("create the file", path, [&] { node = disk_->Create(path); });
  }
  return std::make_unique<SimulatedFile>(this, path, std::move(node), mode == OpenMode::kRead);
}

bool SimulatedFiles::Exists(const std::string& path) {
  std::lock_guard guard(mutex_);
  if (faults_.is_cut) throw PowerCut();
  return disk_->Find(path) != nullptr;
}

void SimulatedFiles::Rename(const std::string& from, const std::string& to) {
  std::lock_guard guard(mutex_);
  if (disk_->Find(from) == nullptr) ThrowMissing("rename the file", from);
  Operate("rename the file", from, [&] { disk_->Rename(from, to); });
}

void SimulatedFiles::Remove(const std::string& path) {
  std::lock_guard guard(mutex_);
  if (disk_->Find(path) == nullptr) ThrowMissing("remove the file", path);
  Operate("remove the file", path, [&] { disk_->Remove(path); });
}

void SimulatedFiles::SyncDirectory(const std::string& path) {
  std::lock_guard guard(mutex_);
  Operate("write the directory to the disk", path, [&] {
    if (!faults_.is_cut) disk_->SyncDirectory(path);
  });
}

uint64_t SimulatedFiles::operations() const {
  std::lock_guard guard(mutex_);
  return faults_.operations;
}

uint64_t SimulatedFiles::reads() const {
  std::lock_guard guard(mutex_);
  return faults_.reads;
}

void SimulatedFiles::CutPowerAt(uint64_t operation) {
  std::lock_guard guard(mutex_);
  faults_.cut_at = operation;
}

void SimulatedFiles::WatchOperations(Watch watch) {
  std::lock_guard guard(mutex_);
  watch_ = std::move(watch);
}

void SimulatedFiles::FailOperation(uint64_t operation, ErrorCode code) {
  std::lock_guard guard(mutex_);
  faults_.failing_operations[operation] = code;
}

void SimulatedFiles::FailRead(uint64_t read) {
  std::lock_guard guard(mutex_);
  faults_.failing_reads.insert(read);
}

void SimulatedFiles::LimitRoom(uint64_t bytes) {
  std::lock_guard guard(mutex_);
  faults_.room = bytes;
}

uint64_t SimulatedFiles::room_taken() const {
  std::lock_guard guard(mutex_);
  return disk_->UsedBlocks() * SimulatedDisk::kBlock;
}

void SimulatedFiles::FlipByte(const std::string& path, uint64_t offset, uint8_t mask) {
  std::lock_guard guard(mutex_);
  SimulatedDisk::NodePointer node = disk_->Find(path);
  if (node == nullptr) ThrowMissing("open the file", path);
  if (offset < node->bytes.size()) node->bytes[offset] ^= mask;
  if (offset < node->durable.size()) node->durable[offset] ^= mask;
}

std::unique_ptr<SimulatedFiles> SimulatedFiles::Recover(uint64_t seed, Kept kept) const {
  std::lock_guard guard(mutex_);
  return std::make_unique<SimulatedFiles>(disk_->Recover(seed, kept));
}

std::vector<uint8_t> SimulatedFiles::Contents(const std::string& path) const {
  std::lock_guard guard(mutex_);
  SimulatedDisk::NodePointer node = disk_->Find(path);
  if (node == nullptr) ThrowMissing("open the file", path);
  return node->bytes;
}

std::vector<std::string> SimulatedFiles::Paths() const {
  std::lock_guard guard(mutex_);
  return disk_->Paths();
}

}  // namespace tupelo
