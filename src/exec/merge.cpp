// exec/merge.cpp: MERGE: each row of the input goes to the first clause that fits it.
//
// The clauses take their rows of a vector set one after the other, in the order of the statement. A
// row of the table is changed once at most (SQL:2003 part 2, 14.9): what this statement has written
// already, or what stands twice among the rows of one clause, is 21000.
#include <algorithm>

#include "exec/write_operator.h"

namespace tupelo {

namespace {

// One clause: its condition and its values, compiled.
struct Clause {
  Clause(ExecutionContext* context, const ColumnMap* columns, const MergeStep& of,
         const TableDefinition& table)
      : step(of), condition(context, columns), values(context, columns) {
    if (step.condition != nullptr) condition_value = condition.Add(*step.condition);
    std::vector<Type> types;
    if (step.action == MergeStep::kInsert) {
      for (const ColumnDefinition& column : table.columns) types.push_back(column.type);
    }
    for (size_t i = 0; i < step.values.size(); ++i) {
      const Vector* value = values.Add(*step.values[i]);
      uint16_t column = step.target_columns[i];
      if (step.action == MergeStep::kInsert) {
        if (column != kIgnoredColumn) sources.emplace_back(column, value);
      } else {
        types.push_back(table.columns[column].type);
        sources.emplace_back(static_cast<uint16_t>(i), value);
      }
    }
    for (const ComputedColumn& column : step.defaults) {
      sources.emplace_back(static_cast<uint16_t>(column.id), values.Add(*column.expression));
    }
    written.Init(types);
  }

  const MergeStep& step;
  Evaluator condition, values;
  const Vector* condition_value = nullptr;
  std::vector<std::pair<uint16_t, const Vector*>> sources;  // of the columns of `written`
  Chunk written;
  uint16_t taken[kVectorSize];  // its rows of the vector set in hand
};

class Merge : public WriteOperator {
 public:
  Merge(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer)
      : WriteOperator(node, context, outer), columns_(outer) {
    columns_.AddChunk(node.children[0]->output, child_->output());
    for (const MergeStep& step : node.merge_steps) {
      clauses_.push_back(std::make_unique<Clause>(context, &columns_, step, *node.table));
    }
    if (!node.returns_rows) return;
    before_ = std::make_unique<Evaluator>(context, &columns_);
    for (const ComputedColumn& column : node.computed) {
      before_values_.push_back(before_->Add(*column.expression));
    }
  }

 protected:
  uint32_t Write(Chunk& chunk) override {
    const Vector& ids = chunk.column(0);
    uint32_t matched = 0, unmatched = 0;
    ForEachRow(chunk.rows(), [&](uint32_t row) {
      if (ids.IsValid(row)) {
        matched_[matched++] = static_cast<uint16_t>(row);
      } else {
        unmatched_[unmatched++] = static_cast<uint16_t>(row);
      }
    });
    if (node_->returns_rows) {
      for (size_t i = 0; i < output_.column_count(); ++i) output_.column(i).PrepareWrite();
    }
    uint32_t changed = 0;
    for (const std::unique_ptr<Clause>& clause : clauses_) {
      uint16_t* rows = clause->step.matched ? matched_ : unmatched_;
      uint32_t& count = clause->step.matched ? matched : unmatched;
      Rows taken = Take(clause.get(), rows, &count);
      if (taken.count == 0 || clause->step.action == MergeStep::kNothing) continue;
      Run(clause.get(), ids, taken);
      if (node_->returns_rows) Return(*clause, taken, changed);
      changed += taken.count;
    }
    if (node_->returns_rows) output_.SetRows(changed);
    return changed;
  }

 private:
  // The rows that fit the clause leave the list.
  static Rows Take(Clause* clause, uint16_t* rows, uint32_t* count) {
    if (*count == 0) return {clause->taken, 0};
    uint32_t taken = 0, left = 0;
    if (clause->condition_value != nullptr) clause->condition.Run({rows, *count});
    for (uint32_t i = 0; i < *count; ++i) {
      uint16_t row = rows[i];
      const Vector* value = clause->condition_value;
      bool fits = value == nullptr || (value->IsValid(row) && value->At<uint8_t>(row) != 0);
      if (fits) {
        clause->taken[taken++] = row;
      } else {
        rows[left++] = row;
      }
    }
    *count = left;
    return {clause->taken, taken};
  }

  void Run(Clause* clause, const Vector& ids, Rows rows) {
    const MergeStep& step = clause->step;
    clause->values.Run(rows);
    for (const auto& [column, value] : clause->sources) {
      clause->written.column(column).Reference(*value);
    }
    clause->written.SetRows(rows);
    if (step.action == MergeStep::kInsert) return change_->Insert(&clause->written);
    for (uint32_t i = 0; i < rows.count; ++i) ids_[i] = ids.At<int64_t>(rows[i]);
    CheckOnce(rows.count);
    if (step.action == MergeStep::kDelete) return change_->Delete(ids_, rows.count);
    change_->Update(ids_, rows.count, step.target_columns, clause->written);
  }

  // The rows just written as rows of the output, from `position` on.
  void Return(const Clause& clause, Rows rows, uint32_t position) {
    before_->Run(rows);
    for (size_t i = 0; i < before_values_.size(); ++i) {
      const Vector* value = NewValue(clause, node_->returned_columns[i]);
      output_.column(i).Append(position, value != nullptr ? *value : *before_values_[i], rows,
                               true);
    }
  }

  // nullptr: the column is what it was before.
  const Vector* NewValue(const Clause& clause, uint16_t column) const {
    const MergeStep& step = clause.step;
    if (column == kIgnoredColumn || step.action == MergeStep::kDelete) return nullptr;
    if (step.action == MergeStep::kInsert) return &clause.written.column(column);
    if (const Vector* generated = change_->GeneratedValue(column)) return generated;
    auto target = std::ranges::find(step.target_columns, column);
    if (target == step.target_columns.end()) return nullptr;
    return &clause.written.column(static_cast<size_t>(target - step.target_columns.begin()));
  }

  void CheckOnce(uint32_t count) {
    std::copy(ids_, ids_ + count, sorted_);
    std::sort(sorted_, sorted_ + count);
    bool twice = std::adjacent_find(sorted_, sorted_ + count) != sorted_ + count;
    for (uint32_t i = 0; i < count && !twice; ++i) {
      twice = node_->table->data->IsChangedByStatement(context_->transaction, ids_[i]);
    }
    if (!twice) return;
    throw Error(ErrorCode::kCardinalityViolation,
                "MERGE would change a row a second time: more than one row of the source matches a "
                "row of table " +
                    node_->table->name.spelling)
        .OnTable(node_->table->name.spelling);
  }

  ColumnMap columns_;
  std::vector<std::unique_ptr<Clause>> clauses_;
  std::unique_ptr<Evaluator> before_;  // with RETURNING
  std::vector<const Vector*> before_values_;
  uint16_t matched_[kVectorSize], unmatched_[kVectorSize];
  RowId ids_[kVectorSize], sorted_[kVectorSize];
};

}  // namespace

OperatorPtr MakeMerge(const PlanNode& node, ExecutionContext* context, const ColumnMap* outer) {
  return std::make_unique<Merge>(node, context, outer);
}

}  // namespace tupelo
