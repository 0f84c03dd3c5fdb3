// engine/unsound_rules.h: leaving out of definitions what rows do not hold to.
#pragma once

#include "base/interruption.h"
#include "engine/finding.h"

namespace tupelo {

struct DatabaseState;

// Checks all rows; keys, indexes, checks and foreign keys that do not hold are taken from the
// definitions, columns become nullable, or ordinary ones instead of generated ones. What was left
// out goes to `losses`. REQUIRES: nobody else uses the database; nothing is committed to a log.
void LeaveOutUnsoundRules(DatabaseState* state, const Interruption* interruption, Findings* losses);

}  // namespace tupelo
