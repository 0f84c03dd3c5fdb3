// exec/gather.cpp: workers that compute ahead, and whose rows come next.
//
// Each worker's morsels ascend, so the next rows are those of the smallest morsel that is ready:
// unless a worker that has nothing ready stopped in the middle of a smaller one.
#include "exec/gather.h"

#include <algorithm>

#include "plan/parallel.h"

namespace tupelo {

namespace {

constexpr uint64_t kBufferBytes = uint64_t{1} << 22;  // of a worker, but for strings' bytes
constexpr uint64_t kMostRows = 32 * kVectorSize;
constexpr uint32_t kMostMorsels = 16;

uint64_t RowsWithin(uint64_t bytes, const std::vector<Type>& types) {
  uint64_t width = 1;
  for (const Type& type : types) width += WidthBytes(type.physical());
  return std::clamp<uint64_t>(bytes / width, kVectorSize, kMostRows);
}

// Of the statement, not of the rows that were computed: it ends all at once.
bool EndsStatement(const Error& error) {
  return error.code() == ErrorCode::kQueryCanceled || error.code() == ErrorCode::kOutOfMemory;
}

}  // namespace

void GatheredRows::Init(std::vector<Type> types, uint64_t capacity) {
  types_ = std::move(types);
  capacity_ = capacity;
}

void GatheredRows::Clear() {
  ready_.clear();
  free_.clear();
  taken_ = nullptr;
  row_count_ = 0;
  error_ = nullptr;
}

void GatheredRows::Add(const Chunk& chunk, uint32_t morsel) {
  uint32_t at = 0, count = chunk.row_count();
  if (!ready_.empty() && ready_.back().morsel == morsel) at = ready_.back().chunk->row_count();
  if (at == 0 || at + count > kVectorSize) {
    at = 0;
    if (free_.empty()) free_.push_back(std::make_unique<Chunk>(types_));
    ready_.push_back({std::move(free_.back()), morsel});
    free_.pop_back();
    Chunk& next = *ready_.back().chunk;
    for (size_t i = 0; i < types_.size(); ++i) next.column(i).PrepareWrite(kVectorSize);
  }
  Chunk& target = *ready_.back().chunk;
  for (size_t i = 0; i < types_.size(); ++i) {
    target.column(i).Append(at, chunk.column(i), chunk.rows(), true);
  }
  target.SetRows(at + count);
  row_count_ += count;
}

void GatheredRows::SetError(std::exception_ptr error, uint32_t morsel) {
  error_ = std::move(error);
  error_morsel_ = morsel;
}

Chunk* GatheredRows::Take() {
  if (taken_ != nullptr) free_.push_back(std::move(taken_));
  if (ready_.empty()) std::rethrow_exception(error_);
  taken_ = std::move(ready_.front().chunk);
  ready_.pop_front();
  row_count_ -= taken_->row_count();
  return taken_.get();
}

PipelineGather::PipelineGather(const PlanNode& pipeline, ExecutionContext* context,
                               const ColumnMap* outer)
    : pipeline_(pipeline), input_(ParallelInput::PassedOn::kTag, pipeline, context, outer) {
  for (const OutputColumn& column : pipeline.output) types_.push_back(column.type);
  capacity_ = RowsWithin(kBufferBytes, types_);
}

bool PipelineGather::Begin(Operator* serial) {
  uint32_t count = input_.Prepare(serial);
  if (count == 0) return false;
  workers_.clear();
  workers_.resize(count);
  for (Worker& worker : workers_) worker.rows.Init(types_, capacity_);
  state_ = State::kFirstMorsel;
  first_rows_ = 0;
  morsels_ = 1;
  return true;
}

void PipelineGather::Close() {
  if (workers_.empty()) return;
  input_.CloseWorkers();
  workers_.clear();
}

Chunk* PipelineGather::Next() {
  if (state_ == State::kFirstMorsel) {
    if (Chunk* chunk = NextAlone()) {
      first_rows_ += chunk->row_count();
      return chunk;
    }
    constexpr double kScanned = kStripesPerMorsel * kVectorSize;
    bool is_worth = IsWorthGathering(pipeline_, static_cast<double>(first_rows_) / kScanned);
    state_ = is_worth ? State::kTogether : State::kAlone;
  }
  if (state_ == State::kAlone) return NextAlone();
  for (;;) {
    uint32_t next = FindNext();
    if (next != kNone) return workers_[next].rows.Take();
    if (IsAtEnd()) return nullptr;
    GoOn();
  }
}

Chunk* PipelineGather::NextAlone() {
  Worker& first = workers_[0];
  input_.Resume();
  if (!first.is_running) {
    input_.state(0).morsels_left = state_ == State::kAlone ? UINT32_MAX : 1;
    input_.pipeline(0).Open();
    first.is_running = true;
  }
  Chunk* chunk = input_.pipeline(0).Next();
  if (chunk == nullptr) first.is_running = false;
  return chunk;
}

uint32_t PipelineGather::FindNext() const {
  uint32_t best = kNone, best_morsel = kNone, least_running = kNone;
  for (uint32_t i = 0; i < workers_.size(); ++i) {
    const Worker& worker = workers_[i];
    if (!worker.rows.has_next()) {
      if (worker.is_running) least_running = std::min(least_running, input_.state(i).morsel);
    } else if (worker.rows.next_morsel() < best_morsel) {
      best = i;
      best_morsel = worker.rows.next_morsel();
    }
  }
  return least_running < best_morsel ? kNone : best;
}

bool PipelineGather::IsAtEnd() const {
  return std::ranges::all_of(workers_, [](const Worker& worker) { return worker.is_at_end; });
}

void PipelineGather::GoOn() {
  input_.Resume();
  input_.RunParts(static_cast<uint32_t>(workers_.size()),
                  [this](uint32_t number) { RunWorker(number); });
  morsels_ = std::min(2 * morsels_, kMostMorsels);
}

void PipelineGather::RunWorker(uint32_t number) {
  Worker& worker = workers_[number];
  Operator& pipeline = input_.pipeline(number);
  PipelineWorker& state = input_.state(number);
  state.morsels_left = morsels_;
  try {
    while (!worker.is_at_end && !worker.rows.is_full() && !input_.is_stopped()) {
      if (!worker.is_running) {
        state.is_held_back = false;
        pipeline.Open();
        worker.is_running = true;
      }
      if (const Chunk* chunk = pipeline.Next()) {
        worker.rows.Add(*chunk, state.morsel);
        continue;
      }
      worker.is_running = false;
      worker.is_at_end = !state.is_held_back;
      return;
    }
  } catch (const Error& error) {
    if (EndsStatement(error)) throw;
    worker.is_running = false;
    worker.is_at_end = true;
    worker.rows.SetError(std::current_exception(), state.morsel);
  }
}

namespace {

// The operators of a pipeline, of which several threads run copies where there are many rows.
class Gather : public Operator {
 public:
  Gather(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), serial_(BuildOperator(node, context, outer)), outer_(outer) {
    InitOutput();
  }
  void OpenSelf() override {
    End();
    serial_->Open();
  }
  void Close() override {
    End();
    serial_->Close();
  }
  const Operator* child(size_t i) const override { return serial_->child(i); }

