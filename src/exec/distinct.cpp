// exec/distinct.cpp: passes each different row once, as soon as it comes.
#include "exec/group_table.h"
#include "exec/operators.h"

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
        child_(BuildOperator(*node.children[0], context, outer)),
        seen_(OutputTypes(node), &context->interruption),
        groups_(MakeScratchArray<uint32_t>(kVectorSize)) {
    InitOutput();
    ColumnMap columns;
    columns.AddChunk(node.children[0]->output, child_->output());
    for (const OutputColumn& column : node.output) columns_.push_back(columns.Find(column.id));
  }
  void OpenSelf() override {
    seen_.Clear();
    child_->Open();
  }
  void Close() override {
    child_->Close();
    seen_.Release();
  }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
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
  OperatorPtr child_;
  std::vector<const Vector*> columns_;  // of the child, as the output has them
  GroupTable seen_;
  ScratchArray<uint32_t> groups_;
};

}  // namespace

OperatorPtr MakeDistinct(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Distinct>(node, context, outer);
}

}  // namespace tupelo
