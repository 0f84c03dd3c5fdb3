// exec/window_fill.h: the results of window functions, part by part.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "exec/parallel_input.h"
#include "exec/window_columns.h"

namespace tupelo {

// Gives the results for the rows of a window in order. Where several threads are worth it and there
// are several partitions, each thread computes those of some partitions, whenever nothing is ready;
// a partition is never shared out.
class WindowFill {
 public:
  // `columns` is read when functions are made.
  WindowFill(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer,
             const WindowColumns& columns, const WindowRows& rows, ParallelInput* threads);

  // All rows are there. Of `threads`, count are ready: 0: none.
  void Start(uint32_t count);
  // The next rows, all of one vector set, and the results of function number i: at the places that
  // the rows have in their set. Good until the next call. False at the end.
  bool Next();
  RowRange rows() const { return current_; }
  const Vector& result(size_t function) const { return current_results_->column(function); }
  // Gives big buffers back.
  void Release();

 private:
  struct Filled {
    RowRange rows;
    std::unique_ptr<Chunk> results;
  };
  struct Worker {
    std::vector<WindowFunctionPtr> functions;
    std::deque<Filled> filled;
    std::exception_ptr error;  // belongs behind them
  };
  void Divide(uint32_t count);
  void BeginParts();
  void FillPart(Worker* worker, const WindowPart& part, const ExecutionContext& context);
  void FillSome(std::vector<WindowFunctionPtr>& functions, uint32_t first, uint32_t end,
                Filled* filled);

  ExecutionContext* context_;
  const ColumnMap* outer_;
  const WindowColumns& columns_;
  const WindowRows& rows_;
  ParallelInput* threads_;
  std::vector<Type> types_;  // of the results
  std::vector<WindowFunctionPtr> own_functions_;
  std::deque<Worker> workers_;
  uint32_t count_ = 0;  // of the workers of this run
  std::vector<WindowPart> parts_;
  size_t next_part_ = 0;
  RowRange own_rows_;   // of the part that is computed as it is asked for: what is left of it
  size_t reading_ = 0;  // the worker whose rows come next
  Filled own_, taken_;
  RowRange current_;
  const Chunk* current_results_ = nullptr;
};

}  // namespace tupelo
