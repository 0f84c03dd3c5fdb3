// exec/group_states.h: the states of aggregates, a row of them for each group.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/work_array.h"

namespace tupelo {

// Rows of states that stay where they are.
class GroupStates {
 public:
  explicit GroupStates(size_t bytes) : bytes_(bytes) {}

  // Makes the first `count` rows exist, zeroed when new.
  void Provide(uint32_t count) {
    for (; count_ < count; ++count_) {
      if (count_ / kBlockRows == blocks_.size()) AddBlocks();
      if (bytes_ > 0) std::memset(At(count_), 0, bytes_);
    }
  }
  char* At(uint32_t row) const { return blocks_[row / kBlockRows] + row % kBlockRows * bytes_; }
  size_t bytes() const { return bytes_; }
  uint32_t count() const { return count_; }
  void Clear() { count_ = 0; }
  void Release() {
    count_ = 0;
    if (blocks_.size() > 1) blocks_.resize(1);
    if (slabs_.size() > 1) slabs_.resize(1);
  }

 private:
  static constexpr uint32_t kBlockRows = 1024;
  // The first has memory of its own; then there are as many at a time as there were before.
  static constexpr size_t kMostBlocks = 64;
  void AddBlocks() {
    const size_t count = std::clamp<size_t>(blocks_.size(), 1, kMostBlocks),
                 block = kBlockRows * bytes_;
    WorkArray<Unit> slab;
    slab.ResizeForOverwrite((count * block + 15) / 16);
    blocks_.reserve(blocks_.size() + count);
    slabs_.push_back(std::move(slab));
    char* first = reinterpret_cast<char*>(slabs_.back().data());
    for (size_t i = 0; i < count; ++i) blocks_.push_back(first + i * block);
  }

  struct alignas(16) Unit {
    char bytes[16];
  };
  size_t bytes_;
  std::vector<char*> blocks_;
  std::vector<WorkArray<Unit>> slabs_;  // that they are in
  uint32_t count_ = 0;
};

}  // namespace tupelo
