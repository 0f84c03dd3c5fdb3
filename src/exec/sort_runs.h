// exec/sort_runs.h: the rows of one worker, sorted in as much memory as there is.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec/sort_run.h"

namespace tupelo {

// As a SortRun takes in rows. Where statements hold much memory, what was taken in becomes a run of
// its own, which is written to a temporary file, and another begins. Not thread-safe.
class SortRuns {
 public:
  SortRuns(SortRun::Input input, std::vector<KeyColumn> keys)
      : input_(std::move(input)),
        keys_(std::move(keys)),
        last_(std::make_unique<SortRun>(input_, keys_)) {}

  void Begin(uint64_t wanted, bool with_morsels);
  void TakeIn(Rows rows, uint32_t morsel, const Interruption& interruption);
  void Finish(const Interruption& interruption) { last_->Finish(interruption); }
  void Release();

  // Whether last() is all of them.
  bool is_one() const { return written_.empty(); }
  SortRun& last() { return *last_; }
  // Adds the runs in the order in which their rows came.
  void AppendTo(std::vector<const SortRun*>* runs) const;

 private:
  SortRun::Input input_;
  std::vector<KeyColumn> keys_;
  uint64_t wanted_ = UINT64_MAX;
  bool with_morsels_ = false;
  std::vector<std::unique_ptr<SortRun>> written_;
  std::unique_ptr<SortRun> last_;
};

}  // namespace tupelo
