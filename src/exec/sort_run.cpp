// exec/sort_run.cpp: taking in, cutting, gathering.
#include "exec/sort_run.h"

#include <algorithm>

#include "base/give_back.h"

namespace tupelo {

namespace {

constexpr uint64_t kLeastToCut = kVectorSize / 8;

}  // namespace

SortRun::SortRun(Input input, std::vector<KeyColumn> keys) : input_(std::move(input)) {
  for (const Vector* column : input_.columns) types_.push_back(column->type());
  keys_.Init(std::move(keys));
  rows_.Init(types_);
}

void SortRun::Begin(uint64_t wanted, bool with_morsels) {
  Clear();
  with_morsels_ = with_morsels;
  wanted_ = wanted;
  most_ = wanted > UINT32_MAX ? UINT64_MAX : std::max(4 * wanted, kLeastToCut);
  keys_.SetWanted(wanted);
}

void SortRun::Clear() {
  rows_.Clear();
  keys_.Clear();
  morsels_.clear();
}

void SortRun::Release() {
  rows_.Clear();
  best_.Clear();
  keys_.Release();
  GiveBackMemory(&morsels_);
}

void SortRun::TakeIn(Rows rows, uint32_t morsel, const Interruption& interruption) {
  uint16_t kept[kVectorSize];
  uint32_t count = keys_.Append(input_.keys, rows, kept);
  rows_.Append(input_.columns, count == rows.count ? rows : Rows{kept, count});
  if (with_morsels_) morsels_.insert(morsels_.end(), count, morsel);
  if (keys_.count() > most_) Cut(interruption);
}

// Leaves the first `wanted_` rows.
void SortRun::Cut(const Interruption& interruption) {
  keys_.Sort(interruption);
  if (moved_.column_count() == 0) {
    best_.Init(types_);
    moved_.Init(types_);
  }
  best_.Clear();
  for (uint64_t done = 0; done < wanted_;) {
    auto count = static_cast<uint32_t>(std::min<uint64_t>(wanted_ - done, kVectorSize));
    Gather(done, count, &moved_);
    best_.Append(moved_);
    done += count;
  }
  if (with_morsels_) {
    std::vector<uint32_t> morsels(wanted_);
    for (uint64_t i = 0; i < wanted_; ++i) morsels[i] = morsels_[keys_.row(i)];
    morsels_.swap(morsels);
  }
  std::swap(rows_, best_);
  keys_.KeepFirst(wanted_);
}

void SortRun::Gather(uint64_t first, uint32_t count, Chunk* out) const {
  uint32_t numbers[kVectorSize];
  for (uint32_t i = 0; i < count; ++i) numbers[i] = keys_.row(first + i);
  for (size_t i = 0; i < types_.size(); ++i) rows_.Gather(i, numbers, count, &out->column(i));
  out->SetRows(count);
}

bool SortRun::Precedes(const SortRun& a, uint64_t i, const SortRun& b, uint64_t j) {
  int order = SortKeys::Compare(a.keys_, i, b.keys_, j);
  if (order != 0) return order < 0;
  return a.morsels_[a.row(i)] < b.morsels_[b.row(j)];
}

}  // namespace tupelo
