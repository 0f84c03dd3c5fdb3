// plan/parallel.h: which parts of a plan several threads may run.
#pragma once

#include <cstdint>

#include "plan/plan.h"

namespace tupelo {

// A pipeline is a table scan and the operators above it that pass its rows on as they come:
// filters, projections, joins that probe with them. Several threads run copies of it, each on its
// own ranges of the table, where an operator takes in all of the rows before it gives any. What is
// volatile, has subqueries or changes something stays with one thread.

// By the kinds of operators alone, which costs little:
// The child of `node` that it can take in on several threads; nullptr: none.
const PlanNode* ParallelInputOf(const PlanNode& node);
// The scan that drives the pipeline that ends with `node`; nullptr: it is none.
const PlanNode* DrivingScan(const PlanNode& node);

// How many of `threads` are worth it for the rows that `scan` has now; 1: not several.
uint32_t ThreadsFor(const PlanNode& scan, uint32_t threads);

// Whether threads may compute the expressions of `sink`, and of its input's pipeline, side by side
// and out of order. REQUIRES: there is a DrivingScan of its ParallelInputOf.
bool AreIndependent(const PlanNode& sink);

}  // namespace tupelo
