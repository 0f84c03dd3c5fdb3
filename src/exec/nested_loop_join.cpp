// exec/nested_loop_join.cpp: joins on any condition, or on none.
//
// A large right side: each left row in turn becomes constants, against which the condition is
// evaluated over the stored right vectors as they are. A small one: pairs of many left rows are
// gathered, and the condition is evaluated once for all of them. Without a condition, and with a
// large right side, nothing is copied at all.
#include <algorithm>

#include "exec/join.h"

namespace tupelo {

namespace {

// Right rows that are worth an evaluation of their own for each left row.
constexpr uint64_t kLargeRight = 128;

class NestedLoopJoin : public Join {
 public:
  NestedLoopJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Join(node, context, outer), selection_(MakeScratchArray<uint16_t>(kVectorSize)) {
    std::vector<Type> types;
    for (const Vector* vector : stored_) types.push_back(vector->type());
    stored_rows_.Init(std::move(types));
  }

 protected:
  void StoreRight(const Chunk& chunk) override { stored_rows_.Append(stored_, chunk.rows()); }
  void StartLeft() override {
    position_ = 0;
    next_right_ = 0;
    matched_ = false;
  }
  Batch NextBatch() override {
    if (position_ == left_chunk_->row_count()) return Batch::kEnd;
    if (stored().row_count() < kLargeRight) return SmallBatch();
    if (gives_once_) return OnceBatch();
    return predicate_ == nullptr ? DirectBatch() : LargeBatch();
  }

 private:
  Batch SmallBatch();
  Batch LargeBatch();
  Batch OnceBatch();
  // condition_input_: the left row beside `count` right rows from `first` on.
  void ShowCandidates(uint32_t left_row, uint64_t first, uint32_t count);
  Batch DirectBatch();
  // Makes `target` the constant that `source` has in `row`.
  static void ShowConstant(const Vector& source, uint32_t row, Vector* target);
  void StepRight(uint64_t rows) {
    next_right_ += rows;
    if (next_right_ < stored().row_count()) return;
    next_right_ = 0;
    ++position_;
  }

  ScratchArray<uint16_t> selection_;
  uint32_t position_ = 0;    // in the left vector set
  uint64_t next_right_ = 0;  // the next right row for it
  bool matched_ = false;     // LargeBatch: the left row at position_ was
};

void NestedLoopJoin::ShowConstant(const Vector& source, uint32_t row, Vector* target) {
  if (!source.IsValid(row)) {
    target->SetConstantNull();
    return;
  }
  size_t width = WidthBytes(source.physical());
  auto* values = const_cast<char*>(static_cast<const char*>(source.RawData()));
  target->Borrow(values + source.Index(row) * width, nullptr);
  target->SetConstant(true);
}

Join::Batch NestedLoopJoin::SmallBatch() {
  uint64_t right_count = stored().row_count();
  Rows rows = left_chunk_->rows();
  uint32_t open_row = kNoLeftRow;
  while (position_ < rows.count && candidate_count() < kVectorSize) {
    uint32_t row = rows[position_];
    if (right_count == 0) {
      if (keeps_left_) AddLonely(row);
      ++position_;
      continue;
    }
    uint64_t room = kVectorSize - candidate_count();
    uint64_t end = std::min(right_count, next_right_ + room);
    for (uint64_t right = next_right_; right < end; ++right) {
      AddCandidate(row, static_cast<uint32_t>(right));
    }
    if (end < right_count) open_row = row;
    StepRight(end - next_right_);
  }
  Settle(open_row);
  return Batch::kPairs;
}

// Adds pairs, matched left rows in order, until a vector set is full or the left rows are at their
// end.
Join::Batch NestedLoopJoin::LargeBatch() {
  Rows rows = left_chunk_->rows();
  while (position_ < rows.count && pair_count_ < kVectorSize) {
    context_->CheckInterrupt();
    uint32_t row = rows[position_];
    uint32_t right_count =
        static_cast<uint32_t>(std::min<uint64_t>(kVectorSize, stored().row_count() - next_right_));
    ShowCandidates(row, next_right_, right_count);
    predicate_->Apply(&condition_input_);
    Rows passed = condition_input_.rows();
    for (uint32_t i = 0; i < passed.count; ++i) {
      auto right_row = static_cast<uint32_t>(next_right_ + passed[i]);
      AddCandidate(row, right_row);
      MarkRight(right_row);
    }
    matched_ |= passed.count > 0;
    bool is_last = next_right_ + right_count == stored().row_count();
    if (is_last && keeps_left_ && !matched_) AddCandidate(row, RowCollection::kNoRow);
    if (is_last) matched_ = false;
    StepRight(right_count);
  }
  return Batch::kPairs;
}

void NestedLoopJoin::ShowCandidates(uint32_t left_row, uint64_t first, uint32_t count) {
  const Chunk& set = stored().set(first / kVectorSize);
  for (size_t i = 0; i < condition_sources_.size(); ++i) {
    const Source& source = condition_sources_[i];
    Vector& target = condition_input_.column(i);
    if (!source.is_left) {
      target.Reference(set.column(source.column));
    } else {
      ShowConstant(left_chunk_->column(source.column), left_row, &target);
    }
  }
  condition_input_.SetRows(count);
}

// Each left row meets right vector sets until it is clear what becomes of it.
Join::Batch NestedLoopJoin::OnceBatch() {
  Rows rows = left_chunk_->rows();
  const uint64_t right_count = stored().row_count();
  uint32_t count = 0;
  while (position_ < rows.count && count < kVectorSize) {
    uint32_t row = rows[position_++];
    Match match;
    for (uint64_t right = 0; right < right_count && !IsDecided(match); right += kVectorSize) {
      context_->CheckInterrupt();
      auto size = static_cast<uint32_t>(std::min<uint64_t>(kVectorSize, right_count - right));
      ShowCandidates(row, right, size);
      Rows passed = TestCondition();
      for (uint32_t i = 0; i < passed.count && !IsDecided(match); ++i) {
        AddMatch(&match, TruthAt(passed[i]), static_cast<uint32_t>(right + passed[i]));
      }
    }
    Conclude(row, match, &count);
  }
  pair_count_ = count;
  return Batch::kPairs;
}

Join::Batch NestedLoopJoin::DirectBatch() {
  context_->CheckInterrupt();
  uint32_t row = left_chunk_->rows()[position_];
  const Chunk& set = stored().set(next_right_ / kVectorSize);
  auto right_count =
      static_cast<uint32_t>(std::min<uint64_t>(kVectorSize, stored().row_count() - next_right_));
  for (size_t i = 0; i < output_sources_.size(); ++i) {
    const Source& source = output_sources_[i];
    if (source.is_left) {
      ShowConstant(left_chunk_->column(source.column), row, &output_.column(i));
    } else {
      output_.column(i).Reference(set.column(source.column));
    }
  }
  for (uint32_t i = 0; i < right_count; ++i) MarkRight(static_cast<uint32_t>(next_right_ + i));
  output_.SetRows(right_count);
  StepRight(right_count);
  return Batch::kDirect;
}

}  // namespace

OperatorPtr MakeNestedLoopJoin(const PlanNode& node, ExecutionContext* context,
                               const ColumnMap* outer) {
  return std::make_unique<NestedLoopJoin>(node, context, outer);
}

}  // namespace tupelo
