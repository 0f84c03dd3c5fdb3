// base/overlay_files.cpp: pages that were written lie over those of the file below.
#include "base/overlay_files.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.h"

namespace tupelo {

namespace {

constexpr uint64_t kPage = 4096;

}  // namespace

class OverlayFiles::Node {
 public:
  // `below` may be null: a file that is not there.
  explicit Node(std::unique_ptr<File> below)
      : below_(std::move(below)),
        size_(below_ == nullptr ? 0 : below_->Size()),
        below_size_(size_) {}

  uint64_t Size() {
    std::lock_guard lock(mutex_);
    return size_;
  }

  size_t Read(uint64_t offset, std::span<uint8_t> bytes) {
    std::lock_guard lock(mutex_);
    if (offset >= size_) return 0;
    size_t count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), size_ - offset));
    ReadBelow(offset, bytes.first(count));
    for (auto page = pages_.lower_bound(offset / kPage);
         page != pages_.end() && page->first * kPage < offset + count; ++page) {
      uint64_t begin = std::max(offset, page->first * kPage);
      uint64_t end = std::min(offset + count, (page->first + 1) * kPage);
      std::memcpy(bytes.data() + (begin - offset), page->second.data() + begin % kPage,
                  end - begin);
    }
    return count;
  }

  void Write(uint64_t offset, std::span<const uint8_t> bytes) {
    std::lock_guard lock(mutex_);
    size_ = std::max(size_, offset + bytes.size());
    while (!bytes.empty()) {
      size_t count = static_cast<size_t>(std::min<uint64_t>(bytes.size(), kPage - offset % kPage));
      std::memcpy(PageOf(offset / kPage).data() + offset % kPage, bytes.data(), count);
      bytes = bytes.subspan(count);
      offset += count;
    }
  }

  void Resize(uint64_t size) {
    std::lock_guard lock(mutex_);
    if (size < size_) {
      // What is cut off reads as zeroes when the file grows again.
      if (size % kPage != 0) {
        auto& page = PageOf(size / kPage);
        std::fill(page.begin() + static_cast<ptrdiff_t>(size % kPage), page.end(), uint8_t{0});
      }
      pages_.erase(pages_.lower_bound((size + kPage - 1) / kPage), pages_.end());
      below_size_ = std::min(below_size_, size);
    }
    size_ = size;
  }

 private:
  // Zeroes behind its end.
  void ReadBelow(uint64_t offset, std::span<uint8_t> bytes) {
    size_t got = 0;
    if (below_ != nullptr && offset < below_size_) {
      size_t wanted = static_cast<size_t>(std::min<uint64_t>(bytes.size(), below_size_ - offset));
      got = below_->ReadAt(offset, bytes.first(wanted));
    }
    std::fill(bytes.begin() + static_cast<ptrdiff_t>(got), bytes.end(), uint8_t{0});
  }
  std::array<uint8_t, kPage>& PageOf(uint64_t number) {
    auto [page, is_new] = pages_.try_emplace(number);
    if (is_new) ReadBelow(number * kPage, page->second);
    return page->second;
  }

  std::mutex mutex_;
  std::unique_ptr<File> below_;
  uint64_t size_;
  uint64_t below_size_;  // up to there the file below shows through
  std::map<uint64_t, std::array<uint8_t, kPage>> pages_;
};

class OverlayFiles::Handle : public File {
 public:
  Handle(std::shared_ptr<Node> node, const std::string& path)
      : node_(std::move(node)), path_(path) {}
  const std::string& path() const override { return path_; }
  uint64_t Size() override { return node_->Size(); }
  size_t ReadAt(uint64_t offset, std::span<uint8_t> bytes) override {
    return node_->Read(offset, bytes);
  }
  void WriteAt(uint64_t offset, std::span<const uint8_t> bytes) override {
    node_->Write(offset, bytes);
  }
  void Resize(uint64_t size) override { node_->Resize(size); }
  void Sync() override {}
  bool TryLock(const LockRange&, bool) override { return true; }
  void Unlock(const LockRange&) override {}
  bool IsLockedByOther(const LockRange&) override { return false; }

 private:
  std::shared_ptr<Node> node_;
  std::string path_;
};

std::shared_ptr<OverlayFiles::Node> OverlayFiles::Find(const std::string& path) {
  auto found = nodes_.find(path);
  if (found != nodes_.end()) return found->second;
  if (!below_.Exists(path)) return nullptr;
  auto node = std::make_shared<Node>(below_.Open(path, OpenMode::kRead));
  nodes_[path] = node;
  return node;
}

std::unique_ptr<File> OverlayFiles::Open(const std::string& path, OpenMode mode) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<Node> node = Find(path);
  if (mode == OpenMode::kCreate) {
    if (node != nullptr) {
      throw Error(ErrorCode::kIoError, "cannot open the file: File exists: " + path);
    }
    node = std::make_shared<Node>(nullptr);
    nodes_[path] = node;
  } else if (node == nullptr) {
    throw Error(ErrorCode::kUndefinedFile,
                "cannot open the file: No such file or directory: " + path);
  }
  return std::make_unique<Handle>(std::move(node), path);
}

bool OverlayFiles::Exists(const std::string& path) {
  std::lock_guard lock(mutex_);
  auto found = nodes_.find(path);
  return found != nodes_.end() ? found->second != nullptr : below_.Exists(path);
}

void OverlayFiles::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  nodes_[to] = Find(from);
  nodes_[from] = nullptr;
}

void OverlayFiles::Remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (Find(path) == nullptr) {
    throw Error(ErrorCode::kUndefinedFile,
                "cannot remove the file: No such file or directory: " + path);
  }
  nodes_[path] = nullptr;
}

}  // namespace tupelo
