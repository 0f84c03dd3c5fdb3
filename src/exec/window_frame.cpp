// exec/window_frame.cpp: the bounds of frames by rows, groups of peers, and distance.
#include "exec/window_frame.h"

#include <algorithm>

namespace tupelo {

namespace {

bool HasOffset(FrameBoundKind kind) {
  return kind == FrameBoundKind::kPreceding || kind == FrameBoundKind::kFollowing;
}

}  // namespace

FrameCursor::FrameCursor(const FramePlan& plan, uint32_t order_count, const WindowRows& rows,
                         uint32_t key, const Type& key_type, bool descending, bool nulls_first,
                         ExecutionContext* context, const ColumnMap* outer)
    : plan_(plan), order_count_(order_count), rows_(rows), evaluator_(context, outer) {
  auto add = [&](FrameBoundKind kind, const ExpressionPtr& offset, const Vector** value,
                 std::unique_ptr<RangeBound>* range) {
    if (!HasOffset(kind)) return;
    *value = evaluator_.Add(*offset);
    if (plan_.unit != FrameUnit::kRange) return;
    *range = std::make_unique<RangeBound>(rows.rows(), key, key_type, offset->type, descending,
                                          nulls_first, kind == FrameBoundKind::kPreceding);
  };
  add(plan.start, plan.start_offset, &start_value_, &start_range_);
  add(plan.end, plan.end_offset, &end_value_, &end_range_);
}

int64_t FrameCursor::CountOf(const Vector* offset, const char* which) const {
  if (!offset->IsValid(0)) {
    throw Error(ErrorCode::kNullNotAllowed,
                std::string("the ") + which + " offset of a frame must not be null");
  }
  int64_t count = offset->At<int64_t>(0);
  if (count < 0) {
    throw Error(ErrorCode::kInvalidFrameOffset,
                std::string("the ") + which +
                    " offset of a frame must not be negative: " + std::to_string(count));
  }
  return count;
}

void FrameCursor::Start(uint32_t first, uint32_t partition) {
  row_ = first;
  partition_ = peers_ = frame_ = {};
  if (rows_.count() == 0) return;
  const WorkArray<uint32_t>& peers = rows_.Peers(order_count_);
  partition_number_ = partition;
  peer_end_number_ =
      static_cast<size_t>(std::lower_bound(peers.begin(), peers.end(), first) - peers.begin());
  evaluator_.Run(Rows{nullptr, 1});
  if (start_range_ != nullptr) {
    start_range_->Start(*start_value_, "starting");
  } else if (start_value_ != nullptr) {
    start_offset_ = CountOf(start_value_, "starting");
  }
  if (end_range_ != nullptr) {
    end_range_->Start(*end_value_, "ending");
  } else if (end_value_ != nullptr) {
    end_offset_ = CountOf(end_value_, "ending");
  }
}

void FrameCursor::MoveTo(uint32_t row) {
  row_ = row;
  const WorkArray<uint32_t>& partitions = rows_.Partitions();
  const WorkArray<uint32_t>& peers = rows_.Peers(order_count_);
  if (row >= partition_.end) {
    partition_ = {partitions[partition_number_], partitions[partition_number_ + 1]};
    ++partition_number_;
    first_peer_number_ = peer_end_number_;
    peer_end_number_ = static_cast<size_t>(
        std::lower_bound(peers.begin() + static_cast<ptrdiff_t>(first_peer_number_), peers.end(),
                         partition_.end) -
        peers.begin());
    peer_number_ = first_peer_number_;
    peers_ = {peers[peer_number_], peers[peer_number_ + 1]};
    if (start_range_ != nullptr) start_range_->BeginPartition(partition_.begin, partition_.end);
    if (end_range_ != nullptr) end_range_->BeginPartition(partition_.begin, partition_.end);
  } else if (row >= peers_.end) {
    ++peer_number_;
    peers_ = {peers[peer_number_], peers[peer_number_ + 1]};
  }
  frame_.begin = Bound(plan_.start, false, row);
  frame_.end = std::max(frame_.begin, Bound(plan_.end, true, row));
}

// A row, for a start the first of the frame, for an end the one behind its last.
uint32_t FrameCursor::Bound(FrameBoundKind kind, bool is_end, uint32_t row) {
  if (kind == FrameBoundKind::kUnboundedPreceding) return partition_.begin;
  if (kind == FrameBoundKind::kUnboundedFollowing) return partition_.end;
  int64_t offset = is_end ? end_offset_ : start_offset_;
  if (plan_.unit == FrameUnit::kRows) return RowsBound(kind, offset, is_end, row);
  if (kind == FrameBoundKind::kCurrentRow) return is_end ? peers_.end : peers_.begin;
  if (plan_.unit == FrameUnit::kGroups) return GroupsBound(kind, offset, is_end);
  RangeBound& range = is_end ? *end_range_ : *start_range_;
  // The distance to a null is unknown: its peers alone are in reach of it.
  if (range.IsNull(row)) return is_end ? peers_.end : peers_.begin;
  return range.Find(row, is_end);
}

uint32_t FrameCursor::RowsBound(FrameBoundKind kind, int64_t offset, bool is_end,
                                uint32_t row) const {
  int64_t at = row + (is_end ? 1 : 0);
  if (kind == FrameBoundKind::kPreceding) {
    at = offset > at - partition_.begin ? partition_.begin : at - offset;
  } else if (kind == FrameBoundKind::kFollowing) {
    at = offset > partition_.end - at ? partition_.end : at + offset;
  }
  return static_cast<uint32_t>(at);
}

uint32_t FrameCursor::GroupsBound(FrameBoundKind kind, int64_t offset, bool is_end) const {
  const WorkArray<uint32_t>& peers = rows_.Peers(order_count_);
  auto number = static_cast<int64_t>(peer_number_) + (is_end ? 1 : 0);
  auto first = static_cast<int64_t>(first_peer_number_);
  auto end = static_cast<int64_t>(peer_end_number_);
  if (kind == FrameBoundKind::kPreceding) {
    number = offset > number - first ? first : number - offset;
  } else {
    number = offset > end - number ? end : number + offset;
  }
  return peers[static_cast<size_t>(number)];
}

int FrameCursor::Parts(RowRange* parts) const {
  if (plan_.exclusion == FrameExclusion::kNoOthers) {
    parts[0] = frame_;
    return 1;
  }
  RowRange out = plan_.exclusion == FrameExclusion::kCurrentRow ? RowRange{row_, row_ + 1} : peers_;
  auto clamp = [&](uint32_t at) { return std::clamp(at, frame_.begin, frame_.end); };
  int count = 0;
  parts[count++] = {frame_.begin, clamp(out.begin)};
  if (plan_.exclusion == FrameExclusion::kTies) {
    parts[count++] = {clamp(row_), clamp(row_ + 1)};
  }
  parts[count++] = {clamp(out.end), frame_.end};
  return count;
}

}  // namespace tupelo
