// exec/write.cpp: INSERT, UPDATE and DELETE: rows of the input go to a table.
#include "exec/operators.h"
#include "exec/statement_writes.h"

namespace tupelo {

namespace {

// Gives no rows. The checks at the end of the statement are run by FinishStatement.
class WriteOperator : public Operator, public TableWriteOperator {
 public:
  WriteOperator(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : Operator(node, context),
        child_(BuildOperator(*node.children[0], context, outer)),
        writes_(context) {}
  void Open() override { child_->Open(); }
  void Close() override { child_->Close(); }
  const Operator* child(size_t i) const override { return i == 0 ? child_.get() : nullptr; }

  void BeginStatement() override {
    rows_changed_ = 0;
    if (writes_.Begin() && change_ != nullptr) return;
    change_ = &writes_.Of(node_->table);
    change_->SetChecks(&node_->checks);
  }
  void FinishStatement() override { writes_.Finish(); }
  uint64_t rows_changed() const override { return rows_changed_; }

 protected:
  // All rows of the input are written by the first step; there are no output rows.
  Chunk* Step() override {
    while (Chunk* chunk = child_->Next()) {
      Write(*chunk);
      rows_changed_ += chunk->row_count();
    }
    return nullptr;
  }
  virtual void Write(Chunk& chunk) = 0;

  // The row ids, compacted.
  const RowId* RowIdsOf(const Chunk& chunk) {
    Rows rows = chunk.rows();
    const auto* ids = chunk.column(0).Data<int64_t>();
    if (rows.is_dense()) return ids;
    if (ids_ == nullptr) ids_ = std::make_unique<RowId[]>(kVectorSize);
    for (uint32_t i = 0; i < rows.count; ++i) ids_[i] = ids[rows.rows[i]];
    return ids_.get();
  }

  OperatorPtr child_;
  StatementWrites writes_;
  TableChange* change_ = nullptr;
  uint64_t rows_changed_ = 0;
  std::unique_ptr<RowId[]> ids_;
};

class Insert : public WriteOperator {
 public:
  Insert(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : WriteOperator(node, context, outer), defaults_(context, outer) {
    std::vector<Type> types;
    for (const ColumnDefinition& column : node.table->columns) types.push_back(column.type);
    row_.Init(types);
    for (const ComputedColumn& column : node.defaults) {
      default_values_.push_back(defaults_.Add(*column.expression));
    }
    for (size_t i = 0; i < node.table->columns.size(); ++i) {
      if (node.table->columns[i].identity != nullptr) identity_column_ = static_cast<int>(i);
    }
  }
  void Open() override { WriteOperator::Open(); }

 protected:
  void Write(Chunk& chunk) override {
    for (size_t i = 0; i < node_->target_columns.size(); ++i) {
      uint16_t target = node_->target_columns[i];
      if (target != kIgnoredColumn) row_.column(target).Reference(chunk.column(i));
    }
    defaults_.Run(chunk.rows());
    for (size_t i = 0; i < default_values_.size(); ++i) {
      row_.column(node_->defaults[i].id).Reference(*default_values_[i]);
    }
    row_.SetRows(chunk.rows());
    change_->Insert(row_);
    if (identity_column_ >= 0) NoteIdentity(chunk.rows());
  }

 private:
  void NoteIdentity(Rows rows) {
    const Vector& values = row_.column(static_cast<size_t>(identity_column_));
    uint32_t last = rows[rows.count - 1];
    Value value = Value::FromVector(values, last);
    if (value.is_null) return;
    context_->gave_identity = true;
    context_->last_identity = static_cast<int64_t>(value.Unscaled());
  }

  Evaluator defaults_;
  std::vector<const Vector*> default_values_;
  Chunk row_;  // a column for each of the definition
  int identity_column_ = -1;
};

class Update : public WriteOperator {
 public:
  Update(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : WriteOperator(node, context, outer) {
    std::vector<Type> types;
    for (uint16_t column : node.target_columns) types.push_back(node.table->columns[column].type);
    values_.Init(types);
  }

 protected:
  void Write(Chunk& chunk) override {
    for (size_t i = 0; i < node_->target_columns.size(); ++i) {
      values_.column(i).Reference(chunk.column(i + 1));
    }
    values_.SetRows(chunk.rows());
    change_->Update(RowIdsOf(chunk), chunk.row_count(), node_->target_columns, values_);
  }

 private:
  Chunk values_;
};

class Delete : public WriteOperator {
 public:
  using WriteOperator::WriteOperator;

 protected:
  void Write(Chunk& chunk) override { change_->Delete(RowIdsOf(chunk), chunk.row_count()); }
};

}  // namespace

OperatorPtr MakeInsert(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Insert>(node, context, outer);
}
OperatorPtr MakeUpdate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Update>(node, context, outer);
}
OperatorPtr MakeDelete(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Delete>(node, context, outer);
}

}  // namespace tupelo
