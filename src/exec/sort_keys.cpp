// exec/sort_keys.cpp: encoding keys, and sorting them.
//
// Many entries are sorted by radix, from the last of the 16 bytes to the first, leaving out bytes
// that are the same in all; that keeps equal ones in order. Where keys are longer, runs of entries
// that agree in 16 bytes are then put in order by comparing the rest.
#include "exec/sort_keys.h"

#include <algorithm>
#include <cstring>

#include "base/give_back.h"

namespace tupelo {

namespace {

constexpr size_t kPrefixBytes = 16;
constexpr size_t kEntriesToKeep = kVectorSize;  // beyond the end of a run
constexpr size_t kLeastForRadix = 512;          // fewer are sorted by comparing
constexpr size_t kSampleStep = 32;

uint64_t LoadBigEndian64(const uint8_t* bytes) {
  uint64_t value;
  std::memcpy(&value, bytes, 8);
  return __builtin_bswap64(value);
}

}  // namespace

void SortKeys::Init(std::vector<KeyColumn> columns) {
  columns_ = std::move(columns);
  fixed_bytes_ = 0;
  bool is_fixed = true;
  for (const KeyColumn& column : columns_) {
    size_t bytes = FixedKeyBytes(column);
    is_fixed &= bytes > 0;
    fixed_bytes_ += bytes;
  }
  if (!is_fixed) fixed_bytes_ = 0;
  has_rests_ = !is_fixed || fixed_bytes_ > kPrefixBytes;
  Clear();
}

void SortKeys::Clear() {
  entries_.clear();
  rests_.clear();
  rest_begins_.assign(1, 0);
  has_bound_ = false;
}

void SortKeys::Release() {
  if (entries_.capacity() > kEntriesToKeep) {
    GiveBackMemory(&entries_);
    GiveBackMemory(&sorted_);
    GiveBackMemory(&samples_);
    GiveBackMemory(&rests_);
    GiveBackMemory(&rest_begins_);
  }
  Clear();
}

// Leaves keys in encoded_, each `stride` bytes, and their first bytes in incoming_.
void SortKeys::EncodeFixed(const std::vector<const Vector*>& columns, Rows rows) {
  size_t stride = std::max(fixed_bytes_, kPrefixBytes);
  encoded_.assign(stride * rows.count, 0);
  size_t offset = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    EncodeFixedKeys(columns_[i], *columns[i], rows, encoded_.data() + offset, stride);
    offset += FixedKeyBytes(columns_[i]);
  }
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint8_t* key = encoded_.data() + i * stride;
    incoming_[i].high = LoadBigEndian64(key);
    incoming_[i].low = LoadBigEndian64(key + 8);
  }
}

uint32_t SortKeys::Append(const std::vector<const Vector*>& columns, Rows rows, uint16_t* kept) {
  if (incoming_.size() < rows.count) incoming_.resize(rows.count);
  bool narrows = false;
  Entry last{};
  if (fixed_bytes_ > 0) {
    EncodeFixed(columns, rows);
    narrows = FindLastWanted(rows.count, &last);
  }
  uint32_t count = 0;
  for (uint32_t i = 0; i < rows.count; ++i) {
    const uint8_t* rest = nullptr;
    size_t rest_bytes = 0;
    if (fixed_bytes_ == 0) {
      key_.Clear();
      for (size_t c = 0; c < columns_.size(); ++c) {
        AppendKeyColumn(columns_[c], *columns[c], rows[i], &key_);
      }
      size_t bytes = key_.size();
      if (bytes < kPrefixBytes)
        std::memset(key_.Extend(kPrefixBytes - bytes), 0, kPrefixBytes - bytes);
      incoming_[i].high = LoadBigEndian64(key_.data());
      incoming_[i].low = LoadBigEndian64(key_.data() + 8);
      rest = key_.data() + kPrefixBytes;
      rest_bytes = key_.size() - kPrefixBytes;
    } else if (has_rests_) {
      rest = encoded_.data() + i * fixed_bytes_ + kPrefixBytes;
      rest_bytes = fixed_bytes_ - kPrefixBytes;
    }
    if (has_bound_ && IsBeyondBound(incoming_[i])) continue;
    if (narrows && IsAfter(incoming_[i], last)) continue;
    incoming_[i].row = static_cast<uint32_t>(entries_.size());
    entries_.push_back(incoming_[i]);
    kept[count++] = static_cast<uint16_t>(rows[i]);
    if (!has_rests_) continue;
    rests_.Append(rest, rest_bytes);
    rest_begins_.push_back(rests_.size());
  }
  return count;
}

