// exec/sort_merge.cpp: splitting the order into parts, and merging each.
//
// The largest run is cut into equal parts; where a row that begins one of them would stand in the
// other runs, these are cut too. So each part of the order is known to consist of certain rows of
// each run, and is merged by a thread of its own.
#include "exec/sort_merge.h"

#include <algorithm>

namespace tupelo {

namespace {

constexpr uint64_t kFewRows = 1u << 14;  // that one thread merges

}  // namespace

void SortMerge::Begin(std::vector<const SortRun*> runs, uint64_t wanted) {
  runs_ = std::move(runs);
  uint64_t total = 0;
  for (const SortRun* run : runs_) total += run->count();
  order_.ResizeForOverwrite(std::min(total, wanted));
}

void SortMerge::Merge(std::vector<const SortRun*> runs, uint64_t wanted,
                      const Interruption& interruption) {
  Begin(std::move(runs), wanted);
  MergePart(Split(0, 1), Split(1, 1), interruption);
}

void SortMerge::Merge(std::vector<const SortRun*> runs, uint64_t wanted, ParallelInput* threads,
                      uint32_t count) {
  Begin(std::move(runs), wanted);
  const uint32_t parts = order_.size() <= kFewRows ? 1 : count;
  std::vector<Positions> begins;
  for (uint32_t part = 0; part <= parts; ++part) begins.push_back(Split(part, parts));
  threads->RunParts(parts, [&](uint32_t part) {
    MergePart(begins[part], begins[part + 1], threads->context(part)->interruption);
  });
}

bool SortMerge::Precedes(size_t run, uint64_t i, size_t other, uint64_t j) const {
  int order = SortRun::Compare(*runs_[run], i, *runs_[other], j);
  return order != 0 ? order < 0 : run < other;
}

SortMerge::Positions SortMerge::Split(uint32_t part, uint32_t parts) const {
  Positions positions;
  for (const SortRun* run : runs_) positions.push_back(part == parts ? run->count() : 0);
  if (part == 0 || part == parts) return positions;
  size_t largest = 0;
  for (size_t i = 1; i < runs_.size(); ++i) {
    if (runs_[i]->count() > runs_[largest]->count()) largest = i;
  }
  uint64_t split = runs_[largest]->count() * part / parts;
  for (size_t i = 0; i < runs_.size(); ++i) {
    if (i == largest) {
      positions[i] = split;
      continue;
    }
    uint64_t first = 0, end = runs_[i]->count();
    while (first < end) {
      uint64_t middle = first + (end - first) / 2;
      if (Precedes(i, middle, largest, split)) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    positions[i] = first;
  }
  return positions;
}

// A heap of the runs that have rows left, the one with the next row on top.
void SortMerge::MergePart(Positions next, const Positions& end, const Interruption& interruption) {
  uint64_t at = 0;
  for (uint64_t position : next) at += position;
  std::vector<uint32_t> heap;
  for (uint32_t i = 0; i < runs_.size(); ++i) {
    if (next[i] != end[i]) heap.push_back(i);
  }
  auto precedes = [&](uint32_t a, uint32_t b) { return Precedes(a, next[a], b, next[b]); };
  auto sink = [&](size_t place) {
    const uint32_t run = heap[place];
    for (size_t below; (below = 2 * place + 1) < heap.size(); place = below) {
      if (below + 1 < heap.size() && precedes(heap[below + 1], heap[below])) ++below;
      if (precedes(run, heap[below])) break;
      heap[place] = heap[below];
    }
    heap[place] = run;
  };
  for (size_t place = heap.size() / 2; place-- > 0;) sink(place);
  InterruptionCounter counter(&interruption);
  while (at < order_.size() && !heap.empty()) {
    counter.Step();
    const uint32_t best = heap[0];
    order_[at++] = {best, runs_[best]->row(next[best])};
    if (++next[best] == end[best]) {
      heap[0] = heap.back();
      heap.pop_back();
      if (heap.empty()) return;
    }
    sink(0);
  }
}

// Run by run, of each the rows that it has among these.
void SortMerge::Gather(uint64_t first, uint32_t count, Chunk* out) const {
  for (size_t i = 0; i < out->column_count(); ++i) out->column(i).PrepareWrite(count);
  std::vector<uint32_t> begins(runs_.size() + 1, 0);
  for (uint32_t i = 0; i < count; ++i) ++begins[order_[first + i].run + 1];
  for (size_t run = 0; run < runs_.size(); ++run) begins[run + 1] += begins[run];
  uint32_t rows[kVectorSize];
  uint16_t positions[kVectorSize];
  std::vector<uint32_t> places(begins.begin(), begins.end() - 1);
  for (uint32_t i = 0; i < count; ++i) {
    const Place& place = order_[first + i];
    uint32_t at = places[place.run]++;
    rows[at] = place.row;
    positions[at] = static_cast<uint16_t>(i);
  }
  for (size_t run = 0; run < runs_.size(); ++run) {
    const uint32_t begin = begins[run], found = begins[run + 1] - begin;
    if (found == 0) continue;
    for (size_t i = 0; i < out->column_count(); ++i) {
      runs_[run]->rows().ScatterInto(i, rows + begin, found, positions + begin, &out->column(i));
    }
  }
  out->SetRows(count);
}

}  // namespace tupelo
