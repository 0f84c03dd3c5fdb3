// plan/shared_operand.h: an operand that a predicate uses several times.
#pragma once

#include <vector>

#include "plan/expression.h"

namespace tupelo {

// SQL:1999 explains BETWEEN, IN, NULLIF and CASE with an operand by comparisons that name it again
// and again. It is computed once all the same: RANDOM() BETWEEN a AND b has one random number, and
// twenty of them nested are not a million calls. What is small is copied instead, since rules look
// for comparisons of columns.
class SharedOperand {
 public:
  // Takes an id from `next_column` where the value is not copied.
  SharedOperand(ExpressionPtr value, ColumnId* next_column);
  // The operand at one of its places.
  ExpressionPtr Use() const;
  // What was made of the uses, complete: call once.
  ExpressionPtr Finish(ExpressionPtr result);

 private:
  ExpressionPtr value_;
  ColumnId id_ = kNoColumn;
};

// The fields of a row, each shared.
class SharedFields {
 public:
  SharedFields(std::vector<ExpressionPtr> values, ColumnId* next_column);
  size_t size() const { return fields_.size(); }
  std::vector<ExpressionPtr> Use() const;
  ExpressionPtr Use(size_t field) const { return fields_[field].Use(); }
  ExpressionPtr Finish(ExpressionPtr result);

 private:
  std::vector<SharedOperand> fields_;
};

}  // namespace tupelo
