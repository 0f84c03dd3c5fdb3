// exec/group_states.h: the states of aggregates, a row of them for each group.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace tupelo {

// Rows of states that stay where they are.
class GroupStates {
 public:
  explicit GroupStates(size_t bytes) : bytes_(bytes) {}

  // Makes the first `count` rows exist, zeroed when new.
  void Provide(uint32_t count) {
    for (; count_ < count; ++count_) {
      if (count_ / kBlockRows == blocks_.size()) {
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockRows * bytes_));
      }
      std::memset(At(count_), 0, bytes_);
    }
  }
  char* At(uint32_t row) const {
    return blocks_[row / kBlockRows].get() + row % kBlockRows * bytes_;
  }
  size_t bytes() const { return bytes_; }
  uint32_t count() const { return count_; }
  void Clear() { count_ = 0; }
  void Release() {
    count_ = 0;
    if (blocks_.size() > 1) blocks_.resize(1);
  }

 private:
  static constexpr uint32_t kBlockRows = 1024;
  size_t bytes_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  uint32_t count_ = 0;
};

}  // namespace tupelo
