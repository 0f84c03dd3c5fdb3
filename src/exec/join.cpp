// exec/join.cpp: collecting the right side, settling pairs, gathering output.
#include "exec/join.h"

#include <algorithm>

#include "base/give_back.h"
#include "exec/pipeline_worker.h"

namespace tupelo {

namespace {

const Join* FindSource(const PlanNode& node, const ExecutionContext& context) {
  if (context.worker == nullptr) return nullptr;
  for (const auto& [known, join] : context.worker->shared->joins) {
    if (known == &node) return join;
  }
  throw Error(ErrorCode::kInternalError, "a join of a worker is not one of the statement");
}

}  // namespace

Join::Join(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Operator(node, context),
      kind_(node.join_kind),
      gives_once_(GivesLeftOnly(kind_) || kind_ == JoinKind::kSingle),
      keeps_left_(kind_ == JoinKind::kLeft || kind_ == JoinKind::kFull ||
                  (gives_once_ && kind_ != JoinKind::kSemi)),
      gives_right_only_(GivesRightOnly(kind_)),
      keeps_right_(kind_ == JoinKind::kRight || kind_ == JoinKind::kFull || gives_right_only_),
      outer_(outer),
      left_(BuildInput(node, 0, context, outer)),
      right_(context->worker == nullptr ? BuildInput(node, 1, context, outer) : nullptr),
      source_(FindSource(node, *context)),
      left_columns_(outer),
      right_columns_(outer),
      right_input_(node, context, outer),
      left_rows_(MakeScratchArray<uint16_t>(kMaxPairs)),
      right_rows_(MakeScratchArray<uint32_t>(kMaxPairs)),
      alive_(MakeScratchArray<uint8_t>(kMaxPairs)),
      looked_into_(source_ == nullptr ? &stored_rows_ : &source_->stored_rows_),
      condition_columns_(outer) {
  InitOutput();
  if (source_ != nullptr) {
    std::vector<Type> types;
    for (const OutputColumn& column : node.children[1]->output) types.push_back(column.type);
    right_shape_.Init(types);
  }
  left_columns_.AddChunk(node.children[0]->output, left_->output());
  right_columns_.AddChunk(node.children[1]->output, right_output());
  for (const OutputColumn& column : node.output) output_sources_.push_back(Locate(column.id));
  if (node.condition != nullptr || node.comparison != nullptr) PrepareCondition(node, context);
}

void Join::PrepareCondition(const PlanNode& node, ExecutionContext* context) {
  std::vector<ColumnId> read;
  if (node.condition != nullptr) CollectColumns(*node.condition, &read);
  if (node.comparison != nullptr) CollectColumns(*node.comparison, &read);
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());
  std::vector<Type> types;
  std::vector<ColumnId> own;
  for (ColumnId id : read) {
    for (const PlanPtr& child : node.children) {
      for (const OutputColumn& column : child->output) {
        if (column.id != id) continue;
        own.push_back(id);
        types.push_back(column.type);
        condition_sources_.push_back(Locate(id));
      }
    }
  }
  condition_input_.Init(types);
  for (size_t i = 0; i < own.size(); ++i) {
    condition_columns_.Add(own[i], &condition_input_.column(i));
  }
  if (node.condition != nullptr) {
    predicate_ = std::make_unique<Predicate>(context, &condition_columns_, *node.condition);
  }
  if (node.comparison != nullptr) {
    comparison_ = std::make_unique<Evaluator>(context, &condition_columns_);
    comparison_value_ = comparison_->Add(*node.comparison);
  }
  gather_left_ = MakeScratchArray<uint16_t>(kVectorSize);
  gather_right_ = MakeScratchArray<uint32_t>(kVectorSize);
  alive_positions_ = MakeScratchArray<uint16_t>(kVectorSize);
}

// Where a column of the joined row comes from; a right one is stored from now on.
Join::Source Join::Locate(ColumnId id) {
  if (id == node_->mark && id != kNoColumn) return {false, kMarkColumn};
  const auto& left = node_->children[0]->output;
  for (uint32_t i = 0; i < left.size(); ++i) {
    if (left[i].id == id) return {true, i};
  }
  const auto& right = node_->children[1]->output;
  for (uint32_t i = 0; i < right.size(); ++i) {
    if (right[i].id != id) continue;
    const Vector* vector = &right_output().column(i);
    auto known = std::find(stored_.begin(), stored_.end(), vector);
    if (known == stored_.end()) known = stored_.insert(known, vector);
    return {false, static_cast<uint32_t>(known - stored_.begin())};
  }
  throw Error(ErrorCode::kInternalError, "a column of a join is in neither of its inputs");
}

void Join::OpenSelf() {
  state_ = State::kRight;
  left_chunk_ = nullptr;
  ClearCandidates();
  open_row_ = kNoLeftRow;
  next_right_ = right_range_ = 0;
  stored_rows_.Clear();
  right_ranges_.clear();
  if (source_ != nullptr) {
    state_ = StateOfRight();
  } else {
    right_->Open();
  }
  left_->Open();
}

void Join::PrepareWorkers(SharedPipeline* shared) {
  shared->joins.emplace_back(node_, this);
  if (state_ == State::kRight && !shared->gives_nothing) CollectRight();
  shared->gives_nothing |= state_ == State::kDone;
  left_->PrepareWorkers(shared);
}

// What follows once the right side is there.
Join::State Join::StateOfRight() const {
  return stored().row_count() == 0 && !keeps_left_ ? State::kDone : State::kLeft;
}

void Join::Close() {
  left_->Close();
  if (right_ != nullptr) right_->Close();
  state_ = State::kDone;
  stored_rows_.Clear();
  if (right_matched_.capacity() > kVectorSize) GiveBackMemory(&right_matched_);
}

void Join::CollectRight() {
  BeginRight();
  if (!StoreRightInParallel()) {
    while (Chunk* chunk = right_->Next()) {
      StoreRight(*chunk);
      context_->CheckInterrupt();
    }
    right_ranges_.push_back({0, static_cast<uint32_t>(stored_rows_.row_count())});
  }
  FinishRight();
  if (keeps_right_) right_matched_.assign(stored_rows_.row_count(), 0);
  state_ = StateOfRight();
}

Chunk* Join::Step() {
  if (state_ == State::kRight) CollectRight();
  while (state_ == State::kLeft) {
    if (emitted_ < pair_count_) return EmitPairs();
    context_->CheckInterrupt();
    if (left_chunk_ == nullptr) {
      left_chunk_ = left_->Next();
      if (left_chunk_ == nullptr) {
        state_ = keeps_right_ ? State::kRightRows : State::kDone;
        break;
      }
      StartLeft();
    }
    ClearCandidates();
    switch (NextBatch()) {
      case Batch::kPairs: break;
      case Batch::kDirect: return &output_;
      case Batch::kEnd: left_chunk_ = nullptr; break;
    }
  }
  return state_ == State::kRightRows ? EmitRight() : nullptr;
}

void Join::ApplyCondition() {
  uint32_t count = 0;
  for (uint32_t i = 0; i < pair_count_; ++i) {
    alive_positions_[count] = static_cast<uint16_t>(i);
    gather_left_[count] = left_rows_[i];
    gather_right_[count] = right_rows_[i];
    count += alive_[i];
  }
  if (count == 0) return;
  for (size_t i = 0; i < condition_sources_.size(); ++i) {
    const Source& source = condition_sources_[i];
    Vector& target = condition_input_.column(i);
    if (source.is_left) {
      target.PrepareWrite(count);
      target.Append(0, left_chunk_->column(source.column), Rows{gather_left_.get(), count}, false);
    } else {
      stored().Gather(source.column, gather_right_.get(), count, &target);
    }
  }
  condition_input_.SetRows(count);
  Rows passed = TestCondition();
  if (passed.count == count && comparison_ == nullptr) return;
  std::fill_n(alive_.get(), pair_count_, uint8_t{kNone});
  for (uint32_t i = 0; i < passed.count; ++i) {
    alive_[alive_positions_[passed[i]]] = TruthAt(passed[i]);
  }
}

Rows Join::TestCondition() {
  if (predicate_ != nullptr) predicate_->Apply(&condition_input_);
  Rows passed = condition_input_.rows();
  if (comparison_ != nullptr && passed.count != 0) comparison_->Run(passed);
  return passed;
}

void Join::Settle(uint32_t open_row) {
  if (has_condition()) ApplyCondition();
  if (gives_once_) {
    SettleOnce(open_row);
    return;
  }
  bool opens_here = pair_count_ > 0 && left_rows_[pair_count_ - 1] == open_row;
  uint32_t count = 0;
  for (uint32_t i = 0; i < pair_count_;) {
    uint16_t left_row = left_rows_[i];
    bool matched = left_row == open_row_ && open_row_matched_;
    for (; i < pair_count_ && left_rows_[i] == left_row; ++i) {
      if (alive_[i] == 0) continue;
      matched = true;
      MarkRight(right_rows_[i]);
      left_rows_[count] = left_row;
      right_rows_[count++] = right_rows_[i];
    }
    if (left_row == open_row) {
      open_row_matched_ = matched;
    } else if (keeps_left_ && !matched) {
      left_rows_[count] = left_row;
      right_rows_[count++] = RowCollection::kNoRow;
    }
  }
  if (!opens_here) open_row_matched_ = false;  // the batch was full before its first candidate
  open_row_ = open_row;
  pair_count_ = gives_right_only_ ? 0 : count;
  emitted_ = 0;
}

void Join::AddMatch(Match* match, uint8_t truth, uint32_t right_row) const {
  if (truth == kNone || match->truth == kTrue) {
    if (truth == kNone || kind_ != JoinKind::kSingle) return;
    throw Error(ErrorCode::kCardinalityViolation,
                "a scalar subquery returned more than one row; it may return at most one",
                node_->position);
  }
  match->truth = truth;
  match->right_row = right_row;
}

void Join::Conclude(uint32_t left_row, const Match& match, uint32_t* count) {
  if (kind_ == JoinKind::kSemi && match.truth != kTrue) return;
  if (kind_ == JoinKind::kAnti && match.truth == kTrue) return;
  left_rows_[*count] = static_cast<uint16_t>(left_row);
  right_rows_[*count] = match.right_row;
  alive_[(*count)++] = match.truth;
}

void Join::SettleOnce(uint32_t open_row) {
  bool opens_here = pair_count_ > 0 && left_rows_[pair_count_ - 1] == open_row;
  uint32_t count = 0;
  for (uint32_t i = 0; i < pair_count_;) {
    uint16_t left_row = left_rows_[i];
    Match match = left_row == open_row_ ? open_match_ : Match{};
    for (; i < pair_count_ && left_rows_[i] == left_row; ++i) {
      AddMatch(&match, alive_[i], right_rows_[i]);
    }
    if (left_row == open_row) {
      open_match_ = match;
    } else {
      Conclude(left_row, match, &count);
    }
  }
  if (!opens_here) open_match_ = {};
  open_row_ = open_row;
  pair_count_ = count;
  emitted_ = 0;
}

void Join::ShowMarks(const uint8_t* marks, Rows rows, Vector* target) const {
  uint32_t capacity = rows.is_dense() ? rows.count : rows.rows[rows.count - 1] + 1u;
  target->PrepareWrite(capacity);
  auto* values = target->MutableData<uint8_t>();
  for (uint32_t i = 0; i < rows.count; ++i) {
    values[rows[i]] = marks[i] == kTrue;
    if (marks[i] == kUnknown) target->SetNull(rows[i]);
  }
}

void Join::SettleAll() {
  emitted_ = 0;
  if (!keeps_right_) return;
  for (uint32_t i = 0; i < pair_count_; ++i) {
    if (right_rows_[i] != RowCollection::kNoRow) right_matched_[right_rows_[i]] = 1;
  }
  if (gives_right_only_) pair_count_ = 0;
}

// Where each left row stands only once, the left vectors are shown as they are, under a selection.
Chunk* Join::EmitPairs() {
  uint32_t count = std::min(pair_count_ - emitted_, kVectorSize);
  const uint16_t* left_rows = left_rows_.get() + emitted_;
  const uint32_t* right_rows = right_rows_.get() + emitted_;
  emitted_ += count;
  bool repeats = false;
  uint16_t highest = left_rows[0];
  for (uint32_t i = 1; i < count; ++i) {
    repeats |= left_rows[i] == left_rows[i - 1];
    highest = std::max(highest, left_rows[i]);
  }
  // Of dense left rows in their order: not one is missing.
  bool is_whole = left_chunk_->rows().is_dense() && highest + 1u == count;
  bool is_dense = repeats || is_whole;
  for (size_t i = 0; i < output_sources_.size(); ++i) {
    const Source& source = output_sources_[i];
    Vector& target = output_.column(i);
    if (source.column == kMarkColumn) {
      Rows rows = is_dense ? Rows{nullptr, count} : Rows{left_rows, count};
      ShowMarks(alive_.get() + emitted_ - count, rows, &target);
      continue;
    }
    if (!source.is_left) {
      if (is_dense) {
        stored().Gather(source.column, right_rows, count, &target);
      } else {
        stored().Scatter(source.column, right_rows, count, left_rows, highest + 1u, &target);
      }
      continue;
    }
    const Vector& values = left_chunk_->column(source.column);
    if (!repeats || values.is_constant()) {
      target.Reference(values);
    } else {
      target.PrepareWrite(count);
      target.Append(0, values, Rows{left_rows, count}, false);
    }
  }
  output_.SetRows(is_dense ? Rows{nullptr, count} : Rows{left_rows, count});
  return &output_;
}

Chunk* Join::EmitRight() {
  uint8_t wanted = kind_ == JoinKind::kRightSemi ? 1 : 0;
  uint32_t count = 0;
  while (right_range_ < right_ranges_.size() && count < kVectorSize) {
    const StoredRange& range = right_ranges_[right_range_];
    uint64_t row = std::max<uint64_t>(range.first, next_right_);
    for (; row < range.end && count < kVectorSize; ++row) {
      right_rows_[count] = static_cast<uint32_t>(row);
      count += right_matched_[row] == wanted;
    }
    next_right_ = row;
    if (row >= range.end) {
      ++right_range_;
      next_right_ = 0;
    }
  }
  context_->CheckInterrupt();
  if (count == 0) {
    state_ = State::kDone;
    return nullptr;
  }
  for (size_t i = 0; i < output_sources_.size(); ++i) {
    if (output_sources_[i].is_left) {
      output_.column(i).SetConstantNull();
    } else {
      stored_rows_.Gather(output_sources_[i].column, right_rows_.get(), count, &output_.column(i));
    }
  }
  output_.SetRows(count);
  return &output_;
}

}  // namespace tupelo
