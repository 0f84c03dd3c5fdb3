// exec/join.h: what hash join and nested loops share.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/scratch_array.h"
#include "exec/operators.h"
#include "exec/parallel_input.h"
#include "exec/row_collection.h"

namespace tupelo {

// The right side is collected once a run; the left side streams. For each left vector set the
// algorithm makes pairs (left row, right row) in the left order, and this class drops those for
// which `condition` is not true, adds the rows that an outer join keeps, and gathers the output.
// In a worker's copy of a pipeline, the right side is that of the statement's own join, `source_`.
class Join : public Operator {
 public:
  void OpenSelf() override;
  void Close() override;
  void PrepareWorkers(SharedPipeline* shared) override;
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
  // Stores all of the right side on several threads, and says in which ranges of stored_rows_ it is
  // then, in the order that one thread would have given; false: nothing was done.
  virtual bool StoreRightInParallel() { return false; }
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
  // What the right rows tested so far say of one left row, in joins that give it once.
  struct Match {
    uint8_t truth = kNone;
    uint32_t right_row = RowCollection::kNoRow;  // kSingle: the one found
  };
  enum Truth : uint8_t { kNone = 0, kTrue = 1, kUnknown = 2 };  // as in alive_
  void AddMatch(Match* match, uint8_t truth, uint32_t right_row) const;
  // Whether further right rows can't change what becomes of the left row.
  bool IsDecided(const Match& match) const {
    return match.truth == kTrue && kind_ != JoinKind::kSingle;
  }
  // Adds the left row to the pairs, as its match says.
  void Conclude(uint32_t left_row, const Match& match, uint32_t* count);
  // Narrows condition_input_ to the rows for which the condition holds; kMark: `comparison_value_`
  // then has the rest of the truth.
  Rows TestCondition();
  uint8_t TruthAt(uint32_t row) const {
    if (comparison_ == nullptr) return kTrue;
    if (!comparison_value_->IsValid(row)) return kUnknown;
    return comparison_value_->Data<uint8_t>()[comparison_value_->Index(row)];
  }
  // Whether the left row that the last batch left open needs no further candidates. One that is
  // not alive is wanted all the same, to settle it.
  bool IsOpenRowDecided() const { return open_row_ != kNoLeftRow && IsDecided(open_match_); }
  bool has_condition() const { return predicate_ != nullptr || comparison_ != nullptr; }
  // The same where the candidates are the pairs: all match but those without a right row, and there
  // is no condition.
  void SettleAll();
  void MarkRight(uint32_t right_row) {
    if (keeps_right_) right_matched_[right_row] = 1;
  }

  JoinKind kind_;
  bool gives_once_;  // each left row at most
  bool keeps_left_;
  bool gives_right_only_, keeps_right_;  // the former implies the latter
  const ColumnMap* outer_;
  OperatorPtr left_, right_;
  const Join* source_;  // nullptr: the right side is this one's own
  Chunk right_shape_;  // with source_: stands for the right side's output when expressions are made
  ColumnMap left_columns_, right_columns_;
  Chunk* left_chunk_ = nullptr;
  std::vector<const Vector*> stored_;  // of the right side's output: what stored_rows_ keeps of it
  RowCollection stored_rows_;
  // The rows to look into.
  const RowCollection& stored() const { return *looked_into_; }
  Chunk& right_output() { return source_ == nullptr ? right_->output() : right_shape_; }
  std::vector<StoredRange> right_ranges_;
  std::vector<uint8_t> right_matched_;
  ParallelInput right_input_;

  // The columns that the condition reads, and the condition over them. Without one: nullptr.
  struct Source {
    bool is_left;
    uint32_t column;  // of the left child, or of stored_rows_, or kMarkColumn
  };
  static constexpr uint32_t kMarkColumn = 0xFFFFFFFFu;
  std::vector<Source> condition_sources_, output_sources_;
  Chunk condition_input_;
  std::unique_ptr<Predicate> predicate_;
  std::unique_ptr<Evaluator> comparison_;
  const Vector* comparison_value_ = nullptr;

  // Pairs settled, and how many of them were given out.
  static constexpr uint32_t kMaxPairs = 2 * kVectorSize + 2;
  ScratchArray<uint16_t> left_rows_;
  ScratchArray<uint32_t> right_rows_;
  ScratchArray<uint8_t> alive_;  // candidates: Truth; kMark: of the pairs settled
  uint32_t pair_count_ = 0, emitted_ = 0;

 private:
  enum class State : uint8_t { kRight, kLeft, kRightRows, kDone };

  void PrepareCondition(const PlanNode& node, ExecutionContext* context);
  void SettleOnce(uint32_t open_row);
  void ShowMarks(const uint8_t* marks, Rows rows, Vector* target) const;
  Source Locate(ColumnId id);
  State StateOfRight() const;
  void CollectRight();
  void ApplyCondition();
  Chunk* EmitPairs();
  // Stored rows without a match, or those with one, after the last left row.
  Chunk* EmitRight();

  const RowCollection* looked_into_;
  State state_ = State::kDone;
  ColumnMap condition_columns_;
  uint32_t open_row_ = kNoLeftRow;  // the left row that the last batch left open
  bool open_row_matched_ = false;
  Match open_match_;        // the same of a join that gives each left row once
  size_t right_range_ = 0;  // of right_ranges_
  uint64_t next_right_ = 0;
  ScratchArray<uint16_t> gather_left_, alive_positions_;
  ScratchArray<uint32_t> gather_right_;
};

}  // namespace tupelo
