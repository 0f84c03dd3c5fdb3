// exec/band_join.cpp: joins by ranges.
//
// The right rows are sorted by the keys that are to be equal and by one expression that has bounds:
// what matches a left row stands side by side, and is found by binary search. A bound on another
// expression of the right row (a value between two columns of it) is looked up in a tree over the
// same places, so that what does not match isn't looked at. The tree takes the place of the
// permutation and the bit array of IEJoin (Khayyat et al., "Lightning Fast and Space Efficient
// Inequality Joins", VLDB 2015): it lets the left side stream, in its order.
#include <algorithm>
#include <cstring>

#include "exec/band_index.h"
#include "exec/hash_join_keys.h"
#include "exec/join.h"

namespace tupelo {

namespace {

class BandJoin : public Join {
 public:
  BandJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  void Close() override {
    Join::Close();
    index_.Release();
  }

 protected:
  void BeginRight() override { index_.Clear(); }
  void StoreRight(const Chunk& chunk) override;
  void FinishRight() override { index_.Finish(context_->interruption); }
  void StartLeft() override {
    left_evaluator_.Run(left_chunk_->rows());
    position_ = 0;
    is_open_ = false;
  }
  Batch NextBatch() override;

 private:
  struct Bound {
    const Vector* value;
    KeyColumn column;
    bool is_lower, is_inclusive;
  };

  void AddKeys(const PlanNode& node);
  // The places to look at for a left row: next_ to end_ - 1, those whose rank is least_ or more.
  void FindPlaces(uint32_t row);
  bool IsNull(uint32_t row) const;
  // Appends the bound's value to key_, moved behind the values equal to it when `after`. False: all
  // keys come before it.
  bool AppendBound(const Bound& bound, uint32_t row, bool after);
  void AppendEqual(uint32_t row);
  uint64_t LeastRank(uint32_t row);
  // Candidates for the row, as far as there is room. Whether there were any.
  bool AddMatches(uint32_t row);

  Evaluator left_evaluator_, right_evaluator_;
  JoinKeys left_equal_, right_first_;  // right: with the first range key behind them
  const Vector* right_second_ = nullptr;
  JoinKeys right_keys_;          // all of them
  std::vector<bool> null_keys_;  // by right key
  std::vector<KeyColumn> equal_columns_;
  std::vector<Bound> bounds_;  // of the first range key
  std::vector<Bound> second_;  // one or none
  bool is_fixed_ = false;      // all keys have one width
  bool first_decides_;         // of matches: one says as much as all
  bool settles_all_;           // candidates are the pairs
  BandIndex index_;
  const BandIndex* looked_up_;  // this join's own, or its source's
  ScratchArray<uint8_t> is_key_;
  ScratchArray<uint16_t> with_key_;
  ScratchArray<uint32_t> numbers_;
  KeyBuffer equal_key_, key_;
  uint32_t position_ = 0;  // in the left vector set
  bool is_open_ = false;   // the left row there has had candidates, and may have more
  uint64_t next_ = 0, end_ = 0, least_ = 0;
};

BandJoin::BandJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Join(node, context, outer),
      left_evaluator_(context, &left_columns_),
      right_evaluator_(context, &right_columns_),
      looked_up_(source_ == nullptr ? &index_ : &static_cast<const BandJoin&>(*source_).index_),
      is_key_(MakeScratchArray<uint8_t>(kVectorSize)),
      with_key_(MakeScratchArray<uint16_t>(kVectorSize)),
      numbers_(MakeScratchArray<uint32_t>(kVectorSize)) {
  first_decides_ = gives_once_ && kind_ != JoinKind::kSingle && !has_condition();
  settles_all_ = !gives_once_ && !has_condition();
  AddKeys(node);
  std::vector<Type> types;
  for (const Vector* vector : stored_) types.push_back(vector->type());
  stored_rows_.Init(std::move(types));
}

void BandJoin::AddKeys(const PlanNode& node) {
  const BandPlan& band = *node.band;
  null_keys_ = node.null_keys;
  null_keys_.resize(node.left_keys.size());
  for (size_t i = 0; i < node.left_keys.size(); ++i) {
    left_equal_.push_back(left_evaluator_.Add(*node.left_keys[i]));
    right_first_.push_back(right_evaluator_.Add(*node.right_keys[i]));
    equal_columns_.push_back({node.right_keys[i]->type, false, false, !null_keys_[i]});
  }
  right_first_.push_back(right_evaluator_.Add(*band.first));
  right_keys_ = right_first_;
  KeyColumn first{band.first_type, false, false, true};
  KeyColumn second{band.second_type, false, false, true};
  for (const BandBound& bound : band.bounds) {
    const Vector* value = left_evaluator_.Add(*bound.value);
    (bound.of_second ? second_ : bounds_)
        .push_back({value, bound.of_second ? second : first, bound.is_lower, bound.is_inclusive});
  }
  if (band.second != nullptr) {
    right_second_ = right_evaluator_.Add(*band.second);
    right_keys_.push_back(right_second_);
  }
  null_keys_.resize(right_keys_.size());
  std::vector<KeyColumn> columns = equal_columns_;
  columns.push_back(first);
  is_fixed_ = std::all_of(columns.begin(), columns.end(),
                          [](const KeyColumn& column) { return FixedKeyBytes(column) > 0; });
  bool has_second = band.second != nullptr;
  index_.Init(std::move(columns), has_second ? &second : nullptr,
              has_second && !second_[0].is_lower);
}

void BandJoin::StoreRight(const Chunk& chunk) {
  Rows rows = chunk.rows();
  right_evaluator_.Run(rows);
  Rows keyed = rows;
  uint32_t count = 0;
  auto first = static_cast<uint32_t>(stored_rows_.row_count());
  if (FindNullKeys(right_keys_, null_keys_, rows, is_key_.get())) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      with_key_[count] = static_cast<uint16_t>(rows[i]);
      numbers_[count] = keeps_right_ ? first + i : first + count;
      count += is_key_[i];
    }
    keyed = Rows{with_key_.get(), count};
  } else {
    for (; count < rows.count; ++count) numbers_[count] = first + count;
  }
  stored_rows_.Append(stored_, keeps_right_ ? rows : keyed);
  if (count != 0) index_.Add(right_first_, right_second_, keyed, numbers_.get());
}

