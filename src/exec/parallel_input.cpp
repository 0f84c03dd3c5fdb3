// exec/parallel_input.cpp: making workers, running them, and what becomes of their errors.
#include "exec/parallel_input.h"

#include <optional>

#include "base/interruption_scope.h"
#include "base/work_memory.h"
#include "base/worker_pool.h"
#include "exec/read_scope.h"
#include "plan/parallel.h"
#include "storage/block_cache.h"
#include "txn/transaction.h"

namespace tupelo {

uint32_t ThreadsNow(const PlanNode& pipeline, const ExecutionContext* context) {
  ReadScope scope(context);
  return ThreadsFor(pipeline, context->threads);
}

ParallelInput::~ParallelInput() = default;

ParallelInput::ParallelInput(const PlanNode& sink, ExecutionContext* context,
                             const ColumnMap* outer)
    : context_(context), outer_(outer), sink_(&sink), input_(ParallelInputOf(sink)) {}

ParallelInput::ParallelInput(PassedOn, const PlanNode& pipeline, ExecutionContext* context,
                             const ColumnMap* outer)
    : context_(context), outer_(outer), input_(&pipeline) {}

uint32_t ParallelInput::PrepareSlow(Operator* serial) {
  if (context_->pool == nullptr) return 0;
  count_ = ThreadsNow(*input_, context_);
  if (count_ < 2) return 0;
  if (may_run_ == Answer::kUnknown) {
    bool may = sink_ == nullptr ? IsIndependent(*input_) : TakesInIndependently(*sink_);
    may_run_ = may ? Answer::kYes : Answer::kNo;
  }
  if (may_run_ == Answer::kNo) return 0;
  serial_ = serial;
  shared_.Clear();
  serial->PrepareWorkers(&shared_);
  for (uint32_t i = 0; i < count_; ++i) {
    if (i == workers_.size()) workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_[i];
    SetContext(&worker, i == 0);
    if (worker.root == nullptr) worker.root = BuildOperator(*input_, &worker.context, outer_);
  }
  return count_;
}

uint32_t ParallelInput::PrepareForRows(uint64_t rows) {
  if (context_->threads < 2 || context_->worker != nullptr || context_->pool == nullptr) return 0;
  count_ = ThreadsForRows(rows, context_->threads);
  if (count_ < 2 || !HasIndependentExpressions(*sink_)) return 0;
  for (uint32_t i = 0; i < count_; ++i) {
    if (i == workers_.size()) workers_.push_back(std::make_unique<Worker>());
    SetContext(workers_[i].get(), i == 0);
  }
  return count_;
}

void ParallelInput::Resume() {
  workers_[0]->context.interruption = context_->interruption;
  SetLatch();
}

void ParallelInput::SetLatch() {
  SharedLatch* latch = context_->HoldsLatch() ? nullptr : context_->latch;
  for (uint32_t i = 0; i < count_; ++i) {
    workers_[i]->context.latch = latch;
    workers_[i]->context.latch_slot = context_->latch_slot;
  }
}

// The statement's own context for this run, but for what ends the workers.
void ParallelInput::SetContext(Worker* worker, bool is_first) {
  ExecutionContext& own = worker->context;
  own.transactions = context_->transactions;
  own.transaction = context_->transaction;
  own.view = context_->view;
  own.catalog = context_->catalog;
  own.evaluation = context_->evaluation;
  own.evaluation.interruption = &own.interruption;
  if (is_first) {
    own.interruption = context_->interruption;
  } else {
    own.interruption.Begin(&stop_, nullptr, nullptr, 0);
  }
  if (own.parameters.empty()) own.parameters.resize(context_->parameters.size());
  for (size_t i = 0; i < own.parameters.size(); ++i) {
    own.parameters[i].Reference(context_->parameters[i]);
  }
  own.batch_rows = context_->batch_rows;
  own.join_filters = context_->join_filters;
  own.run = context_->run;
  own.measure = context_->measure;
  own.vector_size = context_->vector_size;
  own.is_plain = context_->is_plain;
  own.worker = &worker->pipeline;
  worker->pipeline.shared = &shared_;
  worker->pipeline.morsels_left = UINT32_MAX;
}

void ParallelInput::Fail() {
  stop_.store(true, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  if (error_ == nullptr) error_ = std::current_exception();
}

void ParallelInput::RunParts(uint32_t count, const std::function<void(uint32_t)>& work) {
  stop_.store(false, std::memory_order_relaxed);
  error_ = nullptr;
  auto part = [&](uint32_t number) {
    InterruptionScope scope(&workers_[number]->context.interruption);
    WorkMemoryScope memory(&context_->transactions->work_memory());
    try {
      work(number);
    } catch (...) {
      Fail();
    }
  };
  auto wait = [&] {
    if (stop_.load(std::memory_order_relaxed)) return;
    try {
      context_->CheckInterrupt();
    } catch (...) {
      Fail();
    }
  };
  context_->interruption.NoteLong();
  SetLatch();
  std::optional<BlockCache::Sharing> sharing;
  if (context_->HoldsLatch()) sharing.emplace(&context_->transactions->cache());
  context_->pool->Run(count, part, wait);
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ParallelInput::RunWorker(uint32_t number, const Take& take) {
  Worker& worker = *workers_[number];
  worker.root->Open();
  while (Chunk* chunk = worker.root->Next()) {
    take(number, *chunk, worker.pipeline.morsel);
    if (stop_.load(std::memory_order_relaxed)) return;
  }
}

void ParallelInput::CloseWorkers() {
  SetLatch();
  for (uint32_t i = 0; i < count_; ++i) {
    workers_[i]->root->Close();
    if (context_->measure) serial_->TakeMeasures(workers_[i]->root.get());
  }
}

void ParallelInput::Run(const Take& take) {
  try {
    RunParts(count_, [&](uint32_t number) { RunWorker(number, take); });
  } catch (...) {
    CloseWorkers();
    throw;
  }
  CloseWorkers();
}

}  // namespace tupelo
