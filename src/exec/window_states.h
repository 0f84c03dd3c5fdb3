// exec/window_states.h: states of an aggregate over ranges of rows, and a tree of them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/scratch_array.h"
#include "base/work_array.h"
#include "exec/window_function.h"

namespace tupelo {

// Takes ranges of rows into states of one aggregate, FILTER regarded. Not thread-safe.
class RangeAggregator {
 public:
  explicit RangeAggregator(const WindowFunctionInput& input);

  size_t state_bytes() const { return state_bytes_; }  // a multiple of 8
  const BoundAggregate& function() const { return input_.column->aggregate; }
  void InitState(char* state) const;
  void Add(uint32_t begin, uint32_t end, char* state, Arena* heap);
  // REQUIRES: function().retract.
  void Retract(uint32_t begin, uint32_t end, char* state);

 private:
  // Calls body(argument, rows) for each vector set's part of the range.
  template <typename Body>
  void ForEachPart(uint32_t begin, uint32_t end, Body&& body);

  const WindowFunctionInput& input_;
  size_t state_bytes_;
  ScratchArray<uint16_t> numbers_, selected_;
  ScratchArray<char*> states_;
  std::vector<const Vector*> more_;
};

// States of every 16 rows, of every 16 of those, and so on, so that the state of any range is
// combined of few (Leis et al., "Efficient Processing of Window Functions in Analytical SQL
// Queries", VLDB 2015). They are states of the same rows in whichever part these are, so sums of
// approximate numbers do not depend on that. Not thread-safe.
class StateTree {
 public:
  void Build(RangeAggregator* aggregator, RowRange rows, const ExecutionContext& context);
  // Adds rows [begin, end), in order, to `state`.
  void AddRange(uint32_t begin, uint32_t end, char* state, Arena* heap) const;
  void Release();

 private:
  static constexpr uint32_t kFanout = 16;

  // State i is made of rows or states [i * kFanout, (i + 1) * kFanout).
  struct Level {
    uint32_t first, end;  // the states that are there
    WorkArray<uint64_t> states;
  };
  char* StateOf(size_t level, uint32_t i) const {
    const Level& there = levels_[level];
    return reinterpret_cast<char*>(const_cast<uint64_t*>(there.states.data())) +
           (i - there.first) * state_bytes_;
  }
  void AddLevel(uint32_t first, uint32_t end);
  void AddStates(size_t level, uint32_t begin, uint32_t end, char* state, Arena* heap) const;

  RangeAggregator* aggregator_ = nullptr;
  size_t state_bytes_ = 0;
  std::vector<Level> levels_;
  Arena heap_{ArenaUse::kWork};  // strings in the states
};

}  // namespace tupelo
