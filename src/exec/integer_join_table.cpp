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
constexpr uint64_t kFewHeads = 1024;        // always worth it
constexpr size_t kBytesInCache = 1u << 20;  // a larger table is probed with prefetches
constexpr size_t kBytesToKeep = 1u << 16;   // beyond the end of a run
constexpr uint32_t kBlock = 256;            // rows that go through the slots together

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
  next_.resize(keys_.size());
  has_chains_ = false;
  is_direct_ = key_count_ == 0 || last < std::max(kFewHeads, kHeadsPerRow * key_count_);
  if (is_direct_) {
    FillDirect();
  } else {
    FillSlots();
  }
  Shrink(&keys_);
  Shrink(&is_key_);
  if (!has_chains_) Shrink(&next_);
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
  uint32_t* next = next_.data();
  const int64_t* keys = keys_.data();
  uint32_t all_next = 0;
  for (size_t row = keys_.size(); row-- > 0;) {
    if (!IsFound(row)) continue;
    uint32_t* head = &heads[static_cast<uint64_t>(keys[row]) - base];
    all_next |= next[row] = *head;
    *head = static_cast<uint32_t>(row + 1);
  }
  has_chains_ = all_next != 0;
}

uint32_t IntegerJoinTable::SlotOf(int64_t key) const {
  return static_cast<uint32_t>(HashInt64(static_cast<uint64_t>(key)) >> shift_);
}

// A block of rows tries a slot each; those that met another key try the next one, and so on: no
// branch depends on a single row. Rows with one key try the same slots and stay in order.
void IntegerJoinTable::FillSlots() {
  size_t slot_count = std::bit_ceil(std::max<size_t>(16, key_count_ + key_count_ / 2));
  slots_.assign(slot_count, Slot{});
  shift_ = 64 - std::countr_zero(slot_count);
  auto mask = static_cast<uint32_t>(slot_count - 1);
  bool is_large = slot_count * sizeof(Slot) > kBytesInCache;
  Slot* slots = slots_.data();
  const int64_t* keys = keys_.data();
  uint32_t all_next = 0;
  uint32_t waiting[kBlock], places[kBlock];  // row, slot to try
  for (size_t row = keys_.size(); row > 0;) {
    uint32_t count = 0;
    for (size_t end = row - std::min<size_t>(row, kBlock); row > end;) {
      --row;
      waiting[count] = static_cast<uint32_t>(row);
      places[count] = SlotOf(keys[row]);
      if (is_large) __builtin_prefetch(&slots[places[count]], 1);
      count += IsFound(row) ? 1 : 0;
    }
    while (count > 0) {
      uint32_t left = 0;
      for (uint32_t i = 0; i < count; ++i) {
        uint32_t own = waiting[i], place = places[i];
        Slot slot = slots[place];
        bool is_taken = (slot.row == 0) | (slot.key == keys[own]);
        next_[own] = is_taken ? slot.row : 0;
        all_next |= next_[own];
        slots[place].key = is_taken ? keys[own] : slot.key;
        slots[place].row = is_taken ? own + 1 : slot.row;
        waiting[left] = own;
        places[left] = (place + 1) & mask;
        left += is_taken ? 0 : 1;
      }
      count = left;
    }
  }
  has_chains_ = all_next != 0;
}

void IntegerJoinTable::FindInSlots(Rows rows, const int64_t* key_by_row, uint32_t* first) const {
  auto mask = static_cast<uint32_t>(slots_.size() - 1);
  bool is_large = slots_.size() * sizeof(Slot) > kBytesInCache;
  const Slot* slots = slots_.data();
  uint32_t waiting[kBlock], places[kBlock];  // position, slot to look at
  int64_t keys[kBlock];
  for (uint32_t done = 0; done < rows.count;) {
    uint32_t count = std::min(rows.count - done, kBlock);
    for (uint32_t i = 0; i < count; ++i) {
      waiting[i] = done + i;
      keys[i] = key_by_row[rows[done + i]];
      places[i] = SlotOf(keys[i]);
      if (is_large) __builtin_prefetch(&slots[places[i]]);
    }
    done += count;
    while (count > 0) {
      uint32_t left = 0;
      for (uint32_t i = 0; i < count; ++i) {
        const Slot& slot = slots[places[i]];
        bool is_other = (slot.row != 0) & (slot.key != keys[i]);
        first[waiting[i]] = slot.row;
        waiting[left] = waiting[i];
        keys[left] = keys[i];
        places[left] = (places[i] + 1) & mask;
        left += is_other ? 1 : 0;
      }
      count = left;
    }
  }
}

void IntegerJoinTable::FindFirst(Rows rows, const int64_t* key_by_row, uint32_t* first) const {
  if (!is_direct_) return FindInSlots(rows, key_by_row, first);
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