// The last of the `count` incoming entries that may be among those wanted; false: too many are.
bool SortKeys::FindLastWanted(uint32_t count, Entry* last) {
  constexpr uint64_t kShare = 4;  // of the entries at most are wanted, or looking takes too long
  if (wanted_ > count / kShare || wanted_ == 0) return false;
  candidates_.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (!has_bound_ || !IsBeyondBound(incoming_[i])) candidates_.push_back(incoming_[i]);
  }
  if (candidates_.size() < kShare * wanted_) return false;
  auto nth = candidates_.begin() + static_cast<ptrdiff_t>(wanted_ - 1);
  std::nth_element(candidates_.begin(), nth, candidates_.end(),
                   [](const Entry& a, const Entry& b) { return IsAfter(b, a); });
  *last = *nth;
  return true;
}

// By their first bytes alone.
bool SortKeys::IsAfter(const Entry& a, const Entry& b) {
  return a.high != b.high ? a.high > b.high : a.low > b.low;
}

// A row that comes later stands behind an equal one.
bool SortKeys::IsBeyondBound(const Entry& entry) const {
  if (entry.high != bound_.high) return entry.high > bound_.high;
  if (entry.low != bound_.low) return entry.low > bound_.low;
  return !has_rests_;
}

std::string_view SortKeys::RestOf(uint32_t row) const {
  return {reinterpret_cast<const char*>(rests_.data()) + rest_begins_[row],
          rest_begins_[row + 1] - rest_begins_[row]};
}

int SortKeys::Compare(const SortKeys& a, uint64_t i, const SortKeys& b, uint64_t j) {
  const Entry& left = a.entries_[i];
  const Entry& right = b.entries_[j];
  if (left.high != right.high) return left.high < right.high ? -1 : 1;
  if (left.low != right.low) return left.low < right.low ? -1 : 1;
  return a.has_rests_ ? a.RestOf(left.row).compare(b.RestOf(right.row)) : 0;
}

bool SortKeys::Precedes(const Entry& a, const Entry& b) const {
  if (a.high != b.high) return a.high < b.high;
  if (a.low != b.low) return a.low < b.low;
  if (has_rests_) {
    int order = RestOf(a.row).compare(RestOf(b.row));
    if (order != 0) return order < 0;
  }
  return a.row < b.row;
}

void SortKeys::SortByDigits(const Interruption& interruption) {
  InterruptionCounter counter(&interruption);
  size_t count = entries_.size();
  sorted_.resize(count);
  std::vector<uint32_t> counts(kPrefixBytes * 256, 0);
  for (const Entry& entry : entries_) {
    counter.Step();
    for (int byte = 0; byte < 8; ++byte) {
      ++counts[byte * 256 + ((entry.low >> (8 * byte)) & 255)];
      ++counts[(byte + 8) * 256 + ((entry.high >> (8 * byte)) & 255)];
    }
  }
  for (size_t byte = 0; byte < kPrefixBytes; ++byte) {
    uint32_t* places = counts.data() + byte * 256;
    auto digit = [&](const Entry& entry) {
      return byte < 8 ? (entry.low >> (8 * byte)) & 255 : (entry.high >> (8 * (byte - 8))) & 255;
    };
    if (places[digit(entries_[0])] == count) continue;
    uint32_t begin = 0;
    for (int value = 0; value < 256; ++value) {
      uint32_t next = begin + places[value];
      places[value] = begin;
      begin = next;
    }
    for (const Entry& entry : entries_) {
      sorted_[places[digit(entry)]++] = entry;
      counter.Step();
    }
    entries_.swap(sorted_);
  }
}

void SortKeys::Sort(const Interruption& interruption) {
  InterruptionCounter counter(&interruption);
  auto precedes = [&](const Entry& a, const Entry& b) {
    counter.Step();
    return Precedes(a, b);
  };
  if (std::is_sorted(entries_.begin(), entries_.end(), precedes)) return;
  if (entries_.size() < kLeastForRadix) {
    std::sort(entries_.begin(), entries_.end(), precedes);
    return;
  }
  SortByDigits(interruption);
  if (has_rests_) SortByRests(interruption);
}