bool BandJoin::IsNull(uint32_t row) const {
  for (size_t i = 0; i < left_equal_.size(); ++i) {
    if (!null_keys_[i] && !left_equal_[i]->IsValid(row)) return true;
  }
  for (const Bound& bound : bounds_) {
    if (!bound.value->IsValid(row)) return true;
  }
  return !second_.empty() && !second_[0].value->IsValid(row);
}

bool BandJoin::AppendBound(const Bound& bound, uint32_t row, bool after) {
  AppendKeyColumn(bound.column, *bound.value, row, &key_);
  return !after || AdvancePastPrefix(&key_);
}

// Keys of fixed width have zeros behind a null, others nothing.
void BandJoin::AppendEqual(uint32_t row) {
  equal_key_.Clear();
  for (size_t i = 0; i < equal_columns_.size(); ++i) {
    size_t begin = equal_key_.size();
    AppendKeyColumn(equal_columns_[i], *left_equal_[i], row, &equal_key_);
    if (!is_fixed_) continue;
    size_t missing = begin + FixedKeyBytes(equal_columns_[i]) - equal_key_.size();
    if (missing > 0) std::memset(equal_key_.Extend(missing), 0, missing);
  }
}

void BandJoin::FindPlaces(uint32_t row) {
  next_ = end_ = 0;
  if (IsNull(row)) return;
  uint64_t begin = 0, end = looked_up_->size();
  AppendEqual(row);
  bool has_lower = false, has_upper = false;
  auto restart = [&] {
    key_.Clear();
    key_.Append(equal_key_.data(), equal_key_.size());
  };
  for (const Bound& bound : bounds_) {
    if (!bound.is_lower) continue;
    restart();
    if (!AppendBound(bound, row, !bound.is_inclusive)) return;
    begin = has_lower ? looked_up_->FindFrom(begin, key_.view()) : looked_up_->Find(key_.view());
    has_lower = true;
  }
  if (!has_lower && equal_key_.size() != 0) begin = looked_up_->Find(equal_key_.view());
  for (const Bound& bound : bounds_) {
    if (bound.is_lower) continue;
    restart();
    if (AppendBound(bound, row, bound.is_inclusive)) {
      end = std::min(end, looked_up_->FindFrom(begin, key_.view()));
    }
    has_upper = true;
  }
  if (!has_upper && AdvancePastPrefix(&equal_key_)) {
    end = looked_up_->FindFrom(begin, equal_key_.view());
  }
  least_ = second_.empty() ? 0 : LeastRank(row);
  if (begin >= end || least_ == looked_up_->size()) return;
  next_ = begin;
  end_ = end;
}

uint64_t BandJoin::LeastRank(uint32_t row) {
  const Bound& bound = second_[0];
  key_.Clear();
  // A lower bound leaves out what comes before it, an upper one what does not.
  bool has_key = AppendBound(bound, row, bound.is_lower != bound.is_inclusive);
  if (!has_key) return bound.is_lower ? looked_up_->size() : 0;
  return looked_up_->LeastRank(key_.view());
}

bool BandJoin::AddMatches(uint32_t row) {
  const uint32_t before = candidate_count();
  uint64_t room = first_decides_ ? 1 : kVectorSize - before;
  if (least_ == 0) {
    uint64_t stop = std::min(end_, next_ + room);
    for (; next_ < stop; ++next_) AddCandidate(row, looked_up_->row(next_));
  } else {
    for (; room > 0 && next_ < end_; --room) {
      next_ = looked_up_->FindRank(next_, end_, least_);
      if (next_ < end_) AddCandidate(row, looked_up_->row(next_++));
    }
  }
  bool found = candidate_count() != before;
  if (found && first_decides_) next_ = end_;
  return found;
}

Join::Batch BandJoin::NextBatch() {
  Rows rows = left_chunk_->rows();
  if (position_ == rows.count) return Batch::kEnd;
  uint32_t open_row = kNoLeftRow;
  while (position_ < rows.count && candidate_count() < kVectorSize) {
    uint32_t row = rows[position_];
    bool was_open = is_open_;
    if (!was_open) {
      FindPlaces(row);
    } else if (gives_once_ && IsOpenRowDecided()) {
      next_ = end_;
    }
    bool found = AddMatches(row);
    is_open_ = next_ < end_;
    if (is_open_) {
      open_row = row;
      break;
    }
    // One that had candidates before is still to be settled.
    bool is_lonely = was_open ? !settles_all_ : keeps_left_;
    if (!found && is_lonely) AddLonely(row, RowCollection::kNoRow);
    ++position_;
  }
  if (candidate_count() == 0) return Batch::kEnd;
  if (settles_all_) {
    SettleAll();
  } else {
    Settle(open_row);
  }
  return Batch::kPairs;
}

}  // namespace

OperatorPtr MakeBandJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<BandJoin>(node, context, outer);
}

}  // namespace tupelo
