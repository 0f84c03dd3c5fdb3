// exec/integer_join_table.cpp: filling and probing.
#include "exec/integer_join_table.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "types/hash.h"

namespace tupelo {

namespace {

// A direct table of four heads a row is not larger than one of slots.
constexpr uint64_t kHeadsPerRow = 4;
constexpr uint64_t kFewHeads = 1024;         // always worth it
constexpr size_t kBytesInCache = 1u << 20;   // a larger table is probed with prefetches
constexpr size_t kBytesToKeep = 1u << 16;    // beyond the end of a run
constexpr size_t kAhead = 32;                // rows between a prefetch and its use

template <typename T>
void Shrink(std::vector<T>* values) {
  values->clear();
  if (values->capacity() * sizeof(T) > kBytesToKeep) *values = {};
}

}  // namespace

void IntegerJoinTable::Add(Rows rows, const int64_t* key_by_row, const uint8_t* is_key) {
  size_t first = keys_.size();
  keys_.resize(first + rows.count);
  int64_t* keys = keys_.data() + first;
  int64_t lowest = key_count_ == 0 ? std::numeric_limits<int64_t>::max() : lowest_;
  int64_t highest = key_count_ == 0 ? std::numeric_limits<int64_t>::min() : highest_;
  if (is_key == nullptr) {
    if (rows.is_dense()) {
      std::copy_n(key_by_row, rows.count, keys);
    } else {
      for (uint32_t i = 0; i < rows.count; ++i) keys[i] = key_by_row[rows.rows[i]];
    }
    for (uint32_t i = 0; i < rows.count; ++i) {
      lowest = std::min(lowest, keys[i]);
      highest = std::max(highest, keys[i]);
    }
    key_count_ += rows.count;
    if (!is_key_.empty()) is_key_.resize(keys_.size(), 1);
  } else {
    if (is_key_.empty()) is_key_.assign(first, 1);
    is_key_.insert(is_key_.end(), is_key, is_key + rows.count);
    for (uint32_t i = 0; i < rows.count; ++i) {
      keys[i] = key_by_row[rows[i]];
      if (is_key[i] == 0) continue;
      lowest = std::min(lowest, keys[i]);
      highest = std::max(highest, keys[i]);
      ++key_count_;
    }
  }
  lowest_ = lowest;
  highest_ = highest;
}

void IntegerJoinTable::Finish() {
  // Unsigned, as the distance of two keys may be beyond the largest one.
  uint64_t last = static_cast<uint64_t>(highest_) - static_cast<uint64_t>(lowest_);
  next_.clear();
  is_direct_ = key_count_ == 0 || last < std::max(kFewHeads, kHeadsPerRow * key_count_);
  if (is_direct_) {
    FillDirect();
  } else {
    FillSlots();
  }
  Shrink(&keys_);
  Shrink(&is_key_);
}

void IntegerJoinTable::Chain(size_t row, uint32_t* head) {
  if (*head != 0) {
    if (next_.empty()) next_.resize(keys_.size());
    next_[row] = *head;
  }
  *head = static_cast<uint32_t>(row + 1);
}

// Backwards, here and below: chains then run forwards.
void IntegerJoinTable::FillDirect() {
  if (key_count_ == 0) {
    heads_.assign(1, 0);
    lowest_ = 0;
    return;
  }
  auto base = static_cast<uint64_t>(lowest_);
  heads_.assign(static_cast<uint64_t>(highest_) - base + 2, 0);
  uint32_t* heads = heads_.data();
  for (size_t row = keys_.size(); row-- > 0;) {
    if (IsFound(row)) Chain(row, &heads[static_cast<uint64_t>(keys_[row]) - base]);
  }
}

size_t IntegerJoinTable::SlotOf(int64_t key) const {
  return HashInt64(static_cast<uint64_t>(key)) >> shift_;
}

void IntegerJoinTable::FillSlots() {
  size_t count = std::bit_ceil(std::max<size_t>(16, key_count_ + key_count_ / 2));
  slots_.assign(count, Slot{});
  shift_ = 64 - std::countr_zero(count);
  for (size_t row = keys_.size(); row-- > 0;) {
    if (row >= kAhead) __builtin_prefetch(&slots_[SlotOf(keys_[row - kAhead])], 1);
    if (!IsFound(row)) continue;
    int64_t key = keys_[row];
    size_t at = SlotOf(key);
    while (slots_[at].row != 0 && slots_[at].key != key) at = (at + 1) & (count - 1);
    slots_[at].key = key;
    Chain(row, &slots_[at].row);
  }
}

void IntegerJoinTable::FindFirst(Rows rows, const int64_t* key_by_row, uint32_t* first) const {
  if (is_direct_) {
    uint64_t base = static_cast<uint64_t>(lowest_), end = heads_.size() - 1;
    const uint32_t* heads = heads_.data();
    auto find = [&](int64_t key) {  // without a branch: many cache misses are under way at once
      return heads[std::min(static_cast<uint64_t>(key) - base, end)];
    };
    if (rows.is_dense()) {
      for (uint32_t i = 0; i < rows.count; ++i) first[i] = find(key_by_row[i]);
    } else {
      for (uint32_t i = 0; i < rows.count; ++i) first[i] = find(key_by_row[rows.rows[i]]);
    }
    return;
  }
  size_t mask = slots_.size() - 1;
  bool is_large = slots_.size() * sizeof(Slot) > kBytesInCache;
  uint32_t starts[kVectorSize];
  for (uint32_t i = 0; i < rows.count; ++i) {
    starts[i] = static_cast<uint32_t>(SlotOf(key_by_row[rows[i]]));
  }
  if (is_large) {
    for (uint32_t i = 0; i < std::min<uint32_t>(kAhead, rows.count); ++i) {
      __builtin_prefetch(&slots_[starts[i]]);
    }
  }
  for (uint32_t i = 0; i < rows.count; ++i) {
    if (is_large && i + kAhead < rows.count) __builtin_prefetch(&slots_[starts[i + kAhead]]);
    int64_t key = key_by_row[rows[i]];
    size_t at = starts[i];
    while (slots_[at].row != 0 && slots_[at].key != key) at = (at + 1) & mask;
    first[i] = slots_[at].row;
  }
}

void IntegerJoinTable::Clear() {
  keys_.clear();
  is_key_.clear();
  next_.clear();
  key_count_ = 0;
}

void IntegerJoinTable::Release() {
  Clear();
  Shrink(&keys_);
  Shrink(&next_);
  Shrink(&heads_);
  Shrink(&slots_);
}

}  // namespace tupelo
