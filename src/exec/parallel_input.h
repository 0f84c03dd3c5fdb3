// exec/parallel_input.h: an operator's input, taken in by several threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "exec/operator.h"
#include "exec/pipeline_worker.h"

namespace tupelo {

// For operators that take in all rows of a child before they give any. Each worker has operators of
// its own for the child's pipeline, made when they are first wanted, with a context of its own, and
// takes morsels until none is left; worker 0 is the calling thread. Each takes the latch for its
// own steps, or all work under that which the caller holds; what they share is only read, but for
// the number of the next morsel.
//
// Rows of one morsel come in the order in which one thread would have given them, to one worker,
// and each worker's morsels ascend: by the numbers of the morsels that order can be had again.
class ParallelInput {
 public:
  // For the operator of `sink`, which takes in its ParallelInputOf, if there is one. `outer` as for
  // BuildOperator.
  ParallelInput(const PlanNode& sink, ExecutionContext* context, const ColumnMap* outer);
  // For a pipeline whose rows are passed on.
  enum class PassedOn : uint8_t { kTag };
  ParallelInput(PassedOn, const PlanNode& pipeline, ExecutionContext* context,
                const ColumnMap* outer);
  ~ParallelInput();

  // How many workers there are for this run, none of them started; 0: `serial`, the child as the
  // statement's own operators, is to be read. REQUIRES: `serial` was opened.
  uint32_t Prepare(Operator* serial) {
    bool may_be = context_->threads > 1 && context_->worker == nullptr && input_ != nullptr;
    return may_be ? PrepareSlow(serial) : 0;
  }
  // The same where there is no pipeline, for RunParts alone: of so many rows.
  uint32_t PrepareForRows(uint64_t rows);
  // Of a worker: good for the life of this object.
  ExecutionContext* context(uint32_t worker) { return &workers_[worker]->context; }
  Operator& pipeline(uint32_t worker) { return *workers_[worker]->root; }
  PipelineWorker& state(uint32_t worker) const { return workers_[worker]->pipeline; }

  // Calls take(worker, chunk, morsel) for all chunks, on the workers' threads. What one throws ends
  // them all, and is thrown here.
  using Take = std::function<void(uint32_t worker, const Chunk& chunk, uint32_t morsel)>;
  void Run(const Take& take);
  // Calls work(0) to work(count - 1), each on a thread. As above.
  void RunParts(uint32_t count, const std::function<void(uint32_t)>& work);
  // Whether one of them has failed, so that the others had better end.
  bool is_stopped() const { return stop_.load(std::memory_order_relaxed); }

  // For those who run the pipelines themselves, by RunParts: before it, where the statement may
  // have paused since; and afterwards, in the end.
  void Resume();
  void CloseWorkers();

 private:
  struct Worker {
    ExecutionContext context;
    PipelineWorker pipeline;
    OperatorPtr root;
  };
  uint32_t PrepareSlow(Operator* serial);
  void SetContext(Worker* worker, bool is_first);
  void SetLatch();
  void RunWorker(uint32_t number, const Take& take);
  void Fail();

  ExecutionContext* context_;
  const ColumnMap* outer_;
  const PlanNode* sink_ = nullptr;  // nullptr: rows are passed on
  const PlanNode* input_;           // the pipeline; nullptr: none
  enum class Answer : uint8_t { kUnknown, kYes, kNo };
  Answer may_run_ = Answer::kUnknown;  // the pipeline, on several threads
  Operator* serial_ = nullptr;
  uint32_t count_ = 0;  // of this run
  SharedPipeline shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::exception_ptr error_;  // the first; guarded by mutex_
};

// ThreadsFor (plan/parallel.h), as the tables are now.
uint32_t ThreadsNow(const PlanNode& pipeline, const ExecutionContext* context);

}  // namespace tupelo
