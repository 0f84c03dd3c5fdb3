// exec/integer_join_table.cpp: filling and probing.
#include "exec/integer_join_table.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/give_back.h"
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
void Shrink(WorkArray<T>* values) {
  values->clear();
  if (values->capacity() * sizeof(T) > kBytesToKeep) GiveBackMemory(values);
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
    is_key_.Append(is_key, rows.count);
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

void IntegerJoinTable::AddPart(const IntegerJoinTable& part, size_t first_row) {
  size_t before = keys_.size(), count = part.keys_.size();
  if (!is_key_.empty() || !part.is_key_.empty()) {
    is_key_.resize(before, 1);
    is_key_.resize(first_row, 0);
    if (part.is_key_.empty()) {
      is_key_.resize(first_row + count, 1);
    } else {
      is_key_.Append(part.is_key_.data(), part.is_key_.size());
    }
  }
  keys_.resize(first_row);
  keys_.Append(part.keys_.data(), part.keys_.size());
  if (part.key_count_ == 0) return;
  lowest_ = key_count_ == 0 ? part.lowest_ : std::min(lowest_, part.lowest_);
  highest_ = key_count_ == 0 ? part.highest_ : std::max(highest_, part.highest_);
  key_count_ += part.key_count_;
}

void IntegerJoinTable::Finish(const Interruption& interruption) {
  BeginFill();
  StoredRange all{0, static_cast<uint32_t>(keys_.size())};
  Fill({&all, 1}, 0, 1, interruption);
  EndFill();
}

void IntegerJoinTable::BeginFill() {
  // Unsigned, as the distance of two keys may be beyond the largest one.
  uint64_t last = static_cast<uint64_t>(highest_) - static_cast<uint64_t>(lowest_);
  next_.resize(keys_.size());
  has_chains_.store(false, std::memory_order_relaxed);
  late_.clear();
  is_direct_ = key_count_ == 0 || last < std::max(kFewHeads, kHeadsPerRow * key_count_);
  if (key_count_ == 0) {
    heads_.assign(1, 0);
    lowest_ = 0;
  } else if (is_direct_) {
    heads_.assign(last + 2, 0);
  } else {
    size_t slot_count = std::bit_ceil(std::max<size_t>(16, key_count_ + key_count_ / 2));
    slots_.assign(slot_count, Slot{});
    shift_ = 64 - std::countr_zero(slot_count);
  }
}

void IntegerJoinTable::Fill(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
                            const Interruption& interruption) {
  if (key_count_ == 0) return;
  if (is_direct_) {
    FillDirect(ranges, part, parts, interruption);
  } else {
    FillSlots(ranges, part, parts, interruption);
  }
}

void IntegerJoinTable::EndFill() {
  FillLate();
  Shrink(&keys_);
  Shrink(&is_key_);
  if (!has_chains()) Shrink(&next_);
}

// Backwards, here and below: chains then run forwards. Each part has heads of its own.
void IntegerJoinTable::FillDirect(std::span<const StoredRange> ranges, uint32_t part,
                                  uint32_t parts, const Interruption& interruption) {
  auto base = static_cast<uint64_t>(lowest_);
  uint64_t all = heads_.size() - 1;
  uint64_t begin = all / parts * part;
  uint64_t count = part + 1 == parts ? all - begin : all / parts;
  uint32_t* heads = heads_.data();
  uint32_t* next = next_.data();
  const int64_t* keys = keys_.data();
  uint32_t all_next = 0;
  InterruptionCounter counter(&interruption);
  for (size_t range = ranges.size(); range-- > 0;) {
    for (size_t row = ranges[range].end; row-- > ranges[range].first;) {
      counter.Step();
      uint64_t place = static_cast<uint64_t>(keys[row]) - base;
      if (place - begin >= count || !IsFound(row)) continue;
      uint32_t* head = &heads[place];
      all_next |= next[row] = *head;
      *head = static_cast<uint32_t>(row + 1);
    }
  }
  if (all_next != 0) has_chains_.store(true, std::memory_order_relaxed);
}

uint32_t IntegerJoinTable::SlotOf(int64_t key) const {
  return static_cast<uint32_t>(HashInt64(static_cast<uint64_t>(key)) >> shift_);
}

// A block of rows tries a slot each; those that met another key try the next one, and so on: no
// branch depends on a single row. Rows with one key try the same slots and stay in order. Each part
// has slots of its own; a row that goes beyond their end is late, and so are all later ones with
// its key.
void IntegerJoinTable::FillSlots(std::span<const StoredRange> ranges, uint32_t part, uint32_t parts,
                                 const Interruption& interruption) {
  uint64_t slot_count = slots_.size();
  auto first = static_cast<uint32_t>(slot_count * part / parts);
  auto end = static_cast<uint32_t>(slot_count * (part + 1) / parts);
  bool is_large = slot_count * sizeof(Slot) > kBytesInCache;
  Slot* slots = slots_.data();
  const int64_t* keys = keys_.data();
  uint32_t all_next = 0;
  std::vector<uint32_t> late;
  uint32_t waiting[kBlock], places[kBlock];  // row, slot to try
  for (size_t range = ranges.size(); range-- > 0;) {
    for (size_t row = ranges[range].end; row > ranges[range].first;) {
      interruption.Check();
      uint32_t count = 0;
      for (size_t stop = row - std::min<size_t>(row - ranges[range].first, kBlock); row > stop;) {
        --row;
        waiting[count] = static_cast<uint32_t>(row);
        places[count] = SlotOf(keys[row]);
        bool is_mine = places[count] - first < end - first && IsFound(row);
        if (is_large && is_mine) __builtin_prefetch(&slots[places[count]], 1);
        count += is_mine ? 1 : 0;
      }
      while (count > 0) {
        uint32_t left = 0;
        for (uint32_t i = 0; i < count; ++i) {
          uint32_t own = waiting[i], place = places[i];
          if (place == end) {
            late.push_back(own);
            continue;
          }
          Slot slot = slots[place];
          bool is_taken = (slot.row == 0) | (slot.key == keys[own]);
          next_[own] = is_taken ? slot.row : 0;
          all_next |= next_[own];
          slots[place].key = is_taken ? keys[own] : slot.key;
          slots[place].row = is_taken ? own + 1 : slot.row;
          waiting[left] = own;
          places[left] = place + 1;
          left += is_taken ? 0 : 1;
        }
        count = left;
      }
    }
  }
  if (all_next != 0) has_chains_.store(true, std::memory_order_relaxed);
  if (late.empty()) return;
  std::lock_guard lock(late_mutex_);
  late_.push_back(std::move(late));
}

// Rows with one key are late in one part only, and stay in order.
void IntegerJoinTable::FillLate() {
  auto mask = static_cast<uint32_t>(slots_.size() - 1);
  for (const std::vector<uint32_t>& rows : late_) {
    for (uint32_t row : rows) {
      uint32_t place = SlotOf(keys_[row]);
      while (slots_[place].row != 0 && slots_[place].key != keys_[row]) place = (place + 1) & mask;
      next_[row] = slots_[place].row;
      if (next_[row] != 0) has_chains_.store(true, std::memory_order_relaxed);
      slots_[place] = {keys_[row], row + 1};
    }
  }
  late_.clear();
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
