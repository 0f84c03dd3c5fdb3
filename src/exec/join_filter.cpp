// exec/join_filter.cpp: bounds, bitmaps and Bloom filters of join keys.
//
// The Bloom filter has one word for each hash, and two bits in it (Putze, Sanders and Singler,
// "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
#include "exec/join_filter.h"

#include <algorithm>
#include <bit>

#include "base/give_back.h"

namespace tupelo {

namespace {

constexpr uint64_t kExactBits = uint64_t{1} << 20;  // a bitmap so large always pays
constexpr uint64_t kExactBitsPerKey = 32;
constexpr size_t kKeysPerWord = 4;

// All bits of the result depend on all of the value.
uint64_t HashOf(int64_t value) {
  uint64_t hash = static_cast<uint64_t>(value) * 0x9E3779B97F4A7C15u;
  hash ^= hash >> 32;
  return hash * 0xD6E8FEB86659FD93u;
}

uint64_t BitsOf(uint64_t hash) {
  return uint64_t{1} << (hash >> 20 & 63) | uint64_t{1} << (hash >> 26 & 63);
}

// Calls body(values) with the array as what it is.
template <typename Body>
void WithIntegers(const Vector& vector, Body&& body) {
  switch (vector.physical()) {
    case PhysicalType::kInt16: body(vector.Data<int16_t>()); break;
    case PhysicalType::kInt32: body(vector.Data<int32_t>()); break;
    default: body(vector.Data<int64_t>()); break;
  }
}

}  // namespace

JoinFilter* JoinFilter::Of(ExecutionContext* context, uint32_t number) {
  auto& filters = context->join_filters;
  if (filters.size() <= number) filters.resize(number + 1);
  if (filters[number] == nullptr) filters[number] = std::make_shared<JoinFilter>();
  return filters[number].get();
}

void JoinFilter::Clear() {
  is_ready_ = false;
  lowest_ = INT64_MAX;
  highest_ = INT64_MIN;
  keys_.clear();
}

void JoinFilter::Add(const Vector& keys, Rows rows) {
  WithIntegers(keys, [&](const auto* values) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      uint32_t row = rows[i];
      if (!keys.IsValid(row)) continue;
      int64_t value = values[keys.Index(row)];
      lowest_ = std::min(lowest_, value);
      highest_ = std::max(highest_, value);
      keys_.push_back(value);
    }
  });
}

void JoinFilter::TakeKeys(JoinFilter* other) {
  lowest_ = std::min(lowest_, other->lowest_);
  highest_ = std::max(highest_, other->highest_);
  keys_.insert(keys_.end(), other->keys_.begin(), other->keys_.end());
  other->Clear();
  other->keys_.shrink_to_fit();
}

void JoinFilter::Finish() {
  is_ready_ = true;
  if (keys_.empty()) return;
  uint64_t range = static_cast<uint64_t>(highest_) - static_cast<uint64_t>(lowest_);
  is_exact_ = range < kExactBits || range / kExactBitsPerKey < keys_.size();
  if (is_exact_) {
    bits_.assign(range / 64 + 1, 0);
    for (int64_t key : keys_) {
      uint64_t bit = static_cast<uint64_t>(key) - static_cast<uint64_t>(lowest_);
      bits_[bit / 64] |= uint64_t{1} << (bit % 64);
    }
  } else {
    size_t words = std::bit_ceil(std::max<size_t>(keys_.size() / kKeysPerWord, 2));
    bits_.assign(words, 0);
    shift_ = 64 - std::countr_zero(words);
    for (int64_t key : keys_) {
      uint64_t hash = HashOf(key);
      bits_[hash >> shift_] |= BitsOf(hash);
    }
  }
  GiveBackMemory(&keys_);
}

bool JoinFilter::MayHave(int64_t value) const {
  if (value < lowest_ || value > highest_) return false;
  if (is_exact_) {
    uint64_t bit = static_cast<uint64_t>(value) - static_cast<uint64_t>(lowest_);
    return (bits_[bit / 64] >> (bit % 64)) & 1;
  }
  uint64_t hash = HashOf(value);
  uint64_t wanted = BitsOf(hash);
  return (bits_[hash >> shift_] & wanted) == wanted;
}

uint32_t JoinFilter::Select(const Vector& values, Rows rows, uint16_t* selection) const {
  if (is_empty()) return 0;
  uint32_t count = 0;
  WithIntegers(values, [&](const auto* data) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      uint32_t row = rows[i];
      selection[count] = static_cast<uint16_t>(row);
      count += values.IsValid(row) && MayHave(data[values.Index(row)]) ? 1 : 0;
    }
  });
  return count;
}

}  // namespace tupelo