 protected:
  Chunk* Step() override {
    if (!is_begun_) Begin();
    Chunk* chunk = is_parallel_ ? gather_->Next() : serial_->Next();
    if (chunk == nullptr) return nullptr;
    context_->CheckInterrupt();
    for (size_t i = 0; i < output_.column_count(); ++i) {
      output_.column(i).Reference(chunk->column(i));
    }
    output_.SetRows(chunk->rows());
    return &output_;
  }

 private:
  void Begin() {
    is_begun_ = true;
    if (ThreadsNow(*node_, context_) < 2) return;
    if (gather_ == nullptr) gather_ = std::make_unique<PipelineGather>(*node_, context_, outer_);
    is_parallel_ = gather_->Begin(serial_.get());
  }
  void End() {
    if (is_parallel_) gather_->Close();
    is_begun_ = is_parallel_ = false;
  }

  OperatorPtr serial_;
  const ColumnMap* outer_;
  std::unique_ptr<PipelineGather> gather_;  // made when there are many rows
  bool is_begun_ = false, is_parallel_ = false;
};

bool MayGather(const ExecutionContext& context) {
  return context.threads > 1 && context.worker == nullptr;
}

}  // namespace

OperatorPtr BuildResult(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  if (MayGather(*context) && IsGathered(node)) {
    return std::make_unique<Gather>(node, context, outer);
  }
  return BuildOperator(node, context, outer);
}

OperatorPtr BuildInput(const PlanNode& parent, size_t number, ExecutionContext* context,
                       const ColumnMap* outer) {
  const PlanNode& node = *parent.children[number];
  if (MayGather(*context) && IsGatheredFor(parent, node)) {
    return std::make_unique<Gather>(node, context, outer);
  }
  return BuildOperator(node, context, outer);
}

}  // namespace tupelo
