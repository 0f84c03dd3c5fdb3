// base/anonymous_file.h: files that are memory of this process, for a database that becomes bytes.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/file_system.h"

namespace tupelo {

// Empty at first; is gone with the object. Nobody else can open it, so any lock can be had. Throws
// std::bad_alloc where the disk of another one would be full.
class AnonymousFile : public File {
 public:
  // `name`: what errors call it.
  explicit AnonymousFile(std::string name) : name_(std::move(name)) {}

  const std::string& path() const override { return name_; }
  uint64_t Size() override;
  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override;
  void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override;
  void Resize(uint64_t size) override;
  void Sync() override {}
  bool TryLock(const LockRange&, bool) override { return true; }
  void Unlock(const LockRange&) override {}
  bool IsLockedByOther(const LockRange&) override { return false; }

 private:
  // In parts, so that growing moves nothing.
  static constexpr uint64_t kPartBytes = uint64_t{1} << 20;
  // Calls with each part of the range: its bytes, and how many of the range lie before it.
  template <typename Visit>
  void ForEachPart(uint64_t offset, uint64_t count, Visit&& visit);
  void Grow(uint64_t size);

  const std::string name_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<uint8_t[]>> parts_;
  uint64_t size_ = 0;
};

// Bytes of somebody else, which must outlive it, to be read only: writing is kIoError.
class BytesFile : public File {
 public:
  BytesFile(std::string name, std::span<const uint8_t> bytes)
      : name_(std::move(name)), bytes_(bytes) {}

  const std::string& path() const override { return name_; }
  uint64_t Size() override { return bytes_.size(); }
  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override;
  void WriteAt(uint64_t, std::span<const uint8_t>) override { ThrowReadOnly(); }
  void Resize(uint64_t) override { ThrowReadOnly(); }
  void Sync() override {}
  bool TryLock(const LockRange&, bool) override { return true; }
  void Unlock(const LockRange&) override {}
  bool IsLockedByOther(const LockRange&) override { return false; }

 private:
  [[noreturn]] void ThrowReadOnly() const;

  const std::string name_;
  std::span<const uint8_t> bytes_;
};

}  // namespace tupelo
