// plan/window_plan.h: window functions in a plan.
#pragma once

#include <string_view>
#include <vector>

#include "plan/expression.h"
#include "sql/ast_expression.h"

namespace tupelo {

enum class WindowFunctionKind : uint8_t {
  kRowNumber,
  kRank,
  kDenseRank,
  kPercentRank,
  kCumeDist,
  kNtile,
  kLag,
  kLead,
  kFirstValue,
  kLastValue,
  kNthValue,
  kAggregate,
};

// Whether functions of that name (upper case) are called with OVER only.
bool IsWindowFunction(std::string_view name);

using ast::FrameBoundKind;
using ast::FrameExclusion;
using ast::FrameUnit;

// Offsets read no columns of the input: BIGINT for ROWS and GROUPS; for RANGE DOUBLE PRECISION
// where the sort key is cast to it, else an exact number or an interval.
struct FramePlan {
  FrameUnit unit = FrameUnit::kRange;
  FrameBoundKind start = FrameBoundKind::kUnboundedPreceding;
  FrameBoundKind end = FrameBoundKind::kCurrentRow;
  FrameExclusion exclusion = FrameExclusion::kNoOthers;
  ExpressionPtr start_offset, end_offset;  // of the bounds with an offset
};

// ORDER BY within an aggregate.
struct AggregateOrder {
  ExpressionPtr key;
  bool descending = false;
  bool nulls_first = false;
};

struct WindowColumn {
  ColumnId id = kNoColumn;
  WindowFunctionKind function = WindowFunctionKind::kAggregate;
  std::string_view name;
  Type type;
  BoundAggregate aggregate;              // kAggregate
  std::vector<ExpressionPtr> arguments;  // already of the types that the function takes
  ExpressionPtr filter;                  // kAggregate; nullptr: none
  bool distinct = false;                 // kAggregate
  std::vector<AggregateOrder> order;     // kAggregate: of the rows of a frame; empty: any
  bool ignore_nulls = false;
  bool from_last = false;
  // How many of the node's sort keys order this window; rows that agree in them are its peers.
  uint32_t order_count = 0;
  FramePlan frame;
};

// kWindow: the node's sort_keys order the rows of a partition.
struct WindowPlan {
  std::vector<ColumnId> partition_columns;
  std::vector<WindowColumn> functions;  // behind the columns of the child, in the output
};

}  // namespace tupelo
