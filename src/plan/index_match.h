// plan/index_match.h: which conditions an index can answer.
#pragma once

#include <string_view>

#include "plan/column_set.h"
#include "plan/plan.h"

namespace tupelo {

// Rows read in order for the price of one read through an index.
inline constexpr double kRandomReadCost = 8;

// `column op value` with the value known before the scan begins.
struct IndexComparison {
  ColumnId column = kNoColumn;
  ExpressionPtr* value = nullptr;  // within the conjunct; nullptr: none
  std::string_view op;
  bool is_wide = false;  // several values of the column may be equal to it: a range has them
};

// Whether the conjunct is one, of a column among `own`.
bool MatchComparison(BoundExpression& conjunct, const ColumnSet& own, IndexComparison* comparison);

// Whether a key of `column` can be made of a value of type `value` (exec/index_key.cpp), and
// compares alike.
bool UsableForIndex(const Type& column, const Type& value);
// Whether the key so made says all that the comparison says.
bool IsExactBound(const Type& column, const Type& value);

}  // namespace tupelo
