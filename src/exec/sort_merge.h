// exec/sort_merge.h: rows that were sorted in several runs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec/parallel_input.h"
#include "exec/sort_run.h"

namespace tupelo {

// One order of the rows of several runs.
class SortMerge {
 public:
  // The first `wanted` of them. Of equal rows of runs without morsels, or of one morsel, that of
  // the earlier run is the first. The runs stay as they are for as long as rows are gathered.
  void Merge(std::vector<const SortRun*> runs, uint64_t wanted, const Interruption& interruption);
  // The same on `count` threads.
  void Merge(std::vector<const SortRun*> runs, uint64_t wanted, ParallelInput* threads,
             uint32_t count);
  void Clear() { order_ = {}; }

  uint64_t count() const { return order_.size(); }
  void Gather(uint64_t first, uint32_t count, Chunk* out) const;

 private:
  struct Place {
    uint32_t run, row;
  };
  // Where in each run a part of the order begins.
  using Positions = std::vector<uint64_t>;
  void Begin(std::vector<const SortRun*> runs, uint64_t wanted);
  bool Precedes(size_t run, uint64_t i, size_t other, uint64_t j) const;
  Positions Split(uint32_t part, uint32_t parts) const;
  void MergePart(Positions next, const Positions& end, const Interruption& interruption);

  std::vector<const SortRun*> runs_;
  WorkArray<Place> order_;
};

}  // namespace tupelo
