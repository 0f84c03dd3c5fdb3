// exec/aggregate.cpp: GROUP BY and aggregates.
//
// All rows go into a sink; then its groups come out. Several threads have a sink each.
#include <algorithm>

#include "exec/aggregate_sink.h"
#include "exec/operators.h"
#include "exec/parallel_aggregate.h"

namespace tupelo {

namespace {

class Aggregate : public Operator {
 public:
  Aggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);
  void OpenSelf() override {
    sink_.Clear();
    parallel_.Clear();
    is_consumed_ = false;
    next_group_ = 0;
    child_->Open();
  }
  void Close() override {
    child_->Close();
    sink_.Release();
    parallel_.Release();
    is_consumed_ = true;
    next_group_ = 0;
  }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override;

 private:
  struct Source {
    bool is_group;
    size_t number;  // of the group expression or of the item
  };

  void Consume();
  void FindStates(uint32_t count);
  void ShowGroups(size_t column, uint32_t count, Vector* target);

  OperatorPtr child_;
  AggregateSink sink_;
  ParallelAggregate parallel_;
  std::vector<Source> sources_;  // of the output
  bool is_consumed_ = false;
  uint32_t next_group_ = 0;
};

Aggregate::Aggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
    : Operator(node, context),
      child_(BuildInput(node, 0, context, outer)),
      sink_(node, context, child_->output(), outer),
      parallel_(node, context, outer) {
  InitOutput();
  for (const OutputColumn& column : node.output) {
    for (size_t i = 0; i < node.computed.size(); ++i) {
      if (node.computed[i].id == column.id) sources_.push_back({true, i});
    }
    for (size_t i = 0; i < node.aggregates.size(); ++i) {
      if (node.aggregates[i].id == column.id) sources_.push_back({false, i});
    }
  }
  assert(sources_.size() == node.output.size());
}

void Aggregate::Consume() {
  is_consumed_ = true;
  sink_.Begin(true);
  if (parallel_.Consume(child_.get(), &sink_)) return;
  while (Chunk* chunk = child_->Next()) {
    context_->CheckInterrupt();
    sink_.TakeIn(chunk->rows());
  }
  sink_.Finish();
}

void Aggregate::FindStates(uint32_t count) {
  char** states = sink_.state_pointers();
  if (parallel_.group_count() > 0) return parallel_.FindStates(next_group_, count, states);
  for (uint32_t i = 0; i < count; ++i) states[i] = sink_.StatesAt(next_group_ + i);
}

void Aggregate::ShowGroups(size_t column, uint32_t count, Vector* target) {
  if (parallel_.group_count() > 0) {
    parallel_.GatherKeys(column, next_group_, count, target);
  } else {
    target->Reference(sink_.table().keys().VectorOf(column, next_group_));
  }
}

Chunk* Aggregate::Step() {
  if (!is_consumed_) Consume();
  uint32_t total = std::max(parallel_.group_count(), sink_.group_count());
  if (next_group_ == total) return nullptr;
  context_->CheckInterrupt();
  uint32_t count = std::min(total - next_group_, kVectorSize);
  if (sink_.item_count() > 0) FindStates(count);
  char** states = sink_.state_pointers();
  size_t offset = 0;  // that they point to
  for (size_t i = 0; i < sources_.size(); ++i) {
    Vector& target = output_.column(i);
    if (sources_[i].is_group) {
      ShowGroups(sources_[i].number, count, &target);
      continue;
    }
    size_t item = sources_[i].number;
    for (uint32_t group = 0; group < count; ++group) {
      states[group] = states[group] - offset + sink_.offset(item);
    }
    offset = sink_.offset(item);
    const BoundAggregate& function = sink_.function(item);
    target.PrepareWrite(count);
    function.finalize(states, count, &target, 0, function.data);
  }
  next_group_ += count;
  output_.SetRows(count);
  return &output_;
}

}  // namespace

OperatorPtr MakeAggregate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Aggregate>(node, context, outer);
}

}  // namespace tupelo
