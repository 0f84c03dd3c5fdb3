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

void JoinFilter::Release() {
  Clear();
  GiveBackMemory(&keys_);
  GiveBackMemory(&bits_);
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
    bits_.assign((range + 1) / 64 + 1, 0);
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

// Of rows with and without a key as many as come: no branch that could be guessed wrong.
template <typename Has>
uint32_t JoinFilter::SelectIf(const Vector& values, Rows rows, uint16_t* selection, Has&& has) {
  uint32_t count = 0;
  WithIntegers(values, [&](const auto* data) {
    auto select = [&](auto&& is_valid) {
      ForEachRow(rows, [&](uint32_t row) {
        selection[count] = static_cast<uint16_t>(row);
        bool found = has(static_cast<uint64_t>(static_cast<int64_t>(data[values.Index(row)])));
        count += static_cast<uint32_t>(found & is_valid(row));
      });
    };
    if (values.may_have_nulls()) {
      select([&](uint32_t row) { return values.IsValid(row); });
    } else {
      select([](uint32_t) { return true; });
    }
  });
  return count;
}

uint32_t JoinFilter::Select(const Vector& values, Rows rows, uint16_t* selection) const {
  if (is_empty()) return 0;
  const uint64_t* bits = bits_.data();
  auto lowest = static_cast<uint64_t>(lowest_);
  if (is_exact_) {
    // The bit behind the last key stands for all that is outside of the bounds.
    uint64_t outside = static_cast<uint64_t>(highest_) - lowest + 1;
    return SelectIf(values, rows, selection, [=](uint64_t value) {
      uint64_t bit = std::min(value - lowest, outside);
      return ((bits[bit / 64] >> (bit % 64)) & 1) != 0;
    });
  }
  int shift = shift_;
  return SelectIf(values, rows, selection, [=](uint64_t value) {
    uint64_t hash = HashOf(static_cast<int64_t>(value)), wanted = BitsOf(hash);
    return (bits[hash >> shift] & wanted) == wanted;
  });
}

}  // namespace tupelo
