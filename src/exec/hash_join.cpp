// exec/hash_join.cpp: joins on equal keys.
//
// The right side goes into a table. For a left vector set all keys are looked up first, then chains
// are followed row by row, which keeps the left order. Keys that fit 64 bits as integers are found
// by themselves; others by their hashes, and the keys of pairs with equal hashes are then compared
// column by column. Where no two right rows have one key there are no chains to follow.
#include <algorithm>

#include "exec/hash_join_build.h"
#include "exec/join.h"
#include "exec/join_filter.h"

namespace tupelo {

namespace {

constexpr uint64_t kLeastToFillInParts = 1u << 15;

class HashJoin : public Join {
 public:
  HashJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Join(node, context, outer),
        left_evaluator_(context, &left_columns_),
        right_evaluator_(context, &right_columns_),
        shape_(MakeShape(node)),
        buffers_(shape_.is_integer),
        first_(MakeScratchArray<uint32_t>(kVectorSize)) {
    first_decides_ = gives_once_ && kind_ != JoinKind::kSingle && !has_condition();
    if (!shape_.is_integer) StoreKeys();
    std::vector<Type> types;
    for (const Vector* vector : stored_) types.push_back(vector->type());
    stored_rows_.Init(std::move(types));
    right_side_.stored = stored_;
    if (source_ == nullptr) {
      for (const JoinFilterUse& use : node.join_filters) {
        filters_.push_back(JoinFilter::Of(context, use.number));
        right_side_.filter_keys.push_back(right_side_.keys[use.key]);
      }
      return;
    }
    const auto& source = static_cast<const HashJoin&>(*source_);
    looked_up_ = &source.table_;
    integers_looked_up_ = &source.integer_table_;
  }
  void OpenSelf() override {
    for (JoinFilter* filter : filters_) filter->Clear();
    Join::OpenSelf();
  }
  void Close() override {
    Join::Close();
    for (JoinFilter* filter : filters_) filter->Release();
    table_.Release();
    integer_table_.Release();
  }

 protected:
  void BeginRight() override {
    table_.Clear();
    integer_table_.Clear();
    fill_parts_ = 1;
  }
  void StoreRight(const Chunk& chunk) override {
    right_evaluator_.Run(chunk.rows());
    StoreJoinRows(right_side_, chunk.rows(), &buffers_, OwnRows());
  }
  bool StoreRightInParallel() override;
  void FinishRight() override;
  void StartLeft() override;
  Batch NextBatch() override;

 private:
  void StoreKeys();
  // Makes candidates. MatchOnce: each left row has one at most. FollowChains: `next(row)` goes on
  // from a right row (plus one); returns the left row that has more to come, or kNoLeftRow.
  void MatchOnce();
  template <typename Link>
  uint32_t FollowChains(Link&& next);
  HashJoinShape MakeShape(const PlanNode& node);
  HashJoinRows OwnRows() { return {&stored_rows_, &integer_table_, &table_, filters_}; }
  std::vector<size_t> StoredColumns();
  void FillPart(uint32_t part, const Interruption& interruption);

