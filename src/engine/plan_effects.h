// engine/plan_effects.h: what running a plan does besides reading and writing tables.
#pragma once

namespace tupelo {

struct Plan;

// Whether an expression of it is NEXT VALUE FOR, nextval or setval.
bool TakesNumbers(const Plan& plan);
// Whether it tells of what the database is doing.
bool ReadsSystemViews(const Plan& plan);

}  // namespace tupelo
