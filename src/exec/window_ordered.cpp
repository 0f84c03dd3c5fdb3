// exec/window_ordered.cpp: aggregates over frames that take rows in in an order of their own, or
// equal ones once.
//
// Every row has a place: its number in the order of ORDER BY, and with DISTINCT one that all rows
// with the same arguments share. Of the frame it is kept which places are in it, sorted; from that
// the state is made anew whenever it has changed. Where the order does not matter and the frame
// gives rows back exactly, or never, the state itself follows it.
#include <algorithm>
#include <numeric>

#include "base/work_array.h"
#include "exec/sort_keys.h"
#include "exec/window_states.h"

namespace tupelo {

namespace {

class OrderedWindowAggregate : public WindowFunction {
 public:
  explicit OrderedWindowAggregate(WindowFunctionInput input);
  void Start(const WindowPart& part) override;
  void Release() override;
  void Fill(uint32_t first, uint32_t count, Vector* result) override;

 private:
  char* State() { return reinterpret_cast<char*>(state_.data()); }
  std::vector<uint32_t> KeyColumns() const;
  void FindPlaces();
  uint32_t PlaceOf(uint32_t row) const { return places_[row - rows_.begin]; }
  bool IsTaken(uint32_t row) const;
  void Restart(uint32_t row);
  void Follow(uint32_t row);
  void Add(uint32_t begin, uint32_t end);
  void Remove(uint32_t begin, uint32_t end);
  void LeaveExcluded(bool leave);
  void MakeState();
  // Calls body(argument, rows) with the arguments of the rows numbered.
  template <typename Body>
  void ForEachPart(const std::vector<uint32_t>& numbers, Body&& body);
  void Update(const std::vector<uint32_t>& numbers);

