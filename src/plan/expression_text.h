// plan/expression_text.h: bound expressions as text that a person reads as SQL: for EXPLAIN.
#pragma once

#include <string>

#include "plan/expression.h"

namespace tupelo {

// What an expression alone does not know: what its columns are called, and its subqueries.
class ExpressionNames {
 public:
  virtual ~ExpressionNames() = default;
  virtual std::string NameOfColumn(ColumnId id) const = 0;
  // "subquery 1": the plan itself is shown elsewhere.
  virtual std::string NameOfSubquery(const BoundExpression& subquery) const = 0;
};

// The expression with as few parentheses as SQL's precedence needs. Conversions that the binder put
// in are left out; parameters are ?1, ?2 ..., counted from one; of a long list of IN the first
// items are shown. Not meant to be parsed.
std::string ExpressionText(const BoundExpression& expression, const ExpressionNames& names);

}  // namespace tupelo
