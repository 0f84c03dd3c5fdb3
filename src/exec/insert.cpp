// exec/insert.cpp: INSERT: values given and defaults make rows.
#include "exec/write_operator.h"

namespace tupelo {

InsertOperator::InsertOperator(const PlanNode& node, ExecutionContext* context,
                               const ColumnMap* outer)
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
  given_whole_ = node.target_columns.size() == types.size() && node.conflict == nullptr;
  for (size_t i = 0; i < node.target_columns.size(); ++i) {
    given_whole_ &= node.target_columns[i] == i;
  }
}

Chunk* InsertOperator::MakeRows(Chunk* given) {
  if (given_whole_) return given;
  const Chunk& chunk = *given;
  for (size_t i = 0; i < node_->target_columns.size(); ++i) {
    uint16_t target = node_->target_columns[i];
    if (target != kIgnoredColumn) row_.column(target).Reference(chunk.column(i));
  }
  defaults_.Run(chunk.rows());
  for (size_t i = 0; i < default_values_.size(); ++i) {
    row_.column(node_->defaults[i].id).Reference(*default_values_[i]);
  }
  row_.SetRows(chunk.rows());
  return &row_;
}

uint32_t InsertOperator::Write(Chunk& chunk) {
  Chunk* rows = MakeRows(&chunk);
  change_->Insert(rows);
  NoteIdentity(*rows, chunk.rows()[chunk.row_count() - 1]);
  if (node_->returns_rows) {
    for (size_t i = 0; i < node_->returned_columns.size(); ++i) {
      output_.column(i).Reference(rows->column(node_->returned_columns[i]));
    }
    output_.SetRows(chunk.rows());
  }
  return chunk.row_count();
}

void InsertOperator::NoteIdentity(const Chunk& rows, uint32_t row) {
  if (identity_column_ < 0) return;
  Value value = Value::FromVector(rows.column(static_cast<size_t>(identity_column_)), row);
  if (value.is_null) return;
  context_->gave_identity = true;
  context_->last_identity = static_cast<int64_t>(value.Unscaled());
}

OperatorPtr MakeInsert(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  if (node.conflict != nullptr && !node.conflict->arbiters.empty()) {
    return MakeUpsert(node, context, outer);
  }
  return std::make_unique<InsertOperator>(node, context, outer);
}

}  // namespace tupelo
