// exec/lateral_join.cpp: a join whose right side is run anew for each row of the left one.
//
// The columns of the left row in hand are constants for the operators on the right. Rows are put
// together until a vector set is full.
#include <algorithm>

#include "exec/operators.h"

namespace tupelo {

namespace {

class LateralJoin : public Operator {
 public:
  LateralJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        keeps_left_(node.join_kind == JoinKind::kLeft),
        left_(BuildInput(node, 0, context, outer)),
        columns_(outer) {
    InitOutput();
    const std::vector<OutputColumn>& left = node.children[0]->output;
    slots_ = std::vector<Slot>(left.size());
    for (size_t i = 0; i < left.size(); ++i) {
      slots_[i].value.SetType(left_->output().column(i).type());
      columns_.Add(left[i].id, &slots_[i].value);
    }
    right_ = BuildOperator(*node.children[1], context, &columns_);
    const std::vector<OutputColumn>& right = node.children[1]->output;
    joined_ = std::make_unique<ColumnMap>(&columns_);
    joined_->AddChunk(right, right_->output());
    for (const OutputColumn& column : node.output) {
      sources_.push_back(Locate(column.id, left, right));
    }
    if (node.condition != nullptr) {
      predicate_ = std::make_unique<Predicate>(context, joined_.get(), *node.condition);
    }
  }
  void OpenSelf() override {
    left_chunk_ = nullptr;
    right_is_open_ = false;
    left_->Open();
  }
  void Close() override {
    right_->Close();
    left_->Close();
    left_chunk_ = nullptr;
    right_is_open_ = false;
  }
  const Operator* child(size_t i) const override {
    return i == 0 ? left_.get() : i == 1 ? right_.get() : nullptr;
  }

 protected:
  Chunk* Step() override;

 private:
  // A value of the left row in hand, as a constant.
  struct Slot {
    Vector value;
    uint64_t validity = 1;
  };
  struct Source {
    bool is_left;
    size_t column;
  };
  static Source Locate(ColumnId id, const std::vector<OutputColumn>& left,
                       const std::vector<OutputColumn>& right) {
    for (size_t i = 0; i < left.size(); ++i) {
      if (left[i].id == id) return {true, i};
    }
    for (size_t i = 0; i < right.size(); ++i) {
      if (right[i].id == id) return {false, i};
    }
    throw Error(ErrorCode::kInternalError, "a column of a join is in neither of its inputs");
  }
  bool StartRow();
  void ShowRow(uint32_t row);
  void Add(Rows rows);
  void AddUnmatched();

  bool keeps_left_;
  OperatorPtr left_, right_;
  std::vector<Slot> slots_;
  ColumnMap columns_;                  // the left row, then what is around
  std::unique_ptr<ColumnMap> joined_;  // the right side's columns, then those
  std::vector<Source> sources_;        // of the output columns
  std::unique_ptr<Predicate> predicate_;
  Chunk* left_chunk_ = nullptr;
  uint32_t position_ = 0;  // in the left vector set: the row after the one in hand
  bool right_is_open_ = false;
  bool matched_ = false;  // the left row in hand was
  Chunk* right_chunk_ = nullptr;
  uint32_t right_position_ = 0;  // rows of right_chunk_ that were added
  uint32_t count_ = 0;           // rows put together
};

// Makes the next left row the one in hand; false: there is none.
bool LateralJoin::StartRow() {
  while (left_chunk_ == nullptr || position_ == left_chunk_->row_count()) {
    left_chunk_ = left_->Next();
    position_ = 0;
    if (left_chunk_ == nullptr) return false;
  }
  context_->CheckInterrupt();
  ShowRow(left_chunk_->rows()[position_++]);
  right_->Open();
  right_is_open_ = true;
  right_chunk_ = nullptr;
  matched_ = false;
  return true;
}

void LateralJoin::ShowRow(uint32_t row) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Vector& source = left_chunk_->column(i);
    size_t width = WidthBytes(source.physical());
    auto* data = const_cast<char*>(static_cast<const char*>(source.RawData()));
    slots_[i].validity = source.IsValid(row) ? 1 : 0;
    slots_[i].value.Borrow(data + source.Index(row) * width,
                           slots_[i].validity == 1 ? nullptr : &slots_[i].validity);
    slots_[i].value.SetConstant(true);
  }
}

void LateralJoin::Add(Rows rows) {
  static constexpr uint16_t kFirst[kVectorSize] = {};  // a constant's value stands at 0
  for (size_t i = 0; i < sources_.size(); ++i) {
    const Source& source = sources_[i];
    if (source.is_left) {
      output_.column(i).Append(count_, slots_[source.column].value, Rows{kFirst, rows.count}, true);
    } else {
      output_.column(i).Append(count_, right_->output().column(source.column), rows, true);
    }
  }
  count_ += rows.count;
}

void LateralJoin::AddUnmatched() {
  static constexpr uint16_t kFirst[1] = {};
  for (size_t i = 0; i < sources_.size(); ++i) {
    Vector& target = output_.column(i);
    if (sources_[i].is_left) {
      target.Append(count_, slots_[sources_[i].column].value, Rows{kFirst, 1}, true);
    } else {
      target.SetNull(count_);
    }
  }
  ++count_;
}

Chunk* LateralJoin::Step() {
  for (size_t i = 0; i < output_.column_count(); ++i) output_.column(i).PrepareWrite();
  count_ = 0;
  while (count_ < kVectorSize) {
    if (!right_is_open_ && !StartRow()) break;
    if (right_chunk_ == nullptr) {
      right_chunk_ = right_->Next();
      right_position_ = 0;
      if (right_chunk_ == nullptr) {
        if (keeps_left_ && !matched_) AddUnmatched();
        right_->Close();
        right_is_open_ = false;
        continue;
      }
      context_->CheckInterrupt();
      if (predicate_ != nullptr) predicate_->Apply(right_chunk_);
      matched_ |= right_chunk_->row_count() > 0;
    }
    Rows rows = right_chunk_->rows();
    uint32_t taken = std::min(rows.count - right_position_, kVectorSize - count_);
    uint16_t numbers[kVectorSize];
    for (uint32_t i = 0; i < taken; ++i) {
      numbers[i] = static_cast<uint16_t>(rows[right_position_ + i]);
    }
    if (taken > 0) Add(Rows{numbers, taken});
    right_position_ += taken;
    if (right_position_ == rows.count) right_chunk_ = nullptr;
  }
  output_.SetRows(count_);
  return count_ == 0 ? nullptr : &output_;
}

}  // namespace

OperatorPtr MakeLateralJoin(const PlanNode& node, ExecutionContext* context,
                            const ColumnMap* outer) {
  return std::make_unique<LateralJoin>(node, context, outer);
}

}  // namespace tupelo
