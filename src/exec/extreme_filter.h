// exec/extreme_filter.h: what MIN and MAX have found so far, for the scan below them.
#pragma once

#include <span>
#include <vector>

#include "exec/execution_context.h"
#include "txn/scan.h"

namespace tupelo {

// The scan says which columns it is about before it reads; the aggregates say what they have after
// each vector set. Each worker has its own. By the place of the aggregate.
class ExtremeFilter {
 public:
  // The filter of that number, made when first asked for.
  static ExtremeFilter* Of(ExecutionContext* context, uint32_t number);

  // `columns`: a predicate each that all values fulfil, kIsNotNull. None: nothing is skipped.
  void Begin(std::vector<ZonePredicate> columns, std::vector<ZoneOp> operators);
  bool is_wanted() const { return !wanted_.empty(); }
  // From now on only values beyond `best`, which is not null, are wanted of that aggregate.
  void SetBest(size_t aggregate, Value best);

  // A block is wanted where one of these can be fulfilled. Stays where it is until Begin.
  std::span<const ZonePredicate> wanted() const { return wanted_; }

 private:
  std::vector<ZonePredicate> wanted_;
  std::vector<ZoneOp> operators_;  // of values that beat the best one
};

}  // namespace tupelo
