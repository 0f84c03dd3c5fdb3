// exec/gather.h: rows that several threads compute and one takes.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "exec/parallel_input.h"

namespace tupelo {

// What the worker of a pipeline has ready, in the order of its morsels. The worker adds to it while
// the reader waits, and the reader takes from it while the worker waits.
class GatheredRows {
 public:
  // `capacity`: rows that are enough.
  void Init(std::vector<Type> types, uint64_t capacity);
  // Forgets everything, memory included.
  void Clear();

  // The worker: copies the rows of a chunk.
  void Add(const Chunk& chunk, uint32_t morsel);
  bool is_full() const { return row_count_ >= capacity_; }
  // An error belongs behind the rows before it: who does not ask for more never sees it.
  void SetError(std::exception_ptr error, uint32_t morsel);

  // The reader: whether there is something, of which morsel it is, and taking it. What was taken is
  // good until the next call. Throws the error when it is reached.
  bool has_next() const { return !ready_.empty() || error_ != nullptr; }
  uint32_t next_morsel() const { return ready_.empty() ? error_morsel_ : ready_.front().morsel; }
  Chunk* Take();

 private:
  struct Ready {
    std::unique_ptr<Chunk> chunk;
    uint32_t morsel;
  };
  std::vector<Type> types_;
  std::deque<Ready> ready_;
  std::vector<std::unique_ptr<Chunk>> free_;
  std::unique_ptr<Chunk> taken_;
  uint64_t row_count_ = 0, capacity_ = 0;
  std::exception_ptr error_;
  uint32_t error_morsel_ = 0;
};

// The rows of a pipeline in the order in which one thread would have given them. The calling thread
// computes the first morsel by itself, for those who want only a few rows; and all others where so
// many rows have come that passing them on costs more than it brings. Else, whenever nothing is
// ready, all workers go on for a while: a few morsels, more each time, and no more rows than the
// bounded memory for them takes. So nothing runs between two calls.
class PipelineGather {
 public:
  PipelineGather(const PlanNode& pipeline, ExecutionContext* context, const ColumnMap* outer);

  // Begins a run, where several threads are worth it; false: `serial`, which was opened, is to be
  // read.
  bool Begin(Operator* serial);
  // The next rows, nullptr: none. REQUIRES: Begin was true.
  Chunk* Next();
  void Close();

 private:
  struct Worker {
    GatheredRows rows;
    bool is_running = false;  // in the middle of its pipeline
    bool is_at_end = false;
  };
  static constexpr uint32_t kNone = 0xFFFFFFFFu;
  Chunk* NextAlone();
  // The worker that has the next rows; kNone: that is not known before they go on.
  uint32_t FindNext() const;
  bool IsAtEnd() const;
  void GoOn();
  void RunWorker(uint32_t number);

  const PlanNode& pipeline_;
  ParallelInput input_;
  std::vector<Type> types_;
  uint64_t capacity_;
  std::vector<Worker> workers_;  // of this run
  enum class State : uint8_t { kFirstMorsel, kAlone, kTogether };
  State state_ = State::kFirstMorsel;
  uint64_t first_rows_ = 0;  // of the first morsel
  uint32_t morsels_ = 1;     // that a worker may take before all meet again
};

}  // namespace tupelo
