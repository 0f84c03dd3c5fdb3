// plan/scan_text.h: what EXPLAIN calls the tables and system views of a plan, and their locks.
#pragma once

#include <string>

#include "plan/plan.h"

namespace tupelo {

std::string TableText(const PlanNode& node);
std::string SystemViewText(const PlanNode& node);
// FOR UPDATE of t, NOWAIT
std::string LockText(const LockPlan& locks);

}  // namespace tupelo
