// plan/aggregate_text.h: aggregates and window functions as text for EXPLAIN.
#pragma once

#include <string>

#include "plan/expression_text.h"
#include "plan/plan.h"

namespace tupelo {

std::string AggregateText(const AggregateColumn& aggregate, const ExpressionNames& names);
// With its frame, when that is not the default one; without PARTITION BY and ORDER BY.
std::string WindowFunctionText(const WindowColumn& column, const ExpressionNames& names);

}  // namespace tupelo
