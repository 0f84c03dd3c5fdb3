// exec/hash_join.cpp: joins on equal keys.
//
// The right side goes into a hash table. For a left vector set all keys are hashed and looked up
// first, then chains are followed row by row, which keeps the left order; the pairs so found have
// equal hashes, and their keys are compared column by column.
#include <algorithm>

#include "exec/join.h"
#include "exec/join_table.h"
#include "types/hash.h"

namespace tupelo {

namespace {

class HashJoin : public Join {
 public:
  HashJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Join(node, context, outer),
        left_evaluator_(context, &left_columns_),
        right_evaluator_(context, &right_columns_),
        hashes_(std::make_unique_for_overwrite<uint64_t[]>(kVectorSize)),
        first_(std::make_unique_for_overwrite<uint32_t[]>(kVectorSize)),
        is_key_(std::make_unique_for_overwrite<uint8_t[]>(kVectorSize)),
        with_key_(std::make_unique_for_overwrite<uint16_t[]>(kVectorSize)) {
    for (const ExpressionPtr& key : node.left_keys) left_keys_.push_back(left_evaluator_.Add(*key));
    for (const ExpressionPtr& key : node.right_keys) {
      const Vector* value = right_evaluator_.Add(*key);
      right_keys_.push_back(value);
      auto known = std::find(stored_.begin(), stored_.end(), value);
      key_columns_.push_back(static_cast<size_t>(known - stored_.begin()));
      if (known == stored_.end()) stored_.push_back(value);
    }
    std::vector<Type> types;
    for (const Vector* vector : stored_) types.push_back(vector->type());
    stored_rows_.Init(std::move(types));
  }
  void Close() override {
    Join::Close();
    table_.Release();
  }

 protected:
  void BeginRight() override {
    table_.Clear();
  }
  void StoreRight(const Chunk& chunk) override;
  void FinishRight() override { table_.Finish(); }
  void StartLeft() override;
  Batch NextBatch() override;

 private:
  // is_key_[i] = whether none of the keys is null in row i of `rows`. False when that holds for
  // all.
  bool FindNullKeys(const std::vector<const Vector*>& keys, Rows rows);

  Evaluator left_evaluator_, right_evaluator_;
  std::vector<const Vector*> left_keys_, right_keys_;
  std::vector<size_t> key_columns_;  // of stored_rows_
  JoinTable table_;
  std::unique_ptr<uint64_t[]> hashes_;  // by row number
  std::unique_ptr<uint32_t[]> first_;   // by position: start of the chain
  std::unique_ptr<uint8_t[]> is_key_;   // by position
  std::unique_ptr<uint16_t[]> with_key_;
  uint32_t position_ = 0;  // in the left vector set
  uint32_t chain_ = 0;     // not zero: where the chain of the row at position_ goes on
};

void HashKeys(const std::vector<const Vector*>& keys, Rows rows, uint64_t* hashes) {
  for (size_t i = 0; i < keys.size(); ++i) HashVector(*keys[i], rows, hashes, i > 0);
}

bool HashJoin::FindNullKeys(const std::vector<const Vector*>& keys, Rows rows) {
  bool may_be_null = false;
  for (const Vector* key : keys) may_be_null |= key->may_have_nulls();
  if (!may_be_null) return false;
  std::fill_n(is_key_.get(), rows.count, uint8_t{1});
  for (const Vector* key : keys) {
    if (!key->may_have_nulls()) continue;
    for (uint32_t i = 0; i < rows.count; ++i) is_key_[i] &= key->IsValid(rows[i]);
  }
  return true;
}

void HashJoin::StoreRight(const Chunk& chunk) {
  Rows rows = chunk.rows();
  right_evaluator_.Run(rows);
  bool has_nulls = FindNullKeys(right_keys_, rows);
  if (has_nulls && !keeps_right_) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      with_key_[count] = static_cast<uint16_t>(rows[i]);
      count += is_key_[i];
    }
    rows = Rows{with_key_.get(), count};
    has_nulls = false;
    if (count == 0) return;
  }
  HashKeys(right_keys_, rows, hashes_.get());
  stored_rows_.Append(stored_, rows);
  table_.Add(rows, hashes_.get(), has_nulls ? is_key_.get() : nullptr);
}

void HashJoin::StartLeft() {
  Rows rows = left_chunk_->rows();
  left_evaluator_.Run(rows);
  HashKeys(left_keys_, rows, hashes_.get());
  table_.FindFirst(rows, hashes_.get(), first_.get());
  if (FindNullKeys(left_keys_, rows)) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      if (is_key_[i] == 0) first_[i] = 0;
    }
  }
  position_ = chain_ = 0;
}

Join::Batch HashJoin::NextBatch() {
  Rows rows = left_chunk_->rows();
  uint32_t open_row = kNoLeftRow;
  while (position_ < rows.count && candidate_count() < kVectorSize) {
    uint32_t row = rows[position_];
    uint32_t candidate = chain_ != 0 ? chain_ : first_[position_];
    if (candidate == 0 && keeps_left_) AddLonely(row);
    while (candidate != 0 && candidate_count() < kVectorSize) {
      AddCandidate(row, candidate - 1);
      candidate = table_.Next(candidate);
    }
    chain_ = candidate;
    if (candidate != 0) {
      open_row = row;
      break;
    }
    ++position_;
  }
  uint32_t count = candidate_count();
  if (count == 0) return Batch::kEnd;
  if (stored_rows_.row_count() != 0) {
    for (size_t i = 0; i < key_columns_.size(); ++i) {
      stored_rows_.Compare(key_columns_[i], right_rows_.get(), count, *left_keys_[i],
                           left_rows_.get(), false, alive_.get());
    }
  }
  Settle(open_row);
  return Batch::kPairs;
}

}  // namespace

OperatorPtr MakeHashJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<HashJoin>(node, context, outer);
}

}  // namespace tupelo
