// plan/fold_constants.h: calls of constants, computed at plan time.
#pragma once

#include "plan/expression.h"

namespace tupelo {

// The value of a call whose arguments are constants, as a constant; the expression itself when it
// can't be known now (not deterministic, or evaluating it fails: then it must fail at run time, if
// its row is ever reached).
ExpressionPtr FoldConstants(ExpressionPtr expression);

}  // namespace tupelo
