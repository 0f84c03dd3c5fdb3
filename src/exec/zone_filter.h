// exec/zone_filter.h: which blocks a scan may skip by the bounds of their values.
#pragma once

#include <vector>

#include "exec/evaluator.h"
#include "plan/plan.h"
#include "txn/scan.h"

namespace tupelo {

// Of a scan's condition, the conjuncts `column op value` whose value is known before the scan
// begins: constants and parameters. The rows that come still need the condition.
class ZoneFilter {
 public:
  // REQUIRES: node.condition != nullptr.
  ZoneFilter(const PlanNode& node, ExecutionContext* context);

  // Computes the values for this run; good until the next call.
  const std::vector<ZonePredicate>& Make();

 private:
  struct Bound {
    uint16_t physical_column;
    ZoneOp op;
    const Vector* value;
    Vector key;  // the value as one of the column's type
  };
  void AddConjunct(const PlanNode& node, const BoundExpression& conjunct);
  bool AddBound(const PlanNode& node, const BoundExpression& column, const BoundExpression& value,
                ZoneOp op);

  ColumnMap no_columns_;
  Evaluator values_;
  std::vector<Bound> bounds_;
  std::vector<ZonePredicate> predicates_;
};

}  // namespace tupelo
