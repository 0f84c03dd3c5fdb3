// functions/random.h: functions without arguments that give each row a value of its own.
#pragma once

#include "functions/function.h"

namespace tupelo {

// Of functions without arguments: RANDOM and its kin, unlike CURRENT_DATE, which is the same for
// all rows of a statement.
bool DiffersByRow(const BoundFunction& function);

}  // namespace tupelo
