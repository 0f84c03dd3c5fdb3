// exec/window_rank.cpp: functions of a row's place: ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK,
// CUME_DIST, NTILE.
#include <algorithm>

#include "exec/window_function.h"

namespace tupelo {

namespace {

class RankFunction : public WindowFunction {
 public:
  explicit RankFunction(WindowFunctionInput input) : input_(std::move(input)) {}

  void Start(const WindowPart& part) override {
    const WorkArray<uint32_t>& peers = input_.rows->Peers(input_.column->order_count);
    partition_ = peers_ = {};
    partition_number_ = part.partition;
    peer_number_ = static_cast<size_t>(
        std::lower_bound(peers.begin(), peers.end(), part.rows.begin) - peers.begin());
    dense_rank_ = 0;
  }

  void Fill(uint32_t first, uint32_t count, Vector* result) override {
    uint32_t at = first % kVectorSize;
    result->PrepareWrite(at + count);
    for (uint32_t i = 0; i < count; ++i) {
      MoveTo(first + i);
      Write(first + i, at + i, result);
    }
  }

 private:
  void MoveTo(uint32_t row) {
    const WorkArray<uint32_t>& partitions = input_.rows->Partitions();
    const WorkArray<uint32_t>& peers = input_.rows->Peers(input_.column->order_count);
    if (row >= partition_.end) {
      partition_ = {partitions[partition_number_], partitions[partition_number_ + 1]};
      ++partition_number_;
      dense_rank_ = 0;
      if (input_.column->function == WindowFunctionKind::kNtile) ReadBuckets(row);
    }
    if (row >= peers_.end) {
      peers_ = {peers[peer_number_], peers[peer_number_ + 1]};
      ++peer_number_;
      ++dense_rank_;
    }
  }

  void Write(uint32_t row, uint32_t at, Vector* result) {
    uint32_t size = partition_.size();
    int64_t rank = peers_.begin - partition_.begin + int64_t{1};
    switch (input_.column->function) {
      case WindowFunctionKind::kRowNumber:
        result->MutableData<int64_t>()[at] = row - partition_.begin + int64_t{1};
        return;
      case WindowFunctionKind::kRank: result->MutableData<int64_t>()[at] = rank; return;
      case WindowFunctionKind::kDenseRank: result->MutableData<int64_t>()[at] = dense_rank_; return;
      case WindowFunctionKind::kPercentRank:
        result->MutableData<double>()[at] =
            size == 1 ? 0 : static_cast<double>(rank - 1) / static_cast<double>(size - 1);
        return;
      case WindowFunctionKind::kCumeDist:
        result->MutableData<double>()[at] =
            static_cast<double>(peers_.end - partition_.begin) / static_cast<double>(size);
        return;
      default: WriteBucket(row - partition_.begin, at, result);
    }
  }

  // NTILE goes by its argument in the first row of the partition.
  void ReadBuckets(uint32_t row) {
    const Vector& values = input_.rows->rows().VectorOf(input_.arguments[0], row);
    is_null_ = !values.IsValid(row % kVectorSize);
    if (is_null_) return;
    buckets_ = values.At<int64_t>(row % kVectorSize);
    if (buckets_ > 0) return;
    throw Error(ErrorCode::kInvalidNtile,
                "the argument of NTILE must be greater than zero: " + std::to_string(buckets_));
  }

  // The first buckets have one row more where the rows can't be shared out evenly.
  void WriteBucket(int64_t place, uint32_t at, Vector* result) {
    auto* out = result->MutableData<int64_t>();
    out[at] = 0;
    if (is_null_) return result->SetNull(at);
    int64_t rows = partition_.size() / buckets_, larger = partition_.size() % buckets_;
    int64_t in_larger = larger * (rows + 1);
    out[at] = place < in_larger ? place / (rows + 1) + 1 : larger + (place - in_larger) / rows + 1;
  }

  WindowFunctionInput input_;
  RowRange partition_, peers_;
  size_t partition_number_ = 0, peer_number_ = 0;
  int64_t dense_rank_ = 0, buckets_ = 1;
  bool is_null_ = false;
};

}  // namespace

WindowFunctionPtr MakeRankFunction(WindowFunctionInput input) {
  return std::make_unique<RankFunction>(std::move(input));
}

}  // namespace tupelo