  WindowFunctionInput input_;
  RangeAggregator aggregator_;
  SortKeys keys_;
  std::vector<uint64_t> state_;
  Arena heap_{ArenaUse::kWork};
  Chunk arguments_;                  // gathered
  std::vector<const Vector*> more_;  // its columns from the second on
  RowRange rows_;                    // of the part
  WorkArray<uint32_t> places_;       // by row of the part
  WorkArray<uint32_t> counts_;       // by place: rows of the frame that have it
  WorkArray<uint32_t> row_of_place_;
  std::vector<uint32_t> present_;  // the frame's places, sorted
  std::vector<uint32_t> moved_;    // rows or places that come or go
  RowRange taken_;
  bool excludes_, follows_;
  bool has_changed_ = false;
};

OrderedWindowAggregate::OrderedWindowAggregate(WindowFunctionInput input)
    : input_(std::move(input)), aggregator_(input_), state_((aggregator_.state_bytes() + 7) / 8) {
  const WindowColumn& column = *input_.column;
  excludes_ = column.frame.exclusion != FrameExclusion::kNoOthers;
  bool grows = column.frame.start == FrameBoundKind::kUnboundedPreceding;
  follows_ = column.order.empty() && !excludes_ && (grows || column.aggregate.retract != nullptr);
}

void OrderedWindowAggregate::Start(const WindowPart& part) {
  input_.frame->Start(part.rows.begin, part.partition);
  rows_ = part.rows;
  heap_.Reset();
  taken_ = {};
  present_.clear();
  if (arguments_.column_count() == 0) {
    std::vector<Type> types;
    for (uint32_t argument : input_.arguments) {
      types.push_back(input_.rows->rows().type(argument));
    }
    arguments_.Init(types);
    for (size_t i = 1; i < types.size(); ++i) more_.push_back(&arguments_.column(i));
  }
  FindPlaces();
}

void OrderedWindowAggregate::Release() {
  keys_.Release();
  for (auto* buffer : {&places_, &counts_, &row_of_place_}) *buffer = {};
  for (auto* buffer : {&present_, &moved_}) *buffer = {};
  heap_.Reset();
}

// What decides the place of a row: the keys of ORDER BY, then, of DISTINCT, the arguments.
std::vector<uint32_t> OrderedWindowAggregate::KeyColumns() const {
  std::vector<uint32_t> columns = input_.order;
  if (input_.column->distinct) {
    columns.insert(columns.end(), input_.arguments.begin(), input_.arguments.end());
  }
  return columns;
}

void OrderedWindowAggregate::FindPlaces() {
  const RowCollection& rows = input_.rows->rows();
  places_.resize(rows_.size());
  row_of_place_.resize(rows_.size());
  counts_.assign(rows_.size(), 0);
  std::vector<uint32_t> columns = KeyColumns();
  if (columns.empty()) {
    std::iota(places_.begin(), places_.end(), 0);
    std::iota(row_of_place_.begin(), row_of_place_.end(), rows_.begin);
    return;
  }
  std::vector<KeyColumn> keys;
  for (size_t i = 0; i < columns.size(); ++i) {
    bool is_key = i < input_.order.size();
    keys.push_back({rows.type(columns[i]), is_key && input_.column->order[i].descending,
                    is_key && input_.column->order[i].nulls_first, false});
  }
  keys_.Init(std::move(keys));
  std::vector<const Vector*> vectors(columns.size());
  uint16_t numbers[kVectorSize], kept[kVectorSize];
  for (uint32_t first = rows_.begin; first < rows_.end;) {
    input_.context->CheckInterrupt();
    for (size_t i = 0; i < columns.size(); ++i) vectors[i] = &rows.VectorOf(columns[i], first);
    uint32_t at = first % kVectorSize, count = std::min(rows_.end - first, kVectorSize - at);
    std::iota(numbers, numbers + count, static_cast<uint16_t>(at));
    keys_.Append(vectors, Rows{at == 0 ? nullptr : numbers, count}, kept);
    first += count;
  }
  keys_.Sort(input_.context->interruption);
  uint32_t place = 0;
  for (uint32_t i = 0; i < rows_.size(); ++i) {
    if (i % kVectorSize == 0) input_.context->CheckInterrupt();
    bool is_same =
        i > 0 && input_.column->distinct && SortKeys::Compare(keys_, i - 1, keys_, i) == 0;
    if (i > 0 && !is_same) ++place;
    places_[keys_.row(i)] = place;
    row_of_place_[place] = rows_.begin + keys_.row(i);
  }
  keys_.Release();
}

bool OrderedWindowAggregate::IsTaken(uint32_t row) const {
  if (input_.column->filter == nullptr) return true;
  const Vector& filter = input_.rows->rows().VectorOf(input_.filter, row);
  return filter.IsValid(row % kVectorSize) && filter.At<uint8_t>(row % kVectorSize) != 0;
}

template <typename Body>
void OrderedWindowAggregate::ForEachPart(const std::vector<uint32_t>& numbers, Body&& body) {
  for (size_t done = 0; done < numbers.size(); done += kVectorSize) {
    input_.context->CheckInterrupt();
    auto count = static_cast<uint32_t>(std::min<size_t>(numbers.size() - done, kVectorSize));
    for (size_t i = 0; i < input_.arguments.size(); ++i) {
      input_.rows->rows().Gather(input_.arguments[i], numbers.data() + done, count,
                                 &arguments_.column(i));
    }
    body(&arguments_.column(0), Rows{nullptr, count});
  }
}

void OrderedWindowAggregate::Update(const std::vector<uint32_t>& numbers) {
  const BoundAggregate& function = aggregator_.function();
  char* states[kVectorSize];
  std::fill_n(states, std::min<size_t>(numbers.size(), kVectorSize), State());
  ForEachPart(numbers, [&](const Vector* argument, Rows rows) {
    function.update({argument, rows, states, &heap_, &function.data, more_.data()});
  });
}

void OrderedWindowAggregate::Restart(uint32_t row) {
  for (uint32_t old = taken_.begin; old < taken_.end; ++old) counts_[PlaceOf(old)] = 0;
  present_.clear();
  taken_ = {row, row};
  has_changed_ = true;
  if (!follows_) return;
  aggregator_.InitState(State());
  heap_.Reset();
}

void OrderedWindowAggregate::Add(uint32_t begin, uint32_t end) {
  moved_.clear();
  InterruptionCounter counter(&input_.context->interruption);
  for (uint32_t row = begin; row < end; ++row) {
    counter.Step();
    if (!IsTaken(row)) continue;
    uint32_t place = PlaceOf(row);
    if (counts_[place]++ > 0) continue;
    row_of_place_[place] = row;
    moved_.push_back(follows_ ? row : place);
  }
  if (moved_.empty()) return;
  has_changed_ = true;
  if (follows_) return Update(moved_);
  std::sort(moved_.begin(), moved_.end(), [&](uint32_t a, uint32_t b) {
    counter.Step();
    return a < b;
  });
  auto middle = static_cast<ptrdiff_t>(present_.size());
  present_.insert(present_.end(), moved_.begin(), moved_.end());
  std::inplace_merge(present_.begin(), present_.begin() + middle, present_.end());
}

void OrderedWindowAggregate::Remove(uint32_t begin, uint32_t end) {
  moved_.clear();
  for (uint32_t row = begin; row < end; ++row) {
    if (IsTaken(row) && --counts_[PlaceOf(row)] == 0) moved_.push_back(row);
  }
  if (moved_.empty()) return;
  has_changed_ = true;
  if (!follows_) {
    std::erase_if(present_, [this](uint32_t place) { return counts_[place] == 0; });
    return;
  }
  ForEachPart(moved_, [&](const Vector* argument, Rows rows) {
    aggregator_.function().retract(argument, rows, State());
  });
}

// Makes what is taken that of the frame.
void OrderedWindowAggregate::Follow(uint32_t row) {
  RowRange frame = input_.frame->frame();
  if (row == input_.frame->partition().begin || frame.begin >= taken_.end) Restart(frame.begin);
  if (frame.begin > taken_.begin) Remove(taken_.begin, frame.begin);
  if (frame.end > taken_.end) Add(taken_.end, frame.end);
  taken_ = frame;
}

// Takes the rows that EXCLUDE names out of what is taken, or puts them back.
void OrderedWindowAggregate::LeaveExcluded(bool leave) {
  RowRange parts[3] = {};
  int count = input_.frame->Parts(parts);
  uint32_t at = taken_.begin;
  auto move = [&](uint32_t end) {
    if (at < end) leave ? Remove(at, end) : Add(at, end);
  };
  for (int i = 0; i < count; ++i) {
    if (parts[i].size() == 0) continue;
    move(parts[i].begin);
    at = parts[i].end;
  }
  move(taken_.end);
}

void OrderedWindowAggregate::MakeState() {
  aggregator_.InitState(State());
  heap_.Reset();
  moved_.clear();
  for (uint32_t place : present_) moved_.push_back(row_of_place_[place]);
  Update(moved_);
  has_changed_ = false;
}

void OrderedWindowAggregate::Fill(uint32_t first, uint32_t count, Vector* result) {
  const BoundAggregate& function = aggregator_.function();
  uint32_t at = first % kVectorSize;
  result->PrepareWrite(at + count);
  char* state = State();
  for (uint32_t i = 0; i < count; ++i) {
    input_.frame->MoveTo(first + i);
    Follow(first + i);
    if (excludes_) LeaveExcluded(true);
    if (!follows_ && has_changed_) MakeState();
    if (excludes_) LeaveExcluded(false);
    function.finalize(&state, 1, result, at + i, function.data);
  }
}

}  // namespace

WindowFunctionPtr MakeOrderedWindowAggregate(WindowFunctionInput input) {
  return std::make_unique<OrderedWindowAggregate>(std::move(input));
}

}  // namespace tupelo
