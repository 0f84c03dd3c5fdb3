// engine/text_rows.h: rows of text as a plan, for statements whose answer is no query's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace tupelo {

// A plan that gives the rows, as VARCHAR columns of these names.
std::shared_ptr<const Plan> PlanOfText(const std::vector<std::string_view>& headings,
                                       const std::vector<std::vector<std::string>>& rows);

}  // namespace tupelo