  Evaluator left_evaluator_, right_evaluator_;
  HashJoinInput right_side_{&shape_, {}, {}, {}};
  HashJoinShape shape_;
  JoinKeyBuffers buffers_;
  std::vector<std::unique_ptr<HashJoinWorker>> workers_;
  uint32_t fill_parts_ = 1;           // in which the tables are filled
  std::vector<JoinFilter*> filters_;  // for scans on the left
  bool first_decides_ = false;        // of equal keys: one right row says as much as all
  IntegerJoinTable integer_table_;    // when shape_.is_integer
  JoinTable table_;                   // otherwise
  // Those to look into: this join's own, or its source's.
  const IntegerJoinTable* integers_looked_up_ = &integer_table_;
  const JoinTable* looked_up_ = &table_;
  std::vector<size_t> key_columns_;  // of stored_rows_
  ScratchArray<uint32_t> first_;     // by position: start of the chain
  uint32_t position_ = 0;            // in the left vector set
  uint32_t chain_ = 0;               // not zero: where the chain of the row at position_ goes on
};

// Keeps the right keys with the rows, for comparing.
void HashJoin::StoreKeys() {
  for (const Vector* key : right_side_.keys) {
    auto known = std::find(stored_.begin(), stored_.end(), key);
    key_columns_.push_back(static_cast<size_t>(known - stored_.begin()));
    if (known == stored_.end()) stored_.push_back(key);
  }
}

HashJoinShape HashJoin::MakeShape(const PlanNode& node) {
  HashJoinShape shape;
  for (const ExpressionPtr& key : node.left_keys) {
    shape.left_keys.push_back(left_evaluator_.Add(*key));
  }
  for (const ExpressionPtr& key : node.right_keys) {
    right_side_.keys.push_back(right_evaluator_.Add(*key));
  }
  shape.null_keys = node.null_keys;  // by key: whether two nulls are equal
  shape.null_keys.resize(shape.left_keys.size());
  bool has_null_keys =
      std::find(shape.null_keys.begin(), shape.null_keys.end(), true) != shape.null_keys.end();
  shape.is_integer = !has_null_keys && ArePackable(shape.left_keys, right_side_.keys);
  shape.keeps_right = keeps_right_;
  return shape;
}

// stored_ as numbers of columns of the right side, its keys behind them.
std::vector<size_t> HashJoin::StoredColumns() {
  std::vector<size_t> numbers;
  size_t columns = right_output().column_count();
  for (const Vector* vector : stored_) {
    size_t number = 0;
    while (number < columns && &right_output().column(number) != vector) ++number;
    if (number == columns) {
      auto key = std::find(right_side_.keys.begin(), right_side_.keys.end(), vector);
      number += static_cast<size_t>(key - right_side_.keys.begin());
    }
    numbers.push_back(number);
  }
  return numbers;
}

bool HashJoin::StoreRightInParallel() {
  uint32_t count = right_input_.Prepare(right_.get());
  if (count == 0) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (i == workers_.size()) {
      workers_.push_back(std::make_unique<HashJoinWorker>(*node_, right_input_.context(i),
                                                          right_input_.pipeline(i).output(), outer_,
                                                          &shape_, StoredColumns()));
    }
    workers_[i]->Clear();
  }
  right_input_.Run([this](uint32_t worker, const Chunk& chunk, uint32_t morsel) {
    workers_[worker]->TakeIn(chunk, morsel);
  });
  std::vector<HashJoinWorker::Run> runs;
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t first_row = 0;
    workers_[i]->MoveTo(OwnRows(), &first_row);
    for (HashJoinWorker::Run run : workers_[i]->runs()) {
      run.rows.first += static_cast<uint32_t>(first_row);
      run.rows.end += static_cast<uint32_t>(first_row);
      runs.push_back(run);
    }
  }
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.morsel < b.morsel; });
  for (const HashJoinWorker::Run& run : runs) right_ranges_.push_back(run.rows);
  if (stored_rows_.row_count() >= kLeastToFillInParts) fill_parts_ = count;
  return true;
}

void HashJoin::FillPart(uint32_t part, const Interruption& interruption) {
  if (shape_.is_integer) {
    integer_table_.Fill(right_ranges_, part, fill_parts_, interruption);
  } else {
    table_.Fill(right_ranges_, part, fill_parts_, interruption);
  }
}

void HashJoin::FinishRight() {
  for (JoinFilter* filter : filters_) filter->Finish();
  if (shape_.is_integer) {
    integer_table_.BeginFill();
  } else {
    table_.BeginFill();
  }
  if (fill_parts_ == 1) {
    FillPart(0, context_->interruption);
  } else {
    right_input_.RunParts(fill_parts_, [this](uint32_t part) {
      FillPart(part, right_input_.context(part)->interruption);
    });
  }
  if (shape_.is_integer) integer_table_.EndFill();
}

