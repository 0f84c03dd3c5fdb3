// exec/limit_by.cpp: OFFSET and LIMIT for each combination of some columns by itself.
#include "base/give_back.h"
#include "exec/group_table.h"
#include "exec/operators.h"
#include "exec/row_limit.h"

namespace tupelo {

namespace {

std::vector<Type> TypesOf(const PlanNode& node) {
  std::vector<Type> types;
  for (ColumnId id : node.limit_by) {
    for (const OutputColumn& column : node.children[0]->output) {
      if (column.id != id) continue;
      types.push_back(column.type);
      break;  // the same column may stand there twice
    }
  }
  return types;
}

class LimitBy : public Operator {
 public:
  LimitBy(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildInput(node, 0, context, outer)),
        limit_(node, context, outer),
        table_(TypesOf(node)),
        groups_(MakeScratchArray<uint32_t>(kVectorSize)),
        added_(MakeScratchArray<uint16_t>(kVectorSize)) {
    ColumnMap columns;
    columns.AddChunk(node.children[0]->output, child_->output());
    for (ColumnId id : node.limit_by) columns_.push_back(columns.Find(id));
  }
  void OpenSelf() override {
    limit_.Evaluate();
    table_.Clear();
    seen_.clear();
    child_->Open();
  }
  void Close() override {
    child_->Close();
    table_.Release();
    GiveBackMemory(&seen_);
  }
  Chunk& output() override { return child_->output(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

 protected:
  Chunk* Step() override {
    while (Chunk* chunk = child_->Next()) {
      context_->CheckInterrupt();
      Rows rows = chunk->rows();
      table_.FindOrAdd(columns_, rows, groups_.get(), added_.get());
      seen_.resize(table_.group_count());
      uint16_t* selection = chunk->SelectionBuffer();
      uint32_t count = 0;
      for (uint32_t i = 0; i < rows.count; ++i) {
        uint32_t row = rows[i];
        uint64_t number = seen_[groups_[row]]++;
        if (number < limit_.offset() || number - limit_.offset() >= limit_.limit()) continue;
        selection[count++] = static_cast<uint16_t>(row);
      }
      chunk->SetRows(Rows{selection, count});
      if (count != 0) return chunk;
    }
    return nullptr;
  }

 private:
  OperatorPtr child_;
  RowLimit limit_;
  std::vector<const Vector*> columns_;
  GroupTable table_;
  std::vector<uint64_t> seen_;  // rows so far, by group
  ScratchArray<uint32_t> groups_;
  ScratchArray<uint16_t> added_;
};

}  // namespace

OperatorPtr MakeLimitBy(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<LimitBy>(node, context, outer);
}

}  // namespace tupelo
