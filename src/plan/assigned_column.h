// plan/assigned_column.h: a column of the table that a statement sets, and its new value.
#pragma once

#include <cstdint>

#include "plan/expression.h"

namespace tupelo {

struct AssignedColumn {
  uint16_t column;
  ExpressionPtr value;
};

}  // namespace tupelo
