// sql/precedence.h: how tightly operators bind.
#pragma once

namespace tupelo::ast {

// Weakest first. NOT a = b IS TRUE AND c is (NOT ((a = b) IS TRUE)) AND c. Operators of a level are
// read from left to right; comparisons and BETWEEN, IN, LIKE do not take one of their own level as
// an operand.
enum Precedence : int {
  kOrLevel = 1,
  kAndLevel,
  kNotLevel,
  kIsLevel,
  kComparisonLevel,
  kRangeLevel,        // BETWEEN, IN, LIKE
  kConcatenateLevel,  // || & | # ~ << >>
  kAdditiveLevel,
  kMultiplicativeLevel,
  kSignLevel,
  kAtLevel,    // AT TIME ZONE
  kCastLevel,  // ::
  kPrimaryLevel,
};

}  // namespace tupelo::ast
