// exec/window_fill.cpp: dividing the partitions, computing parts ahead.
//
// Parts are made of whole partitions. The threads take one each and keep its results; when all of
// these were given out they meet again. A part that has none beside it, and one too large to be
// kept, is computed by the calling thread as its rows are asked for, and so is everything on one
// thread.
#include "exec/window_fill.h"

#include <algorithm>

#include "plan/parallel.h"

namespace tupelo {

namespace {

constexpr uint32_t kRowsOfPart = 16 * kVectorSize;
constexpr uint32_t kMostRowsToKeep = 512 * kVectorSize;

}  // namespace

WindowFill::WindowFill(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer,
                       const WindowColumns& columns, const WindowRows& rows, ParallelInput* threads)
    : context_(context), outer_(outer), columns_(columns), rows_(rows), threads_(threads) {
  for (const WindowColumn& column : node.window->functions) types_.push_back(column.type);
  own_functions_ = columns.MakeFunctions(rows, context, outer);
  own_.results = std::make_unique<Chunk>(types_);
}

void WindowFill::Start(uint32_t count) {
  count_ = count;
  next_part_ = reading_ = 0;
  own_rows_ = {};
  for (Worker& worker : workers_) {
    worker.filled.clear();
    worker.error = nullptr;
  }
  Divide(count);
  if (parts_.size() < 2) return;
  while (workers_.size() < count) {
    auto number = static_cast<uint32_t>(workers_.size());
    Worker& worker = workers_.emplace_back();
    worker.functions = columns_.MakeFunctions(rows_, threads_->context(number), outer_);
  }
}

void WindowFill::Divide(uint32_t count) {
  const WorkArray<uint32_t>& begins = rows_.Partitions();
  uint32_t total = rows_.count();
  parts_.clear();
  if (total == 0) return;
  if (count < 2) {
    parts_.push_back({{0, total}, 0});
    return;
  }
  for (uint32_t partition = 0; begins[partition] < total;) {
    uint32_t first = partition;
    while (begins[partition] < total && begins[partition] - begins[first] < kRowsOfPart) {
      ++partition;
    }
    parts_.push_back({{begins[first], begins[partition]}, first});
  }
}

void WindowFill::Release() {
  for (WindowFunctionPtr& function : own_functions_) function->Release();
  for (Worker& worker : workers_) {
    for (WindowFunctionPtr& function : worker.functions) function->Release();
    worker.filled.clear();
    worker.error = nullptr;
  }
  taken_.results = nullptr;
  parts_ = {};
  next_part_ = 0;
  own_rows_ = {};
}

// Fills rows from `first` on, up to `end` or the end of their vector set.
void WindowFill::FillSome(std::vector<WindowFunctionPtr>& functions, uint32_t first, uint32_t end,
                          Filled* filled) {
  end = std::min(end, first - first % kVectorSize + kVectorSize);
  filled->rows = {first, end};
  for (size_t i = 0; i < functions.size(); ++i) {
    functions[i]->Fill(first, end - first, &filled->results->column(i));
  }
}

void WindowFill::FillPart(Worker* worker, const WindowPart& part, const ExecutionContext& context) {
  try {
    for (WindowFunctionPtr& function : worker->functions) function->Start(part);
    for (uint32_t at = part.rows.begin; at < part.rows.end;) {
      context.CheckInterrupt();
      Filled filled{{}, std::make_unique<Chunk>(types_)};
      FillSome(worker->functions, at, part.rows.end, &filled);
      at = filled.rows.end;
      worker->filled.push_back(std::move(filled));
    }
  } catch (const Error& error) {
    // Who does not ask for more rows never sees it.
    if (error.code() == ErrorCode::kQueryCanceled) throw;
    worker->error = std::current_exception();
  }
}

void WindowFill::BeginParts() {
  auto is_kept = [&](size_t i) {
    return i < parts_.size() && parts_[i].rows.size() <= kMostRowsToKeep;
  };
  uint32_t taken = 0;
  while (taken < count_ && is_kept(next_part_ + taken)) ++taken;
  if (taken < 2) {
    const WindowPart& part = parts_[next_part_++];
    for (WindowFunctionPtr& function : own_functions_) function->Start(part);
    own_rows_ = part.rows;
    return;
  }
  threads_->Resume();
  threads_->RunParts(taken, [&](uint32_t i) {
    FillPart(&workers_[i], parts_[next_part_ + i], *threads_->context(i));
  });
  next_part_ += taken;
  reading_ = 0;
}

bool WindowFill::Next() {
  for (;;) {
    if (own_rows_.size() > 0) {
      FillSome(own_functions_, own_rows_.begin, own_rows_.end, &own_);
      own_rows_.begin = own_.rows.end;
      current_ = own_.rows;
      current_results_ = own_.results.get();
      return true;
    }
    for (; reading_ < workers_.size(); ++reading_) {
      Worker& worker = workers_[reading_];
      if (!worker.filled.empty()) {
        taken_ = std::move(worker.filled.front());
        worker.filled.pop_front();
        current_ = taken_.rows;
        current_results_ = taken_.results.get();
        return true;
      }
      if (worker.error != nullptr) std::rethrow_exception(worker.error);
    }
    if (next_part_ == parts_.size()) return false;
    BeginParts();
  }
}

}  // namespace tupelo
