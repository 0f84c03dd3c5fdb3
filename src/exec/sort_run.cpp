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
  if (with_morsels_) morsels_.resize(morsels_.size() + count, morsel);
  if (keys_.count() > most_) Cut(interruption);
}

// Leaves the first `wanted_` rows.
void SortRun::Cut(const Interruption& interruption) {
  keys_.Sort(interruption);
  if (best_.column_count() == 0) best_.Init(types_);
  best_.Clear();
  AppendInOrder(wanted_, &best_, interruption);
  PutMorselsInOrder(wanted_);
  std::swap(rows_, best_);
  keys_.KeepFirst(wanted_);
}

void SortRun::AppendInOrder(uint64_t count, RowCollection* target,
                            const Interruption& interruption) {
  if (moved_.column_count() == 0) moved_.Init(types_);
  for (uint64_t done = 0; done < count;) {
    interruption.Check();
    auto part = static_cast<uint32_t>(std::min<uint64_t>(count - done, kVectorSize));
    Gather(done, part, &moved_);
    target->Append(moved_);
    done += part;
  }
}

void SortRun::PutMorselsInOrder(uint64_t count) {
  if (!with_morsels_) return;
  WorkArray<uint32_t> morsels;
  morsels.ResizeForOverwrite(count);
  for (uint64_t i = 0; i < count; ++i) morsels[i] = morsels_[keys_.row(i)];
  morsels_.swap(morsels);
}

void SortRun::Seal(const Interruption& interruption) {
  keys_.Sort(interruption);
  RowCollection ordered(types_);
  ordered.WriteAll();
  AppendInOrder(keys_.count(), &ordered, interruption);
  PutMorselsInOrder(keys_.count());
  morsels_.WriteOut();
  std::swap(rows_, ordered);
  best_ = {};
  keys_.Seal();
}

void SortRun::MoveTo(RowCollection* target, const Interruption& interruption) {
  uint64_t place = 0;
  while (place < keys_.count() && keys_.row(place) == place) ++place;
  if (place == keys_.count()) {
    target->Adopt(&rows_);
  } else {
    AppendInOrder(keys_.count(), target, interruption);
  }
}

void SortRun::Gather(uint64_t first, uint32_t count, Chunk* out) const {
  uint32_t numbers[kVectorSize];
  for (uint32_t i = 0; i < count; ++i) numbers[i] = keys_.row(first + i);
  for (size_t i = 0; i < types_.size(); ++i) rows_.Gather(i, numbers, count, &out->column(i));
  out->SetRows(count);
}

int SortRun::Compare(const SortRun& a, uint64_t i, const SortRun& b, uint64_t j) {
  int order = SortKeys::Compare(a.keys_, i, b.keys_, j);
  if (order != 0 || !a.with_morsels_) return order;
  uint32_t left = a.morsels_[a.row(i)], right = b.morsels_[b.row(j)];
  return left < right ? -1 : left > right;
}

}  // namespace tupelo
