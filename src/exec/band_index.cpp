// exec/band_index.cpp: sorting, and the tree of ranks.
#include "exec/band_index.h"

#include <algorithm>

#include "base/give_back.h"

namespace tupelo {

namespace {

constexpr int kFanOutBits = 4;
constexpr uint64_t kFanOut = uint64_t{1} << kFanOutBits;

}  // namespace

void BandIndex::Init(std::vector<KeyColumn> first, const KeyColumn* second, bool is_upper) {
  first_.Init(std::move(first));
  has_second_ = second != nullptr;
  is_upper_ = is_upper;
  if (has_second_) second_.Init({*second});
}

void BandIndex::Clear() {
  first_.Clear();
  second_.Clear();
  rows_.clear();
  for (std::vector<uint32_t>& level : levels_) level.clear();
}

void BandIndex::Release() {
  first_.Release();
  second_.Release();
  if (rows_.capacity() > kVectorSize) {
    GiveBackMemory(&rows_);
    levels_.clear();
  }
  Clear();
}

void BandIndex::Add(const std::vector<const Vector*>& first, const Vector* second, Rows rows,
                    const uint32_t* numbers) {
  uint16_t kept[kVectorSize];
  first_.Append(first, rows, kept);
  if (has_second_) second_.Append({second}, rows, kept);
  rows_.insert(rows_.end(), numbers, numbers + rows.count);
}

void BandIndex::Finish(const Interruption& interruption) {
  InterruptionCounter counter(&interruption);
  first_.Sort(interruption);
  first_.PrepareSearch();
  const uint64_t count = rows_.size();
  if (has_second_) {
    second_.Sort(interruption);
    second_.PrepareSearch();
    std::vector<uint32_t> ranks(count);
    for (uint64_t i = 0; i < count; ++i) {
      ranks[second_.row(i)] = static_cast<uint32_t>(is_upper_ ? count - 1 - i : i);
      counter.Step();
    }
    if (levels_.empty()) levels_.emplace_back();
    levels_[0].resize(count);
    for (uint64_t i = 0; i < count; ++i) {
      levels_[0][i] = ranks[first_.row(i)];
      counter.Step();
    }
    BuildLevels(interruption);
  }
  std::vector<uint32_t> ordered(count);
  for (uint64_t i = 0; i < count; ++i) {
    ordered[i] = rows_[first_.row(i)];
    counter.Step();
  }
  rows_.swap(ordered);
}

void BandIndex::BuildLevels(const Interruption& interruption) {
  InterruptionCounter counter(&interruption);
  for (size_t below = 0; levels_[below].size() > kFanOut; ++below) {
    if (below + 1 == levels_.size()) levels_.emplace_back();
    const std::vector<uint32_t>& ranks = levels_[below];
    std::vector<uint32_t>& highest = levels_[below + 1];
    highest.assign((ranks.size() + kFanOut - 1) / kFanOut, 0);
    for (size_t i = 0; i < ranks.size(); ++i) {
      uint32_t& node = highest[i / kFanOut];
      node = std::max(node, ranks[i]);
      counter.Step();
    }
  }
}

// Goes on to the right, a level up at the end of each group of nodes, until there is a node that
// has such a rank; then down to the first place that has it.
uint64_t BandIndex::FindRank(uint64_t begin, uint64_t end, uint64_t least) const {
  size_t level = 0;
  uint64_t at = begin;
  while (at << (kFanOutBits * level) < end) {
    const std::vector<uint32_t>& ranks = levels_[level];
    uint64_t stop = std::min<uint64_t>(ranks.size(), (at / kFanOut + 1) * kFanOut);
    while (at < stop && ranks[at] < least) ++at;
    if (at < stop) {
      if (level == 0) return std::min(at, end);
      --level;
      at *= kFanOut;
    } else {
      if (stop == ranks.size()) return end;
      ++level;
      at = stop / kFanOut;
    }
  }
  return end;
}

}  // namespace tupelo
