// base/anonymous_file.cpp: bytes in parts of equal length.
#include "base/anonymous_file.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace tupelo {

template <typename Visit>
void AnonymousFile::ForEachPart(uint64_t offset, uint64_t count, Visit&& visit) {
  for (uint64_t done = 0; done < count;) {
    uint64_t within = (offset + done) % kPartBytes;
    uint64_t bytes = std::min(count - done, kPartBytes - within);
    uint8_t* part = parts_[(offset + done) / kPartBytes].get() + within;
    visit(std::span<uint8_t>(part, bytes), done);
    done += bytes;
  }
}

// Parts are zero where nothing was written.
void AnonymousFile::Grow(uint64_t size) {
  uint64_t parts = (size + kPartBytes - 1) / kPartBytes;
  while (parts_.size() < parts) parts_.push_back(std::make_unique<uint8_t[]>(kPartBytes));
  size_ = std::max(size_, size);
}

uint64_t AnonymousFile::Size() {
  std::lock_guard lock(mutex_);
  return size_;
}

size_t AnonymousFile::ReadAt(uint64_t offset, std::span<uint8_t> bytes) {
  std::lock_guard lock(mutex_);
  if (offset >= size_) return 0;
  uint64_t count = std::min<uint64_t>(bytes.size(), size_ - offset);
  ForEachPart(offset, count, [&](std::span<uint8_t> part, uint64_t done) {
    std::memcpy(bytes.data() + done, part.data(), part.size());
  });
  return count;
}

void AnonymousFile::WriteAt(uint64_t offset, std::span<const uint8_t> bytes) {
  std::lock_guard lock(mutex_);
  Grow(offset + bytes.size());
  ForEachPart(offset, bytes.size(), [&](std::span<uint8_t> part, uint64_t done) {
    std::memcpy(part.data(), bytes.data() + done, part.size());
  });
}

void AnonymousFile::Resize(uint64_t size) {
  std::lock_guard lock(mutex_);
  if (size >= size_) return Grow(size);
  parts_.resize((size + kPartBytes - 1) / kPartBytes);
  uint64_t within = size % kPartBytes;
  if (within != 0) std::memset(parts_.back().get() + within, 0, kPartBytes - within);
  size_ = size;
}

size_t BytesFile::ReadAt(uint64_t offset, std::span<uint8_t> bytes) {
  if (offset >= bytes_.size()) return 0;
  size_t count = std::min<size_t>(bytes.size(), bytes_.size() - offset);
  std::memcpy(bytes.data(), bytes_.data() + offset, count);
  return count;
}

void BytesFile::ThrowReadOnly() const {
  throw Error(ErrorCode::kIoError, "cannot write what is there to be read only: " + name_);
}

}  // namespace tupelo
