// exec/filter.cpp: keeps the rows for which a condition is true.
#include "exec/operators.h"

namespace tupelo {

namespace {

class Filter : public Operator {
 public:
  Filter(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildOperator(*node.children[0], context, outer)),
        columns_(outer) {
    columns_.AddChunk(node.children[0]->output, child_->output());
    predicate_ = std::make_unique<Predicate>(context, &columns_, *node.condition);
  }
  void OpenSelf() override { child_->Open(); }
  void Close() override { child_->Close(); }
  Chunk& output() override { return child_->output(); }
  void PrepareWorkers(SharedPipeline* shared) override { child_->PrepareWorkers(shared); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    while (Chunk* chunk = child_->Next()) {
      predicate_->Apply(chunk);
      if (chunk->row_count() != 0) return chunk;
      context_->CheckInterrupt();
    }
    return nullptr;
  }

 private:
  OperatorPtr child_;
  ColumnMap columns_;
  std::unique_ptr<Predicate> predicate_;
};

}  // namespace

OperatorPtr MakeFilter(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Filter>(node, context, outer);
}

}  // namespace tupelo
