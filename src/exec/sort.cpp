// exec/sort.cpp: ORDER BY, of all rows or of as many as a LIMIT above will take.
//
// Several threads sort what they take in by themselves; the runs are then merged, as are those that
// one thread has written because they did not fit in memory.
#include <algorithm>

#include "exec/operators.h"
#include "exec/parallel_input.h"
#include "exec/row_limit.h"
#include "exec/sort_merge.h"
#include "exec/sort_runs.h"

namespace tupelo {

namespace {

// Where the output's columns and the keys are in a chunk of the child.
SortRun::Input InputOf(const PlanNode& node, const Chunk& chunk) {
  ColumnMap columns;
  columns.AddChunk(node.children[0]->output, chunk);
  SortRun::Input input;
  for (const OutputColumn& column : node.output) input.columns.push_back(columns.Find(column.id));
  for (const SortKey& key : node.sort_keys) input.keys.push_back(columns.Find(key.column));
  return input;
}

std::vector<KeyColumn> KeysOf(const PlanNode& node) {
  std::vector<KeyColumn> keys;
  for (const SortKey& key : node.sort_keys) {
    for (const OutputColumn& column : node.children[0]->output) {
      if (column.id != key.column) continue;
      keys.push_back({column.type, key.descending, key.nulls_first, !column.nullable});
      break;  // the same column may stand there twice
    }
  }
  assert(keys.size() == node.sort_keys.size());
  return keys;
}

class Sort : public Operator {
 public:
  Sort(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildInput(node, 0, context, outer)),
        limit_(node, context, outer),
        runs_(InputOf(node, child_->output()), KeysOf(node)),
        parallel_(node, context, outer) {
    InitOutput();
  }

  void OpenSelf() override {
    limit_.Evaluate();
    uint64_t limit = limit_.limit(), offset = limit_.offset();
    wanted_ = limit > UINT64_MAX - offset ? UINT64_MAX : limit + offset;
    if (limit == 0) wanted_ = 0;
    runs_.Begin(wanted_, false);
    merge_.Clear();
    next_ = 0;
    is_collected_ = wanted_ == 0;
    child_->Open();
  }
  void Close() override {
    child_->Close();
    merge_.Clear();
    runs_.Release();
    for (auto& runs : worker_runs_) runs->Release();
    next_ = 0;
    is_collected_ = true;
  }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    if (!is_collected_) Collect();
    bool is_merged = merge_.count() > 0;
    uint64_t end = is_merged ? merge_.count() : runs_.last().count();
    if (next_ == end) return nullptr;
    context_->CheckInterrupt();
    auto count = static_cast<uint32_t>(std::min<uint64_t>(end - next_, kVectorSize));
    if (is_merged) {
      merge_.Gather(next_, count, &output_);
    } else {
      runs_.last().Gather(next_, count, &output_);
    }
    next_ += count;
    return &output_;
  }

 private:
  void Collect() {
    is_collected_ = true;
    if (CollectInParallel()) return;
    while (Chunk* chunk = child_->Next()) {
      context_->CheckInterrupt();
      runs_.TakeIn(chunk->rows(), 0, context_->interruption);
    }
    runs_.Finish(context_->interruption);
    if (runs_.is_one()) return;
    std::vector<const SortRun*> runs;
    runs_.AppendTo(&runs);
    merge_.Merge(std::move(runs), wanted_, context_->interruption);
  }

  bool CollectInParallel() {
    uint32_t count = parallel_.Prepare(child_.get());
    if (count == 0) return false;
    for (uint32_t i = 0; i < count; ++i) {
      if (i == worker_runs_.size()) {
        worker_runs_.push_back(std::make_unique<SortRuns>(
            InputOf(*node_, parallel_.pipeline(i).output()), KeysOf(*node_)));
      }
      worker_runs_[i]->Begin(wanted_, true);
    }
    parallel_.Run([this](uint32_t worker, const Chunk& chunk, uint32_t morsel) {
      worker_runs_[worker]->TakeIn(chunk.rows(), morsel, parallel_.context(worker)->interruption);
    });
    parallel_.RunParts(count, [this](uint32_t worker) {
      worker_runs_[worker]->Finish(parallel_.context(worker)->interruption);
    });
    std::vector<const SortRun*> runs;
    for (uint32_t i = 0; i < count; ++i) worker_runs_[i]->AppendTo(&runs);
    merge_.Merge(std::move(runs), wanted_, &parallel_, count);
    return true;
  }

  OperatorPtr child_;
  RowLimit limit_;
  SortRuns runs_;  // of one thread
  ParallelInput parallel_;
  std::vector<std::unique_ptr<SortRuns>> worker_runs_;
  SortMerge merge_;
  uint64_t wanted_ = UINT64_MAX;  // rows to give, those that an OFFSET above skips included
  uint64_t next_ = 0;
  bool is_collected_ = true;
};

}  // namespace

OperatorPtr MakeSort(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Sort>(node, context, outer);
}

}  // namespace tupelo