void HashJoin::StartLeft() {
  Rows rows = left_chunk_->rows();
  left_evaluator_.Run(rows);
  if (shape_.is_integer) {
    integers_looked_up_->FindFirst(rows, PackKeys(shape_.left_keys, rows, buffers_.packed.get()),
                                   first_.get());
  } else {
    HashKeys(shape_.left_keys, right_side_.keys, rows, buffers_.hashes.get());
    looked_up_->FindFirst(rows, buffers_.hashes.get(), first_.get());
  }
  const uint8_t* is_key = buffers_.is_key.get();
  if (FindNullKeys(shape_.left_keys, shape_.null_keys, rows, buffers_.is_key.get())) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      if (is_key[i] == 0) first_[i] = 0;
    }
  }
  position_ = chain_ = 0;
}

void HashJoin::MatchOnce() {
  Rows rows = left_chunk_->rows();
  position_ = rows.count;
  const uint32_t* first = first_.get();
  uint16_t* left_rows = left_rows_.get();
  uint32_t* right_rows = right_rows_.get();
  auto match = [&](auto&& row_at, auto&& is_pair) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows.count; ++i) {
      left_rows[count] = static_cast<uint16_t>(row_at(i));
      right_rows[count] = first[i] - 1;  // kNoRow without one
      alive_[count] = first[i] != 0;
      count += is_pair(i);
    }
    pair_count_ = count;
  };
  auto match_rows = [&](auto&& row_at) {
    if (keeps_left_) {
      match(row_at, [](uint32_t) { return 1u; });
    } else {
      match(row_at, [&](uint32_t i) { return first[i] != 0 ? 1u : 0u; });
    }
  };
  static_assert(uint32_t{0} - 1 == RowCollection::kNoRow);
  if (rows.is_dense()) {
    match_rows([](uint32_t i) { return i; });
  } else {
    match_rows([&](uint32_t i) { return uint32_t{rows.rows[i]}; });
  }
}

template <typename Link>
uint32_t HashJoin::FollowChains(Link&& next) {
  Rows rows = left_chunk_->rows();
  while (position_ < rows.count && candidate_count() < kVectorSize) {
    uint32_t row = rows[position_];
    uint32_t candidate = chain_ != 0 ? chain_ : first_[position_];
    if (candidate == 0 && keeps_left_)
      AddLonely(row, shape_.is_integer ? RowCollection::kNoRow : 0);
    while (candidate != 0 && candidate_count() < kVectorSize) {
      AddCandidate(row, candidate - 1);
      candidate = next(candidate);
    }
    chain_ = candidate;
    if (candidate != 0) return row;
    ++position_;
  }
  return kNoLeftRow;
}

Join::Batch HashJoin::NextBatch() {
  if (position_ == left_chunk_->row_count()) return Batch::kEnd;
  uint32_t open_row = kNoLeftRow;
  if (!shape_.is_integer) {
    open_row = FollowChains([&](uint32_t row) { return looked_up_->Next(row); });
  } else if (integers_looked_up_->has_chains() && !first_decides_) {
    open_row = FollowChains([&](uint32_t row) { return integers_looked_up_->Next(row); });
  } else {
    MatchOnce();
  }
  uint32_t count = candidate_count();
  if (count == 0) return Batch::kEnd;
  if (shape_.is_integer && !has_condition() && !gives_once_) {
    SettleAll();
    return Batch::kPairs;
  }
  if (stored().row_count() != 0) {
    for (size_t i = 0; i < key_columns_.size(); ++i) {
      stored().Compare(key_columns_[i], right_rows_.get(), count, *shape_.left_keys[i],
                       left_rows_.get(), shape_.null_keys[i], alive_.get());
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
