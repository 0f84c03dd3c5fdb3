// exec/distinct.cpp: passes each different row once, as soon as it comes; of many rows that several
// threads take in, when all have come.
#include <algorithm>

#include "exec/aggregate_sink.h"
#include "exec/group_table.h"
#include "exec/operators.h"
#include "exec/parallel_aggregate.h"
#include "plan/parallel.h"

namespace tupelo {

namespace {

std::vector<Type> OutputTypes(const PlanNode& node) {
  std::vector<Type> types;
  for (const OutputColumn& column : node.output) types.push_back(column.type);
  return types;
}

class Distinct : public Operator {
 public:
  Distinct(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildInput(node, 0, context, outer)),
        outer_(outer),
        seen_(OutputTypes(node), &context->interruption),
        groups_(MakeScratchArray<uint32_t>(kVectorSize)) {
    InitOutput();
    ColumnMap columns;
    columns.AddChunk(node.children[0]->output, child_->output());
    for (const OutputColumn& column : node.output) columns_.push_back(columns.Find(column.id));
    may_be_parallel_ =
        context->threads > 1 && context->worker == nullptr && ParallelInputOf(node) != nullptr;
  }
  void OpenSelf() override {
    seen_.Clear();
    is_begun_ = is_collected_ = false;
    child_->Open();
  }
  void Close() override {
    child_->Close();
    seen_.Release();
    if (collected_ != nullptr) collected_->Release();
    is_begun_ = is_collected_ = false;
  }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    if (may_be_parallel_ && !is_begun_) Collect();
    if (is_collected_) return ShowCollected();
    while (Chunk* chunk = child_->Next()) {
      context_->CheckInterrupt();
      uint16_t* fresh = output_.SelectionBuffer();
      uint32_t count = seen_.FindOrAdd(columns_, chunk->rows(), groups_.get(), fresh);
      if (count == 0) continue;
      for (size_t i = 0; i < columns_.size(); ++i) output_.column(i).Reference(*columns_[i]);
      output_.SetRows(count == chunk->row_count() ? chunk->rows() : Rows{fresh, count});
      return &output_;
    }
    return nullptr;
  }

 private:
  // What several threads have found: many groups are in `parallel`, few in `sink`.
  struct Collected {
    AggregateSink sink;
    ParallelAggregate parallel;
    uint32_t next = 0;
    void Release() {
      sink.Release();
      parallel.Release();
    }
  };

  void Collect() {
    is_begun_ = true;
    if (ThreadsNow(*node_->children[0], context_) < 2) return;
    if (collected_ == nullptr) {
      collected_.reset(
          new Collected{{*node_, context_, child_->output(), outer_}, {*node_, context_, outer_}});
    }
    collected_->sink.Clear();
    collected_->sink.Begin(false);
    collected_->parallel.Clear();
    collected_->next = 0;
    is_collected_ = collected_->parallel.Consume(child_.get(), &collected_->sink, true);
  }

  Chunk* ShowCollected() {
    Collected& from = *collected_;
    bool is_in_parts = from.parallel.group_count() > 0;
    uint32_t total = is_in_parts ? from.parallel.group_count() : from.sink.group_count();
    if (from.next == total) return nullptr;
    context_->CheckInterrupt();
    uint32_t count = std::min(total - from.next, kVectorSize);
    for (size_t i = 0; i < output_.column_count(); ++i) {
      if (is_in_parts) {
        from.parallel.GatherKeys(i, from.next, count, &output_.column(i));
      } else {
        output_.column(i).Reference(from.sink.table().keys().VectorOf(i, from.next));
      }
    }
    output_.SetRows(count);
    from.next += count;
    return &output_;
  }

  OperatorPtr child_;
  const ColumnMap* outer_;
  std::vector<const Vector*> columns_;  // of the child, as the output has them
  GroupTable seen_;
  ScratchArray<uint32_t> groups_;
  bool may_be_parallel_;
  bool is_begun_ = false, is_collected_ = false;
  std::unique_ptr<Collected> collected_;  // made when there are many rows
};

}  // namespace

OperatorPtr MakeDistinct(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Distinct>(node, context, outer);
}

}  // namespace tupelo
