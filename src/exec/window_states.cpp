// exec/window_states.cpp: ranges of rows to states, and their tree.
#include "exec/window_states.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/give_back.h"

namespace tupelo {

RangeAggregator::RangeAggregator(const WindowFunctionInput& input)
    : input_(input),
      state_bytes_((input.column->aggregate.state_bytes + 7) / 8 * 8),
      numbers_(MakeScratchArray<uint16_t>(kVectorSize)),
      selected_(MakeScratchArray<uint16_t>(kVectorSize)),
      states_(MakeScratchArray<char*>(kVectorSize)) {
  std::iota(numbers_.get(), numbers_.get() + kVectorSize, uint16_t{0});
}

void RangeAggregator::InitState(char* state) const {
  std::memset(state, 0, state_bytes_);
  if (function().init != nullptr) function().init(state, function().data);
}

template <typename Body>
void RangeAggregator::ForEachPart(uint32_t begin, uint32_t end, Body&& body) {
  const RowCollection& rows = input_.rows->rows();
  while (begin < end) {
    uint32_t at = begin % kVectorSize;
    uint32_t count = std::min(end - begin, kVectorSize - at);
    Rows part{at == 0 ? nullptr : numbers_.get() + at, count};
    if (input_.column->filter != nullptr) {
      const Vector& filter = rows.VectorOf(input_.filter, begin);
      part = Rows{selected_.get(), SelectTrue(filter, part, selected_.get())};
    }
    if (part.count > 0) {
      more_.clear();
      for (size_t i = 1; i < input_.arguments.size(); ++i) {
        more_.push_back(&rows.VectorOf(input_.arguments[i], begin));
      }
      body(input_.arguments.empty() ? nullptr : &rows.VectorOf(input_.arguments[0], begin), part);
    }
    begin += count;
  }
}

void RangeAggregator::Add(uint32_t begin, uint32_t end, char* state, Arena* heap) {
  ForEachPart(begin, end, [&](const Vector* argument, Rows rows) {
    if (function().update_single != nullptr) {
      return function().update_single(argument, rows, state, heap, function().data);
    }
    std::fill_n(states_.get(), rows.count, state);
    function().update({argument, rows, states_.get(), heap, &function().data, more_.data()});
  });
}

void RangeAggregator::Retract(uint32_t begin, uint32_t end, char* state) {
  ForEachPart(begin, end, [&](const Vector* argument, Rows rows) {
    function().retract(argument, rows, state);
  });
}

// Of the states below, or of the rows, from `first` to `end`. Those that they make up only in part
// are never asked for: ranges begin or end within them.
void StateTree::AddLevel(uint32_t first, uint32_t end) {
  uint32_t first_whole = (first + kFanout - 1) / kFanout;
  Level& level = levels_.emplace_back(first_whole, std::max(first_whole, end / kFanout));
  level.states.assign((level.end - level.first) * state_bytes_ / sizeof(uint64_t), 0);
  for (uint32_t i = level.first; i < level.end; ++i) {
    if (i % kVectorSize == 0) CheckInterruption();
    aggregator_->InitState(StateOf(levels_.size() - 1, i));
  }
}

void StateTree::Build(RangeAggregator* aggregator, RowRange rows, const ExecutionContext& context) {
  aggregator_ = aggregator;
  state_bytes_ = aggregator->state_bytes();
  levels_.clear();
  heap_.Reset();
  AddLevel(rows.begin, rows.end);
  for (uint32_t i = levels_[0].first; i < levels_[0].end; ++i) {
    if (i % (kVectorSize / kFanout) == 0) context.CheckInterrupt();
    aggregator->Add(i * kFanout, (i + 1) * kFanout, StateOf(0, i), &heap_);
  }
  for (size_t below = 0; levels_[below].end - levels_[below].first >= kFanout; ++below) {
    AddLevel(levels_[below].first, levels_[below].end);
    for (uint32_t i = levels_[below + 1].first; i < levels_[below + 1].end; ++i) {
      if (i % (kVectorSize / kFanout) == 0) context.CheckInterrupt();
      for (uint32_t part = i * kFanout; part < (i + 1) * kFanout; ++part) {
        aggregator->function().combine(StateOf(below, part), StateOf(below + 1, i), &heap_,
                                       aggregator->function().data);
      }
    }
  }
}

// States [begin, end) of a level: whole states of the level above where there are some between.
void StateTree::AddStates(size_t level, uint32_t begin, uint32_t end, char* state,
                          Arena* heap) const {
  const BoundAggregate& function = aggregator_->function();
  auto combine = [&](uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; ++i) {
      function.combine(StateOf(level, i), state, heap, function.data);
    }
  };
  uint32_t first = (begin + kFanout - 1) / kFanout, last = end / kFanout;
  if (first >= last || level + 1 == levels_.size()) return combine(begin, end);
  combine(begin, first * kFanout);
  AddStates(level + 1, first, last, state, heap);
  combine(last * kFanout, end);
}

void StateTree::AddRange(uint32_t begin, uint32_t end, char* state, Arena* heap) const {
  uint32_t first = (begin + kFanout - 1) / kFanout, last = end / kFanout;
  if (first >= last) return aggregator_->Add(begin, end, state, heap);
  aggregator_->Add(begin, first * kFanout, state, heap);
  AddStates(0, first, last, state, heap);
  aggregator_->Add(last * kFanout, end, state, heap);
}

void StateTree::Release() {
  GiveBackMemory(&levels_);
  heap_.Reset();
}

}  // namespace tupelo
