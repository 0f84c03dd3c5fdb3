// exec/window_function.h: a window function while it runs.
#pragma once

#include <memory>
#include <vector>

#include "exec/window_frame.h"
#include "exec/window_rows.h"
#include "plan/window_plan.h"

namespace tupelo {

// What all functions of a window operator are made with.
struct WindowFunctionInput {
  const WindowColumn* column;
  const WindowRows* rows;
  std::vector<uint32_t> arguments;  // their columns in `rows`
  uint32_t filter;                  // its column, where column->filter is there
  std::vector<uint32_t> order;      // columns of the keys of column->order
  std::unique_ptr<FrameCursor> frame;
  ExecutionContext* context;
};

// Some of the partitions, all rows of them: from partition number `partition` on.
struct WindowPart {
  RowRange rows;
  uint32_t partition = 0;
};

// Fills the result from the first row of a part to its last, a vector set at a time. Not
// thread-safe: each worker has its own.
class WindowFunction {
 public:
  virtual ~WindowFunction() = default;
  // Before the first row of each part, when all rows are there.
  virtual void Start(const WindowPart& part) = 0;
  // The results of rows [first, first + count), all of one vector set, at the places that they have
  // in that set. REQUIRES: the rows after those filled last.
  virtual void Fill(uint32_t first, uint32_t count, Vector* result) = 0;
  // Gives big buffers back.
  virtual void Release() {}
};
using WindowFunctionPtr = std::unique_ptr<WindowFunction>;

WindowFunctionPtr MakeWindowFunction(WindowFunctionInput input);   // window_columns.cpp
WindowFunctionPtr MakeRankFunction(WindowFunctionInput input);     // window_rank.cpp
WindowFunctionPtr MakeOffsetFunction(WindowFunctionInput input);   // window_value.cpp: LAG, LEAD
WindowFunctionPtr MakeValueFunction(WindowFunctionInput input);    // window_value.cpp: of the frame
WindowFunctionPtr MakeWindowAggregate(WindowFunctionInput input);  // window_aggregate.cpp
// window_ordered.cpp: aggregates with ORDER BY or DISTINCT, or whose states can't be combined
WindowFunctionPtr MakeOrderedWindowAggregate(WindowFunctionInput input);

}  // namespace tupelo