// Puts runs of entries in order that agree in all of their 16 bytes.
void SortKeys::SortByRests(const Interruption& interruption) {
  InterruptionCounter counter(&interruption);
  auto precedes = [&](const Entry& a, const Entry& b) {
    counter.Step();
    return Precedes(a, b);
  };
  for (size_t begin = 0; begin < entries_.size();) {
    size_t end = begin + 1;
    while (end < entries_.size() && entries_[end].high == entries_[begin].high &&
           entries_[end].low == entries_[begin].low) {
      ++end;
    }
    if (end - begin > 1) std::sort(entries_.begin() + begin, entries_.begin() + end, precedes);
    begin = end;
  }
}

SortKeys::Probe::Probe(std::string_view key) {
  uint8_t first[kPrefixBytes] = {};
  std::memcpy(first, key.data(), std::min(key.size(), kPrefixBytes));
  high = LoadBigEndian64(first);
  low = LoadBigEndian64(first + 8);
  if (key.size() > kPrefixBytes) rest = key.substr(kPrefixBytes);
}

bool SortKeys::ComesBefore(const Entry& entry, const Probe& probe) const {
  if (entry.high != probe.high) return entry.high < probe.high;
  if (entry.low != probe.low) return entry.low < probe.low;
  return has_rests_ && RestOf(entry.row) < probe.rest;
}

uint64_t SortKeys::Search(const Probe& probe, uint64_t begin, uint64_t end) const {
  uint64_t count = end - begin;
  while (count > 0) {
    uint64_t half = count / 2;
    bool is_before = ComesBefore(entries_[begin + half], probe);
    begin = is_before ? begin + half + 1 : begin;
    count = is_before ? count - half - 1 : half;
  }
  return begin;
}

uint64_t SortKeys::SearchNear(const Probe& probe, uint64_t begin) const {
  const uint64_t end = count();
  uint64_t step = 1;
  while (begin + step < end && ComesBefore(entries_[begin + step - 1], probe)) {
    begin += step;
    step *= 2;
  }
  return Search(probe, begin, std::min(begin + step, end));
}

void SortKeys::PrepareSearch() {
  samples_.clear();
  for (size_t i = 0; i < entries_.size(); i += kSampleStep) {
    samples_.push_back({entries_[i].high, entries_[i].low});
  }
}

uint64_t SortKeys::LowerBound(std::string_view key) const {
  Probe probe(key);
  size_t first = 0;  // of the samples that do not come before the key by their bytes
  for (size_t count = samples_.size(); count > 0;) {
    size_t half = count / 2;
    const Sample& sample = samples_[first + half];
    bool is_before = sample.high != probe.high ? sample.high < probe.high : sample.low < probe.low;
    first = is_before ? first + half + 1 : first;
    count = is_before ? count - half - 1 : half;
  }
  uint64_t begin = first == 0 ? 0 : (first - 1) * kSampleStep + 1;
  if (has_rests_) return SearchNear(probe, begin);
  return Search(probe, begin, std::min<uint64_t>(first * kSampleStep, count()));
}

uint64_t SortKeys::LowerBoundNear(std::string_view key, uint64_t begin) const {
  return SearchNear(Probe(key), begin);
}

// By their places.
void SortKeys::NumberAnew() {
  if (has_rests_) {
    WorkArray<uint8_t> rests;
    WorkArray<uint64_t> begins;
    begins.reserve(entries_.size() + 1);
    begins.push_back(0);
    InterruptionCounter counter(InterruptionScope::Current());
    for (const Entry& entry : entries_) {
      counter.Step();
      std::string_view rest = RestOf(entry.row);
      rests.Append(reinterpret_cast<const uint8_t*>(rest.data()), rest.size());
      begins.push_back(rests.size());
    }
    rests_.swap(rests);
    rest_begins_.swap(begins);
  }
  for (size_t i = 0; i < entries_.size(); ++i) entries_[i].row = static_cast<uint32_t>(i);
}

void SortKeys::KeepFirst(uint64_t count) {
  entries_.resize(count);
  NumberAnew();
  bound_ = entries_.back();
  has_bound_ = true;
}

void SortKeys::Seal() {
  GiveBackMemory(&sorted_);
  NumberAnew();
  entries_.WriteOut();
  rests_.WriteOut();
  rest_begins_.WriteOut();
}

}  // namespace tupelo
