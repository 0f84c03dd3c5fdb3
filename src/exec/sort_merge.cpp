// exec/sort_merge.cpp: splitting the order into parts, and merging each.
//
// The largest run is cut into equal parts; where a row that begins one of them would stand in the
// other runs, these are cut too. So each part of the order is known to consist of certain rows of
// each run, and is merged by a thread of its own.
#include "exec/sort_merge.h"

#include <algorithm>

#include "base/large_vector.h"

namespace tupelo {

namespace {

constexpr uint64_t kFewRows = 1u << 14;  // that one thread merges

}  // namespace

void SortMerge::Merge(std::vector<const SortRun*> runs, uint64_t wanted, ParallelInput* threads) {
  runs_ = std::move(runs);
  uint64_t total = 0;
  for (const SortRun* run : runs_) total += run->count();
  ResizeInSteps(&order_, std::min(total, wanted));
  auto parts = static_cast<uint32_t>(order_.size() <= kFewRows ? 1 : runs_.size());
  std::vector<Positions> begins;
  for (uint32_t part = 0; part <= parts; ++part) begins.push_back(Split(part, parts));
  threads->RunParts(parts, [&](uint32_t part) {
    MergePart(begins[part], begins[part + 1], threads->context(part)->interruption);
  });
}

SortMerge::Positions SortMerge::Split(uint32_t part, uint32_t parts) const {
  Positions positions;
  for (const SortRun* run : runs_) positions.push_back(part == parts ? run->count() : 0);
  if (part == 0 || part == parts) return positions;
  const SortRun& largest = **std::max_element(
      runs_.begin(), runs_.end(),
      [](const SortRun* a, const SortRun* b) { return a->count() < b->count(); });
  uint64_t split = largest.count() * part / parts;
  for (size_t i = 0; i < runs_.size(); ++i) {
    if (runs_[i] == &largest) {
      positions[i] = split;
      continue;
    }
    uint64_t first = 0, end = runs_[i]->count();
    while (first < end) {
      uint64_t middle = first + (end - first) / 2;
      if (SortRun::Precedes(*runs_[i], middle, largest, split)) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    positions[i] = first;
  }
  return positions;
}

void SortMerge::MergePart(Positions next, const Positions& end, const Interruption& interruption) {
  uint64_t at = 0;
  for (uint64_t position : next) at += position;
  InterruptionCounter counter(&interruption);
  while (at < order_.size()) {
    counter.Step();
    size_t best = runs_.size();
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (next[i] == end[i]) continue;
      if (best == runs_.size() || SortRun::Precedes(*runs_[i], next[i], *runs_[best], next[best])) {
        best = i;
      }
    }
    if (best == runs_.size()) return;
    order_[at++] = {static_cast<uint32_t>(best), runs_[best]->row(next[best])};
    ++next[best];
  }
}

void SortMerge::Gather(uint64_t first, uint32_t count, Chunk* out) const {
  for (size_t i = 0; i < out->column_count(); ++i) out->column(i).PrepareWrite(count);
  uint32_t rows[kVectorSize];
  uint16_t positions[kVectorSize];
  for (uint32_t run = 0; run < runs_.size(); ++run) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const Place& place = order_[first + i];
      rows[found] = place.row;
      positions[found] = static_cast<uint16_t>(i);
      found += place.run == run ? 1 : 0;
    }
    for (size_t i = 0; i < out->column_count(); ++i) {
      runs_[run]->rows().ScatterInto(i, rows, found, positions, &out->column(i));
    }
  }
  out->SetRows(count);
}

}  // namespace tupelo
