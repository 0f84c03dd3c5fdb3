// base/forwarding_file_for_test.h: a file that is another one, but for what a test overrides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/file_system.h"

namespace tupelo {

class ForwardingFile : public File {
 public:
  explicit ForwardingFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  const std::string& path() const override { return file_->path(); }
  uint64_t Size() override { return file_->Size(); }
  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override {
    return file_->ReadAt(offset, bytes);
  }
  void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override {
    file_->WriteAt(offset, bytes);
  }
  void Resize(uint64_t size) override { file_->Resize(size); }
  void Reserve(uint64_t size) override { file_->Reserve(size); }
  void Sync() override { file_->Sync(); }
  bool TryLock(const LockRange& range, bool exclusive) override {
    return file_->TryLock(range, exclusive);
  }
  void Unlock(const LockRange& range) override { file_->Unlock(range); }
  bool IsLockedByOther(const LockRange& range) override { return file_->IsLockedByOther(range); }

 private:
  std::unique_ptr<File> file_;
};

}  // namespace tupelo
