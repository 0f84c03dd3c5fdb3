// exec/write.cpp: UPDATE and DELETE: the rows of a table that the input names.
#include "exec/write_operator.h"

namespace tupelo {

namespace {

// The row ids of a chunk's first column, compacted.
class RowIdList {
 public:
  const RowId* Of(const Chunk& chunk) {
    Rows rows = chunk.rows();
    const auto* ids = chunk.column(0).Data<int64_t>();
    if (rows.is_dense()) return ids;
    if (ids_ == nullptr) ids_ = std::make_unique<RowId[]>(kVectorSize);
    for (uint32_t i = 0; i < rows.count; ++i) ids_[i] = ids[rows.rows[i]];
    return ids_.get();
  }

 private:
  std::unique_ptr<RowId[]> ids_;
};

class Update : public WriteOperator {
 public:
  Update(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : WriteOperator(node, context, outer) {
    std::vector<Type> types;
    for (uint16_t column : node.target_columns) types.push_back(node.table->columns[column].type);
    values_.Init(types);
    size_t next = 1 + node.target_columns.size();
    for (uint16_t column : node.returned_columns) {
      size_t target = 0;
      while (target < node.target_columns.size() && node.target_columns[target] != column) ++target;
      sources_.push_back(target < node.target_columns.size() ? 1 + target : next++);
    }
  }

 protected:
  uint32_t Write(Chunk& chunk) override {
    for (size_t i = 0; i < node_->target_columns.size(); ++i) {
      values_.column(i).Reference(chunk.column(i + 1));
    }
    values_.SetRows(chunk.rows());
    change_->Update(ids_.Of(chunk), chunk.row_count(), node_->target_columns, values_);
    if (node_->returns_rows) {
      for (size_t i = 0; i < sources_.size(); ++i) {
        const Vector* generated = change_->GeneratedValue(node_->returned_columns[i]);
        output_.column(i).Reference(generated != nullptr ? *generated : chunk.column(sources_[i]));
      }
      output_.SetRows(chunk.rows());
    }
    return chunk.row_count();
  }

 private:
  RowIdList ids_;
  Chunk values_;
  std::vector<size_t> sources_;  // of the columns returned: columns of the input
};

class Delete : public WriteOperator {
 public:
  using WriteOperator::WriteOperator;

 protected:
  uint32_t Write(Chunk& chunk) override {
    change_->Delete(ids_.Of(chunk), chunk.row_count());
    if (node_->returns_rows) {
      for (size_t i = 0; i < output_.column_count(); ++i) {
        output_.column(i).Reference(chunk.column(i + 1));
      }
      output_.SetRows(chunk.rows());
    }
    return chunk.row_count();
  }

 private:
  RowIdList ids_;
};

}  // namespace

OperatorPtr MakeUpdate(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Update>(node, context, outer);
}
OperatorPtr MakeDelete(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Delete>(node, context, outer);
}

}  // namespace tupelo
