// exec/pipeline_worker.h: what the copies of a pipeline share, one copy a worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "plan/plan.h"

namespace tupelo {

class Join;

// The rows of a scan are handed out in morsels (Leis et al., "Morsel-Driven Parallelism", 2014):
// ranges of stripes, in the order of the table.
struct ScanMorsels {
  const PlanNode* scan;
  uint32_t first;  // the number that its first morsel has in the pipeline
  uint32_t count;
  std::atomic<uint32_t> next{0};
  std::span<const uint32_t> order;  // of the stripes; empty: as they are numbered
  ScanMorsels(const PlanNode* node, uint32_t first_number, uint32_t morsels)
      : scan(node), first(first_number), count(morsels) {}
};

// Made ready by PrepareWorkers of the statement's own operators; afterwards only ScanMorsels::next
// changes.
struct SharedPipeline {
  std::deque<ScanMorsels> scans;  // in the order in which one thread would run them
  // The statement's own joins, whose right sides those of the workers read.
  std::vector<std::pair<const PlanNode*, const Join*>> joins;
  bool gives_nothing = false;  // a join found no right rows: what is below it is not made ready

  void Clear() {
    scans.clear();
    joins.clear();
    gives_nothing = false;
  }
  void AddScan(const PlanNode* scan, uint32_t morsels, std::span<const uint32_t> order) {
    uint32_t first = scans.empty() ? 0 : scans.back().first + scans.back().count;
    scans.emplace_back(scan, first, morsels).order = order;
  }
};

inline constexpr uint32_t kStripesPerMorsel = 8;

// Of one worker. A pipeline gives all rows of a morsel before it takes the next.
struct PipelineWorker {
  SharedPipeline* shared = nullptr;
  uint32_t morsel = 0;  // that the rows come from which its pipeline gave last
  // How many more it may take. When it may not, the pipeline ends, and goes on when it is opened
  // again.
  uint32_t morsels_left = UINT32_MAX;
  bool is_held_back = false;  // it ended for that

  // The next morsel of a scan, counted from that scan's first; nothing when there is none for it.
  std::optional<uint32_t> Take(ScanMorsels* scan) {
    if (morsels_left == 0) {
      is_held_back = true;
      return std::nullopt;
    }
    uint32_t number = scan->next.load(std::memory_order_relaxed);
    if (number < scan->count) number = scan->next.fetch_add(1, std::memory_order_relaxed);
    if (number >= scan->count) return std::nullopt;
    --morsels_left;
    morsel = scan->first + number;
    return number;
  }
};

}  // namespace tupelo
