// exec/shared_rows.cpp: computing the rows of a table of WITH, and the scan over shared rows.
#include "exec/shared_rows.h"

#include "exec/operators.h"

namespace tupelo {

namespace {

std::vector<Type> OutputTypes(const PlanNode& node) {
  std::vector<Type> types;
  for (const OutputColumn& column : node.output) types.push_back(column.type);
  return types;
}

class SharedScan : public Operator {
 public:
  SharedScan(const PlanNode& node, ExecutionContext* context)
      : Operator(node, context), source_(FindSharedRows(*context, node.shared)) {
    InitOutput();
  }
  void OpenSelf() override {
    next_ = 0;
    rows_ = nullptr;
  }
  void Close() override { rows_ = nullptr; }

 protected:
  Chunk* Step() override {
    if (rows_ == nullptr) rows_ = &source_->Rows();
    if (next_ == rows_->set_count()) return nullptr;
    context_->CheckInterrupt();
    const Chunk& set = rows_->set(next_++);
    for (size_t i = 0; i < node_->scan_columns.size(); ++i) {
      output_.column(i).Reference(set.column(node_->scan_columns[i]));
    }
    output_.SetRows(set.rows());
    return &output_;
  }

 private:
  SharedRows* source_;
  const RowCollection* rows_ = nullptr;
  size_t next_ = 0;
};

}  // namespace

SharedRows* FindSharedRows(const ExecutionContext& context, uint32_t number) {
  // The innermost first: a copy of a plan has the numbers of the original.
  for (size_t i = context.shared_rows.size(); i-- > 0;) {
    if (context.shared_rows[i].first == number) return context.shared_rows[i].second;
  }
  throw Error(ErrorCode::kInternalError, "shared rows are not in reach");
}

CommonTableRows::CommonTableRows(const CommonTablePlan& table, ExecutionContext* context)
    : context_(context),
      root_(BuildResult(*table.plan, context, nullptr)),
      rows_(OutputTypes(*table.plan)) {
  context->shared_rows.emplace_back(table.shared, this);
}

const RowCollection& CommonTableRows::Rows() {
  if (run_ == context_->run) return rows_;
  rows_.Clear();
  was_opened_ = true;
  root_->Open();
  while (Chunk* chunk = root_->Next()) {
    context_->CheckInterrupt();
    rows_.Append(*chunk);
  }
  root_->Close();
  run_ = context_->run;
  return rows_;
}

void CommonTableRows::Release() {
  if (!was_opened_) return;
  was_opened_ = false;
  run_ = 0;
  root_->Close();
  rows_.Clear();
}

OperatorPtr MakeSharedScan(const PlanNode& node, ExecutionContext* context, const ColumnMap*) {
  return std::make_unique<SharedScan>(node, context);
}

}  // namespace tupelo
