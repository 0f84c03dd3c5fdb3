// plan/parallel.h: which parts of a plan several threads may run.
#pragma once

#include <cstdint>

#include "plan/plan.h"

namespace tupelo {

// A pipeline is table scans and the operators above them that pass their rows on as they come:
// filters, projections, joins that probe with them, UNION ALL. Several threads run copies of it,
// each on its own ranges of the tables, where an operator takes in all of the rows before it gives
// any, and where each row is work and the rows are passed on. What is volatile, has subqueries or
// changes something stays with one thread.

// By the kinds of operators alone, which costs little:
bool IsPipeline(const PlanNode& node);
// The child of `node` that it can take in on several threads, if that is a pipeline; nullptr: none.
const PlanNode* ParallelInputOf(const PlanNode& node);

// Whether `node` is a pipeline whose rows are better computed by several threads although one takes
// them: it joins, leaves rows out, or computes much for each.
bool IsGathered(const PlanNode& node);
// Whether that is so when as many rows come out for each that is scanned: a row that is passed on
// is copied, and that must cost less than what is computed for it.
bool IsWorthGathering(const PlanNode& pipeline, double rows_per_scanned_row);
// IsGathered of a child whose rows `parent` takes one after the other.
bool IsGatheredFor(const PlanNode& parent, const PlanNode& child);

// How many of `threads` are worth it for the rows that the tables of a pipeline have now; 1: not
// several.
uint32_t ThreadsFor(const PlanNode& pipeline, uint32_t threads);
uint32_t ThreadsForRows(uint64_t rows, uint32_t threads);

// Whether threads may compute the expressions of a node side by side and out of order.
bool HasIndependentExpressions(const PlanNode& node);
// The same of a pipeline.
bool IsIndependent(const PlanNode& pipeline);
// The same of `sink` and of its input. REQUIRES: that is a pipeline.
bool TakesInIndependently(const PlanNode& sink);

}  // namespace tupelo
