// exec/window.cpp: window functions.
//
// All rows are collected with the arguments of the functions and sorted by partition and order;
// then vector sets of them go up, each with the results that the functions give for it. Several
// threads collect and sort as they do for ORDER BY, and compute different partitions.
#include <numeric>

#include "exec/operators.h"
#include "exec/sort_merge.h"
#include "exec/window_fill.h"

namespace tupelo {

namespace {

class Window : public Operator {
 public:
  Window(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  void OpenSelf() override;
  void Close() override;
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override;

 private:
  // What a worker sees of the rows of its pipeline, and has of them.
  struct Worker {
    WindowColumns columns;
    SortRuns runs;
    Worker(const PlanNode& node, ExecutionContext* context, const Chunk& input,
           const ColumnMap* outer)
        : columns(node, context, input, outer), runs(InputOf(columns), columns.keys()) {}
  };
  static SortRun::Input InputOf(const WindowColumns& columns);
  void Collect();
  void CollectAlone();
  uint32_t CollectInParallel();

  const ColumnMap* outer_;
  OperatorPtr child_;
  WindowColumns columns_;
  SortRuns runs_;  // of one thread
  WindowRows rows_;
  ParallelInput parallel_;
  std::vector<std::unique_ptr<Worker>> workers_;
  WindowFill fill_;
  bool is_collected_ = true;
};

Window::Window(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Operator(node, context),
      outer_(outer),
      child_(BuildInput(node, 0, context, outer)),
      columns_(node, context, child_->output(), outer),
      runs_(InputOf(columns_), columns_.keys()),
      parallel_(node, context, outer),
      fill_(node, context, outer, columns_, rows_, &parallel_) {
  InitOutput();
  std::vector<uint32_t> levels;
  for (const WindowColumn& column : node.window->functions) levels.push_back(column.order_count);
  rows_.Init(columns_.types(), columns_.columns_of_keys(),
             static_cast<uint32_t>(node.window->partition_columns.size()), std::move(levels));
}

SortRun::Input Window::InputOf(const WindowColumns& columns) {
  SortRun::Input input{columns.kept(), {}};
  for (uint32_t column : columns.columns_of_keys()) input.keys.push_back(columns.kept()[column]);
  return input;
}

void Window::OpenSelf() {
  rows_.Clear();
  is_collected_ = false;
  child_->Open();
}

void Window::Close() {
  child_->Close();
  rows_.Release();
  fill_.Release();
  runs_.Release();
  for (auto& worker : workers_) worker->runs.Release();
  is_collected_ = true;
}

void Window::Collect() {
  is_collected_ = true;
  uint32_t count = CollectInParallel();
  if (count == 0) {
    CollectAlone();
    count = parallel_.PrepareForRows(rows_.count());
  }
  rows_.FindBoundaries(context_->interruption, &parallel_, count);
  fill_.Start(count);
}

void Window::CollectAlone() {
  const bool has_keys = !columns_.columns_of_keys().empty();
  if (has_keys) runs_.Begin(UINT64_MAX, false);
  while (Chunk* chunk = child_->Next()) {
    context_->CheckInterrupt();
    columns_.Evaluate(chunk->rows());
    if (has_keys) {
      runs_.TakeIn(chunk->rows(), 0, context_->interruption);
    } else {
      rows_.Append(columns_.kept(), chunk->rows());
    }
  }
  if (!has_keys) return;
  runs_.Finish(context_->interruption);
  rows_.TakeIn(&runs_, context_->interruption);
  runs_.Release();
}

// On how many threads; 0: nothing was done.
uint32_t Window::CollectInParallel() {
  uint32_t count = parallel_.Prepare(child_.get());
  if (count == 0) return 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (i == workers_.size()) {
      workers_.push_back(std::make_unique<Worker>(*node_, parallel_.context(i),
                                                  parallel_.pipeline(i).output(), outer_));
    }
    workers_[i]->runs.Begin(UINT64_MAX, true);
  }
  parallel_.Run([this](uint32_t number, const Chunk& chunk, uint32_t morsel) {
    Worker& worker = *workers_[number];
    worker.columns.Evaluate(chunk.rows());
    worker.runs.TakeIn(chunk.rows(), morsel, parallel_.context(number)->interruption);
  });
  parallel_.RunParts(count, [this](uint32_t number) {
    workers_[number]->runs.Finish(parallel_.context(number)->interruption);
  });
  SortMerge merge;
  std::vector<const SortRun*> runs;
  for (uint32_t i = 0; i < count; ++i) workers_[i]->runs.AppendTo(&runs);
  merge.Merge(std::move(runs), UINT64_MAX, &parallel_, count);
  rows_.TakeIn(merge, &parallel_, count);
  for (auto& worker : workers_) worker->runs.Release();
  return count;
}

Chunk* Window::Step() {
  if (!is_collected_) Collect();
  if (!fill_.Next()) return nullptr;
  context_->CheckInterrupt();
  RowRange rows = fill_.rows();
  rows_.rows().NoteUse(rows.size());
  const std::vector<WindowColumns::Source>& sources = columns_.sources();
  for (size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].function != WindowColumns::kNoFunction) {
      output_.column(i).Reference(fill_.result(sources[i].function));
    } else {
      output_.column(i).Reference(rows_.rows().VectorOf(sources[i].column, rows.begin));
    }
  }
  uint32_t at = rows.begin % kVectorSize;
  if (at == 0) {
    output_.SetRows(rows.size());
  } else {
    uint16_t* selection = output_.SelectionBuffer();
    std::iota(selection, selection + rows.size(), static_cast<uint16_t>(at));
    output_.SetRows(Rows{selection, rows.size()});
  }
  return &output_;
}

}  // namespace

OperatorPtr MakeWindow(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Window>(node, context, outer);
}

}  // namespace tupelo
