// plan/band_plan.h: what a plan node knows of a join by ranges.
#pragma once

#include <vector>

#include "plan/expression.h"

namespace tupelo {

// A condition between a right row and a value of the left one: right >= value when it is a lower
// bound, right <= value when it is an upper one, without equality unless it is inclusive.
struct BandBound {
  ExpressionPtr value;
  bool of_second = false;  // BandPlan::second is bounded, else `first`
  bool is_lower = false, is_inclusive = false;
};

// Expressions over the right columns, and what bounds them.
struct BandPlan {
  ExpressionPtr first;   // in whose order the right rows are, among those of equal keys
  ExpressionPtr second;  // has one bound; nullptr: none
  // In whose order values and bounds are compared: of strings, CHARACTER when one of the two is.
  Type first_type, second_type;
  std::vector<BandBound> bounds;
};

}  // namespace tupelo
