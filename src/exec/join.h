// exec/join.h: what hash join and nested loops share.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec/operators.h"
#include "exec/row_collection.h"

namespace tupelo {

// The right side is collected once a run; the left side streams. For each left vector set the
// algorithm makes pairs (left row, right row) in the left order, and this class drops those for
// which `condition` is not true, adds the rows that an outer join keeps, and gathers the output.
class Join : public Operator {
 public:
  void Open() override;
  void Close() override;
  const Operator* child(size_t i) const override {
    return i == 0 ? left_.get() : i == 1 ? right_.get() : nullptr;
  }

 protected:
  enum class Batch : uint8_t {
    kPairs,   // pairs were settled, perhaps none
    kDirect,  // output_ is set
    kEnd,     // nothing more for this left vector set
  };
  static constexpr uint32_t kNoLeftRow = 0xFFFFFFFFu;

  Join(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);

  // The algorithm: storing the right side, beginning a left vector set, making its next pairs.
  virtual void BeginRight() {}
  virtual void StoreRight(const Chunk& chunk) = 0;
  virtual void FinishRight() {}
  virtual void StartLeft() = 0;
  virtual Batch NextBatch() = 0;

  Chunk* Step() final;

  // Candidates: at most kVectorSize pairs, all of one left row side by side.
  void ClearCandidates() { pair_count_ = emitted_ = 0; }
  uint32_t candidate_count() const { return pair_count_; }
  void AddCandidate(uint32_t left_row, uint32_t right_row) {
    left_rows_[pair_count_] = static_cast<uint16_t>(left_row);
    right_rows_[pair_count_] = right_row;
    alive_[pair_count_++] = 1;
  }
  // A left row without any candidate, for a join that keeps it. `right_row` isn't matched.
  void AddLonely(uint32_t left_row, uint32_t right_row = 0) {
    AddCandidate(left_row, right_row);
    alive_[pair_count_ - 1] = 0;
  }
  // Turns candidates that are alive into pairs. `open_row` is a left row with more candidates to
  // come, or kNoLeftRow.
  void Settle(uint32_t open_row);
  // The same where the candidates are the pairs: all match but those without a right row, and there
  // is no condition.
  void SettleAll();
  void MarkRight(uint32_t right_row) {
    if (keeps_right_) right_matched_[right_row] = 1;
  }

  bool keeps_left_, keeps_right_;
  OperatorPtr left_, right_;
  ColumnMap left_columns_, right_columns_;
  Chunk* left_chunk_ = nullptr;
  std::vector<const Vector*> stored_;  // of the right side's output: what stored_rows_ keeps of it
  RowCollection stored_rows_;
  std::vector<uint8_t> right_matched_;

  // The columns that the condition reads, and the condition over them. Without one: nullptr.
  struct Source {
    bool is_left;
    uint32_t column;  // of the left child, or of stored_rows_
  };
  std::vector<Source> condition_sources_, output_sources_;
  Chunk condition_input_;
  std::unique_ptr<Predicate> predicate_;

  // Pairs settled, and how many of them were given out.
  static constexpr uint32_t kMaxPairs = 2 * kVectorSize + 2;
  std::unique_ptr<uint16_t[]> left_rows_;
  std::unique_ptr<uint32_t[]> right_rows_;
  std::unique_ptr<uint8_t[]> alive_;
  uint32_t pair_count_ = 0, emitted_ = 0;

 private:
  enum class State : uint8_t { kRight, kLeft, kUnmatched, kDone };

  Source Locate(ColumnId id);
  void CollectRight();
  void ApplyCondition();
  Chunk* EmitPairs();
  Chunk* EmitUnmatched();

  State state_ = State::kDone;
  ColumnMap condition_columns_;
  uint32_t open_row_ = kNoLeftRow;  // the left row that the last batch left open
  bool open_row_matched_ = false;
  uint64_t next_unmatched_ = 0;
  std::unique_ptr<uint16_t[]> gather_left_, alive_positions_;
  std::unique_ptr<uint32_t[]> gather_right_;
};

}  // namespace tupelo
