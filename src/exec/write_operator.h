// exec/write_operator.h: what INSERT, UPDATE, DELETE and MERGE share: rows of the input go to a
// table.
#pragma once

#include "exec/operators.h"
#include "exec/read_scope.h"
#include "exec/statement_writes.h"

namespace tupelo {

// Gives the rows that were written where the plan node returns_rows, else none: then the first step
// writes everything. The checks at the end of the statement are run by FinishStatement.
class WriteOperator : public Operator, public TableWriteOperator {
 public:
  WriteOperator(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context), child_(BuildInput(node, 0, context, outer)), writes_(context) {
    if (node.returns_rows) InitOutput();
  }
  void OpenSelf() override { child_->Open(); }
  void Close() override { child_->Close(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

  void BeginStatement() override {
    rows_changed_ = 0;
    if (writes_.Begin() && change_ != nullptr) return;
    change_ = &writes_.Of(node_->table);
    change_->SetChecks(&node_->checks, &node_->view_checks);
  }
  void FinishStatement() override { writes_.Finish(); }
  uint64_t rows_changed() const override { return rows_changed_; }

 protected:
  Chunk* Step() override {
    while (Chunk* chunk = child_->Next()) {
      WriteScope scope(context_);
      uint32_t changed = Write(*chunk);
      rows_changed_ += changed;
      if (node_->returns_rows && changed != 0) return &output_;
    }
    return nullptr;
  }
  // Writes the rows of the chunk and returns how many rows of the table were changed. Where rows
  // are returned, they are in output_ then.
  virtual uint32_t Write(Chunk& chunk) = 0;

  OperatorPtr child_;
  StatementWrites writes_;
  TableChange* change_ = nullptr;
  uint64_t rows_changed_ = 0;
};

// INSERT: puts rows together from what the statement gives and from defaults.
class InsertOperator : public WriteOperator {
 public:
  InsertOperator(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer);

 protected:
  uint32_t Write(Chunk& chunk) override;
  // The rows of the chunk with a column for each of the definition: in row_, or the chunk itself
  // where it is that already.
  Chunk* MakeRows(Chunk* chunk);
  // The identity value of `row` is the last that this run gave.
  void NoteIdentity(const Chunk& rows, uint32_t row);

  Chunk row_;  // a column for each of the definition

 private:
  Evaluator defaults_;
  std::vector<const Vector*> default_values_;
  int identity_column_ = -1;
  bool given_whole_;  // the input has the columns of the definition, in its order
};

}  // namespace tupelo
