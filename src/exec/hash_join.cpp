// exec/hash_join.cpp: joins on equal keys.
//
// The right side goes into a table. For a left vector set all keys are looked up first, then chains
// are followed row by row, which keeps the left order. Keys that fit 64 bits as integers are found
// by themselves; others by their hashes, and the keys of pairs with equal hashes are then compared
// column by column. Where no two right rows have one key there are no chains to follow.
#include <algorithm>
#include <type_traits>

#include "exec/integer_join_table.h"
#include "exec/join.h"
#include "exec/join_filter.h"
#include "exec/join_table.h"
#include "types/hash.h"

namespace tupelo {

namespace {

// Bits of values that are equal only when their bits are; 0 for other types.
uint32_t PackedBits(PhysicalType type) {
  switch (type) {
    case PhysicalType::kBool: return 8;
    case PhysicalType::kInt16: return 16;
    case PhysicalType::kInt32: return 32;
    case PhysicalType::kInt64: return 64;
    default: return 0;
  }
}

using Keys = std::vector<const Vector*>;

// Whether the keys of a row fit 64 bits, on both sides alike.
bool ArePackable(const Keys& left, const Keys& right) {
  uint32_t bits = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    uint32_t own = PackedBits(left[i]->physical());
    if (own == 0 || left[i]->physical() != right[i]->physical()) return false;
    bits += own;
  }
  return bits > 0 && bits <= 64;
}

template <typename T>
void PackKey(const Vector& key, Rows rows, bool is_first, int64_t* packed) {
  const T* values = key.Data<T>();
  auto run = [&](auto&& value_of) {
    if (is_first) {
      ForEachRow(rows, [&](uint32_t row) { packed[row] = value_of(row); });
    } else if constexpr (sizeof(T) < 8) {
      ForEachRow(rows, [&](uint32_t row) {
        auto value = static_cast<std::make_unsigned_t<T>>(value_of(row));
        auto before = static_cast<uint64_t>(packed[row]) << (8 * sizeof(T));
        packed[row] = static_cast<int64_t>(before | value);
      });
    }
  };
  if (key.is_constant()) {
    run([value = values[0]](uint32_t) { return value; });
  } else {
    run([values](uint32_t row) { return values[row]; });
  }
}

// The keys by row number as integers, in `buffer` where they aren't such already.
const int64_t* PackKeys(const Keys& keys, Rows rows, int64_t* buffer) {
  if (keys[0]->physical() == PhysicalType::kInt64 && !keys[0]->is_constant()) {
    return keys[0]->Data<int64_t>();
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    switch (keys[i]->physical()) {
      case PhysicalType::kBool: PackKey<uint8_t>(*keys[i], rows, i == 0, buffer); break;
      case PhysicalType::kInt16: PackKey<int16_t>(*keys[i], rows, i == 0, buffer); break;
      case PhysicalType::kInt32: PackKey<int32_t>(*keys[i], rows, i == 0, buffer); break;
      default: PackKey<int64_t>(*keys[i], rows, i == 0, buffer); break;
    }
  }
  return buffer;
}

// CHARACTER is hashed without trailing blanks, and so is what it is compared with.
void HashKeys(const Keys& keys, const Keys& others, Rows rows, uint64_t* hashes) {
  for (size_t i = 0; i < keys.size(); ++i) {
    bool is_string = keys[i]->physical() == PhysicalType::kString;
    if (is_string && others[i]->type().id == TypeId::kChar) {
      Vector padded;
      padded.Reference(*keys[i]);
      padded.SetType(others[i]->type());
      HashVector(padded, rows, hashes, i > 0);
    } else {
      HashVector(*keys[i], rows, hashes, i > 0);
    }
  }
}

class HashJoin : public Join {
 public:
  HashJoin(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Join(node, context, outer),
        left_evaluator_(context, &left_columns_),
        right_evaluator_(context, &right_columns_),
        first_(std::make_unique_for_overwrite<uint32_t[]>(kVectorSize)),
        is_key_(std::make_unique_for_overwrite<uint8_t[]>(kVectorSize)),
        with_key_(std::make_unique_for_overwrite<uint16_t[]>(kVectorSize)) {
    for (const ExpressionPtr& key : node.left_keys) left_keys_.push_back(left_evaluator_.Add(*key));
    for (const ExpressionPtr& key : node.right_keys) {
      right_keys_.push_back(right_evaluator_.Add(*key));
    }
    for (const JoinFilterUse& use : node.join_filters) {
      filters_.push_back({JoinFilter::Of(context, use.number), right_keys_[use.key]});
    }
    null_keys_ = node.null_keys;
    null_keys_.resize(left_keys_.size());
    bool any_null_keys = std::find(null_keys_.begin(), null_keys_.end(), true) != null_keys_.end();
    is_integer_ = !any_null_keys && ArePackable(left_keys_, right_keys_);
    first_decides_ = gives_once_ && kind_ != JoinKind::kSingle && !has_condition();
    if (is_integer_) {
      packed_ = std::make_unique_for_overwrite<int64_t[]>(kVectorSize);
    } else {
      hashes_ = std::make_unique_for_overwrite<uint64_t[]>(kVectorSize);
      StoreKeys();
    }
    std::vector<Type> types;
    for (const Vector* vector : stored_) types.push_back(vector->type());
    stored_rows_.Init(std::move(types));
  }
  void Open() override {
    for (const Filter& filter : filters_) filter.filter->Clear();
    Join::Open();
  }
  void Close() override {
    Join::Close();
    table_.Release();
    integer_table_.Release();
  }

 protected:
  void BeginRight() override {
    table_.Clear();
    integer_table_.Clear();
  }
  void StoreRight(const Chunk& chunk) override;
  void FinishRight() override {
    for (const Filter& filter : filters_) filter.filter->Finish();
    if (is_integer_) {
      integer_table_.Finish();
    } else {
      table_.Finish();
    }
  }
  void StartLeft() override;
  Batch NextBatch() override;

 private:
  void StoreKeys();
  // Makes candidates. MatchOnce: each left row has one at most. FollowChains: `next(row)` goes on
  // from a right row (plus one); returns the left row that has more to come, or kNoLeftRow.
  void MatchOnce();
  template <typename Link>
  uint32_t FollowChains(Link&& next);
  // is_key_[i] = whether none of the keys is null in row i of `rows`. False when that holds for
  // all.
  bool FindNullKeys(const Keys& keys, Rows rows);

  // What scans on the left may leave out.
  struct Filter {
    JoinFilter* filter;
    const Vector* key;
  };

  Evaluator left_evaluator_, right_evaluator_;
  Keys left_keys_, right_keys_;
  std::vector<Filter> filters_;
  std::vector<bool> null_keys_;  // by key: whether two nulls are equal
  bool is_integer_ = false;
  bool first_decides_ = false;      // of equal keys: one right row says as much as all
  IntegerJoinTable integer_table_;  // when is_integer_
  std::unique_ptr<int64_t[]> packed_;
  JoinTable table_;                     // otherwise
  std::unique_ptr<uint64_t[]> hashes_;  // by row number
  std::vector<size_t> key_columns_;     // of stored_rows_
  std::unique_ptr<uint32_t[]> first_;   // by position: start of the chain
  std::unique_ptr<uint8_t[]> is_key_;   // by position
  std::unique_ptr<uint16_t[]> with_key_;
  uint32_t position_ = 0;  // in the left vector set
  uint32_t chain_ = 0;     // not zero: where the chain of the row at position_ goes on
};

// Keeps the right keys with the rows, for comparing.
void HashJoin::StoreKeys() {
  for (const Vector* key : right_keys_) {
    auto known = std::find(stored_.begin(), stored_.end(), key);
    key_columns_.push_back(static_cast<size_t>(known - stored_.begin()));
    if (known == stored_.end()) stored_.push_back(key);
  }
}

bool HashJoin::FindNullKeys(const Keys& keys, Rows rows) {
  bool may_be_null = false;
  for (size_t i = 0; i < keys.size(); ++i) {
    may_be_null |= !null_keys_[i] && keys[i]->may_have_nulls();
  }
  if (!may_be_null) return false;
  std::fill_n(is_key_.get(), rows.count, uint8_t{1});
  for (size_t k = 0; k < keys.size(); ++k) {
    if (null_keys_[k] || !keys[k]->may_have_nulls()) continue;
    for (uint32_t i = 0; i < rows.count; ++i) is_key_[i] &= keys[k]->IsValid(rows[i]);
  }
  return true;
}

void HashJoin::StoreRight(const Chunk& chunk) {
  Rows rows = chunk.rows();
  right_evaluator_.Run(rows);
  for (const Filter& filter : filters_) filter.filter->Add(*filter.key, rows);
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
  stored_rows_.Append(stored_, rows);
  const uint8_t* is_key = has_nulls ? is_key_.get() : nullptr;
  if (is_integer_) {
    integer_table_.Add(rows, PackKeys(right_keys_, rows, packed_.get()), is_key);
    return;
  }
  HashKeys(right_keys_, left_keys_, rows, hashes_.get());
  table_.Add(rows, hashes_.get(), is_key);
}

void HashJoin::StartLeft() {
  Rows rows = left_chunk_->rows();
  left_evaluator_.Run(rows);
  if (is_integer_) {
    integer_table_.FindFirst(rows, PackKeys(left_keys_, rows, packed_.get()), first_.get());
  } else {
    HashKeys(left_keys_, right_keys_, rows, hashes_.get());
    table_.FindFirst(rows, hashes_.get(), first_.get());
  }
  if (FindNullKeys(left_keys_, rows)) {
    for (uint32_t i = 0; i < rows.count; ++i) {
      if (is_key_[i] == 0) first_[i] = 0;
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
    if (candidate == 0 && keeps_left_) AddLonely(row, is_integer_ ? RowCollection::kNoRow : 0);
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
  if (!is_integer_) {
    open_row = FollowChains([&](uint32_t row) { return table_.Next(row); });
  } else if (integer_table_.has_chains() && !first_decides_) {
    open_row = FollowChains([&](uint32_t row) { return integer_table_.Next(row); });
  } else {
    MatchOnce();
  }
  uint32_t count = candidate_count();
  if (count == 0) return Batch::kEnd;
  if (is_integer_ && !has_condition() && !gives_once_) {
    SettleAll();
    return Batch::kPairs;
  }
  if (stored_rows_.row_count() != 0) {
    for (size_t i = 0; i < key_columns_.size(); ++i) {
      stored_rows_.Compare(key_columns_[i], right_rows_.get(), count, *left_keys_[i],
                           left_rows_.get(), null_keys_[i], alive_.get());
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
