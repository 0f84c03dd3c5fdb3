// exec/window_frame.h: which rows the frame of each row has.
#pragma once

#include <cstdint>
#include <memory>

#include "exec/evaluator.h"
#include "exec/window_range.h"
#include "exec/window_rows.h"
#include "plan/window_plan.h"

namespace tupelo {

// Rows [begin, end).
struct RowRange {
  uint32_t begin = 0, end = 0;
  uint32_t size() const { return end - begin; }
};

// Goes through the rows in order; the bounds of a frame never go back within a partition. So the
// work for all rows is proportional to their number. Not thread-safe.
class FrameCursor {
 public:
  // `key`: the number, among the columns of `rows`, of the only sort key of RANGE with an offset.
  FrameCursor(const FramePlan& plan, uint32_t order_count, const WindowRows& rows, uint32_t key,
              const Type& key_type, bool descending, bool nulls_first, ExecutionContext* context,
              const ColumnMap* outer);

  // Before row `first`, the first one of partition number `partition`: computes the offsets. Throws
  // 22004 and 22013.
  void Start(uint32_t first, uint32_t partition);
  // REQUIRES: that row first, then the next one each time.
  void MoveTo(uint32_t row);

  RowRange partition() const { return partition_; }
  // What the bounds say, EXCLUDE left aside.
  RowRange frame() const { return frame_; }
  // The frame in at most three parts, in order; returns how many. Parts may be empty.
  int Parts(RowRange* parts) const;

 private:
  int64_t CountOf(const Vector* offset, const char* which) const;
  uint32_t Bound(FrameBoundKind kind, bool is_end, uint32_t row);
  uint32_t RowsBound(FrameBoundKind kind, int64_t offset, bool is_end, uint32_t row) const;
  uint32_t GroupsBound(FrameBoundKind kind, int64_t offset, bool is_end) const;

  const FramePlan& plan_;
  uint32_t order_count_;
  const WindowRows& rows_;
  Evaluator evaluator_;
  const Vector* start_value_ = nullptr;
  const Vector* end_value_ = nullptr;
  std::unique_ptr<RangeBound> start_range_, end_range_;  // of RANGE with an offset

  int64_t start_offset_ = 0, end_offset_ = 0;  // of ROWS and GROUPS
  uint32_t row_ = 0;
  size_t partition_number_ = 0, peer_number_ = 0, first_peer_number_ = 0, peer_end_number_ = 0;
  RowRange partition_, peers_, frame_;
};

}  // namespace tupelo
