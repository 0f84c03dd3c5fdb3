// exec/row_limit.h: the values of LIMIT and OFFSET for one run.
#pragma once

#include <cstdint>

#include "exec/evaluator.h"
#include "plan/plan.h"

namespace tupelo {

// Both are BIGINT expressions without columns; a null LIMIT means no limit, a null OFFSET zero.
class RowLimit {
 public:
  RowLimit(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  // Throws kInvalidLimit and kInvalidOffset for negative numbers.
  void Evaluate();
  uint64_t limit() const { return limit_; }
  uint64_t offset() const { return offset_; }

 private:
  Evaluator evaluator_;
  const BoundExpression* limit_expression_;
  const BoundExpression* offset_expression_;
  const Vector* limit_value_ = nullptr;
  const Vector* offset_value_ = nullptr;
  uint64_t limit_ = UINT64_MAX, offset_ = 0;
};

}  // namespace tupelo
