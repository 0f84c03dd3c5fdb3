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
    columns_.AddChunk(node.children[0]->output, child_->output());
    evaluator_ = std::make_unique<Evaluator>(context, &columns_);
    values_.reserve(node.computed.size());
    for (const ComputedColumn& column : node.computed) {
      values_.push_back(evaluator_->Add(*column.expression));
    }
  }
  void Open() override {
    child_->Open();
  }
  void Close() override { child_->Close(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    Chunk* chunk = child_->Next();
    if (chunk == nullptr) return nullptr;
    evaluator_->Run(chunk->rows());
    for (size_t i = 0; i < values_.size(); ++i) output_.column(i).Reference(*values_[i]);
    output_.SetRows(chunk->rows());
    return &output_;
  }

 private:
  OperatorPtr child_;
  ColumnMap columns_;
  std::unique_ptr<Evaluator> evaluator_;
  std::vector<const Vector*> values_;
};

}  // namespace

OperatorPtr MakeProject(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Project>(node, context, outer);
}

}  // namespace tupelo
