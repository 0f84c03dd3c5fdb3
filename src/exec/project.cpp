// exec/project.cpp: computes columns from those of its input, row by row in place.
#include "exec/operators.h"

namespace tupelo {

namespace {

class Project : public Operator {
 public:
  Project(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildOperator(*node.children[0], context, outer)),
        columns_(outer) {
    InitOutput();
    if (FindColumns()) return;
    columns_.AddChunk(node.children[0]->output, child_->output());
    evaluator_ = std::make_unique<Evaluator>(context, &columns_);
    values_.clear();
    for (const ComputedColumn& column : node.computed) {
      values_.push_back(evaluator_->Add(*column.expression));
    }
  }
  void OpenSelf() override { child_->Open(); }
  void Close() override { child_->Close(); }
  void PrepareWorkers(SharedPipeline* shared) override { child_->PrepareWorkers(shared); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    Chunk* chunk = child_->Next();
    if (chunk == nullptr) return nullptr;
    if (evaluator_ != nullptr) evaluator_->Run(chunk->rows());
    for (size_t i = 0; i < values_.size(); ++i) output_.column(i).Reference(*values_[i]);
    output_.SetRows(chunk->rows());
    return &output_;
  }

 private:
  // When all are columns of the input nothing is evaluated: false when they are not.
  bool FindColumns() {
    const std::vector<OutputColumn>& input = node_->children[0]->output;
    values_.reserve(node_->computed.size());
    for (const ComputedColumn& column : node_->computed) {
      if (column.expression->kind != BoundKind::kColumn) return false;
      size_t from = 0;
      while (from < input.size() && input[from].id != column.expression->column) ++from;
      if (from == input.size()) return false;  // of an enclosing query
      values_.push_back(&child_->output().column(from));
    }
    return true;
  }

  OperatorPtr child_;
  ColumnMap columns_;
  std::unique_ptr<Evaluator> evaluator_;  // nullptr: only columns are passed on
  std::vector<const Vector*> values_;
};

}  // namespace

OperatorPtr MakeProject(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Project>(node, context, outer);
}

}  // namespace tupelo
