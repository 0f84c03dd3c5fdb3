// exec/window_aggregate.cpp: aggregates over frames.
//
// A frame that only grows takes new rows into the state that is there. One that moves gives rows
// back as well, where the aggregate can do that exactly; else, and with EXCLUDE, the state of each
// frame is put together from a tree of states. So no row's result costs the length of its frame.
#include <cstring>

#include "exec/window_states.h"

namespace tupelo {

namespace {

class WindowAggregate : public WindowFunction {
 public:
  explicit WindowAggregate(WindowFunctionInput input)
      : input_(std::move(input)), aggregator_(input_), state_((aggregator_.state_bytes() + 7) / 8) {
    const FramePlan& frame = input_.column->frame;
    bool excludes = frame.exclusion != FrameExclusion::kNoOthers;
    grows_ = !excludes && frame.start == FrameBoundKind::kUnboundedPreceding;
    slides_ = !excludes && aggregator_.function().retract != nullptr;
  }

  void Start(const WindowPart& part) override {
    input_.frame->Start(part.rows.begin, part.partition);
    taken_ = {};
    heap_.Reset();
    if (!grows_ && !slides_) tree_.Build(&aggregator_, part.rows, *input_.context);
  }
  void Release() override {
    tree_.Release();
    heap_.Reset();
  }

  void Fill(uint32_t first, uint32_t count, Vector* result) override {
    const BoundAggregate& function = aggregator_.function();
    uint32_t at = first % kVectorSize;
    result->PrepareWrite(at + count);
    char* state = State();
    for (uint32_t i = 0; i < count; ++i) {
      input_.frame->MoveTo(first + i);
      if (grows_ || slides_) {
        Follow(first + i);
      } else {
        PutTogether();
      }
      function.finalize(&state, 1, result, at + i, function.data);
    }
  }

 private:
  char* State() { return reinterpret_cast<char*>(state_.data()); }

  void Restart(uint32_t row) {
    aggregator_.InitState(State());
    heap_.Reset();
    taken_ = {row, row};
  }

  // Makes the state that of the frame from what it was for the row before.
  void Follow(uint32_t row) {
    RowRange frame = input_.frame->frame();
    if (row == input_.frame->partition().begin || frame.begin >= taken_.end) Restart(frame.begin);
    if (frame.begin > taken_.begin) aggregator_.Retract(taken_.begin, frame.begin, State());
    if (frame.end > taken_.end) aggregator_.Add(taken_.end, frame.end, State(), &heap_);
    taken_ = frame;
  }

  void PutTogether() {
    aggregator_.InitState(State());
    heap_.Reset();
    RowRange parts[3] = {};
    int count = input_.frame->Parts(parts);
    for (int i = 0; i < count; ++i) {
      if (parts[i].size() > 0) tree_.AddRange(parts[i].begin, parts[i].end, State(), &heap_);
    }
  }

  WindowFunctionInput input_;
  RangeAggregator aggregator_;
  StateTree tree_;
  std::vector<uint64_t> state_;
  Arena heap_{ArenaUse::kWork};
  RowRange taken_;  // rows that the state has, when it follows the frame
  bool grows_, slides_;
};

}  // namespace

WindowFunctionPtr MakeWindowAggregate(WindowFunctionInput input) {
  const WindowColumn& column = *input.column;
  bool is_plain = column.order.empty() && !column.distinct && column.aggregate.combine != nullptr;
  if (!is_plain) return MakeOrderedWindowAggregate(std::move(input));
  return std::make_unique<WindowAggregate>(std::move(input));
}

}  // namespace tupelo
