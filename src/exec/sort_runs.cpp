// exec/sort_runs.cpp: beginning another run.
#include "exec/sort_runs.h"

#include <utility>

#include "base/work_memory.h"

namespace tupelo {

namespace {

// Runs that are merged cost something each: fewer rows stay where they are.
constexpr uint64_t kLeastRows = 1u << 16;

}  // namespace

void SortRuns::Begin(uint64_t wanted, bool with_morsels) {
  written_.clear();
  wanted_ = wanted;
  with_morsels_ = with_morsels;
  last_->Begin(wanted, with_morsels);
}

void SortRuns::TakeIn(Rows rows, uint32_t morsel, const Interruption& interruption) {
  last_->TakeIn(rows, morsel, interruption);
  if (last_->rows().row_count() < kLeastRows) return;
  WorkMemory* memory = WorkMemoryScope::Current();
  if (memory == nullptr || !memory->is_short()) return;
  auto next = std::make_unique<SortRun>(input_, keys_);
  next->Begin(wanted_, with_morsels_);
  last_->Seal(interruption);
  written_.push_back(std::exchange(last_, std::move(next)));
}

void SortRuns::Release() {
  written_.clear();
  last_->Release();
}

void SortRuns::AppendTo(std::vector<const SortRun*>* runs) const {
  for (const auto& run : written_) runs->push_back(run.get());
  runs->push_back(last_.get());
}

}  // namespace tupelo
