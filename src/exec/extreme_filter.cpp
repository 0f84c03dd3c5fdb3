// exec/extreme_filter.cpp: which filter is whose, and what it holds.
#include "exec/extreme_filter.h"

#include <utility>

namespace tupelo {

ExtremeFilter* ExtremeFilter::Of(ExecutionContext* context, uint32_t number) {
  auto& filters = context->extreme_filters;
  if (filters.size() <= number) filters.resize(number + 1);
  if (filters[number] == nullptr) filters[number] = std::make_shared<ExtremeFilter>();
  return filters[number].get();
}

void ExtremeFilter::Begin(std::vector<ZonePredicate> columns, std::vector<ZoneOp> operators) {
  wanted_ = std::move(columns);
  operators_ = std::move(operators);
}

void ExtremeFilter::SetBest(size_t aggregate, Value best) {
  wanted_[aggregate].op = operators_[aggregate];
  wanted_[aggregate].value = std::move(best);
}

}  // namespace tupelo
