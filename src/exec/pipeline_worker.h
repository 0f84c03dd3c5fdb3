// exec/pipeline_worker.h: what the copies of a pipeline share, one copy a worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "plan/plan.h"

namespace tupelo {

class Join;

// The scan's rows are handed out in morsels (Leis et al., "Morsel-Driven Parallelism", 2014):
// ranges of stripes, in the order of the table. Made ready by PrepareWorkers of the statement's own
// operators; afterwards only next_morsel changes.
struct SharedPipeline {
  std::atomic<uint32_t> next_morsel{0};
  // The statement's own joins, whose right sides those of the workers read.
  std::vector<std::pair<const PlanNode*, const Join*>> joins;
  bool gives_nothing = false;  // a join found no right rows: what is below it is not made ready
};

inline constexpr uint32_t kStripesPerMorsel = 8;

// Of one worker. A pipeline gives all rows of a morsel before it takes the next.
struct PipelineWorker {
  SharedPipeline* shared = nullptr;
  uint32_t morsel = 0;  // that the rows come from which its pipeline gave last
};

}  // namespace tupelo
