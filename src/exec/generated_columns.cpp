// exec/generated_columns.cpp: generated columns of rows that are written, by whatever statement or
// referential action.
#include <algorithm>

#include "base/arena.h"
#include "exec/table_change.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

void TableChange::BindGenerated() {
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    const ColumnDefinition& column = table_->columns[i];
    if (!column.is_generated()) continue;
    ProvideCheckColumns();
    Arena arena;
    std::vector<Type> no_parameters;
    Generated& added = generated_.emplace_back();
    added.column = static_cast<uint16_t>(i);
    added.expression =
        Binder(*context_->catalog, no_parameters)
            .BindGenerated(table_, added.column, *ParseExpression(column.generated_sql, arena));
    added.of_inserted = std::make_unique<Evaluator>(context_, check_columns_.get());
    added.inserted = added.of_inserted->Add(*added.expression);
    added.evaluator = std::make_unique<Evaluator>(context_, check_columns_.get());
    added.value = added.evaluator->Add(*added.expression);
    for (uint16_t from : column.generated_from) read_by_checks_[from] = true;
  }
}

void TableChange::GenerateForInsert(Chunk* rows) {
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    check_row_.column(i).Reference(rows->column(i));
  }
  for (Generated& generated : generated_) {
    generated.of_inserted->Run(rows->rows());
    rows->column(generated.column).Reference(*generated.inserted);
  }
}

// False when nothing follows from these columns. Else all_columns_ and all_values_ are what is to
// be set.
bool TableChange::GenerateForUpdate(const RowId* ids, std::span<const uint16_t> columns,
                                    const Chunk& values) {
  all_columns_.assign(columns.begin(), columns.end());
  for (Generated& generated : generated_) {
    const std::vector<uint16_t>& from = table_->columns[generated.column].generated_from;
    generated.changed = std::ranges::any_of(
        from, [&](uint16_t column) { return std::ranges::find(columns, column) != columns.end(); });
    // SET column = DEFAULT leaves it to be computed.
    bool is_set = std::ranges::find(columns, generated.column) != columns.end();
    generated.changed |= is_set;
    if (generated.changed && !is_set) all_columns_.push_back(generated.column);
  }
  bool any = std::ranges::any_of(generated_, &Generated::changed);
  if (!any) return false;
  PrepareUpdate(all_columns_);
  FillCheckRow(ids, columns, values);
  std::vector<Type> types;
  for (uint16_t column : all_columns_) types.push_back(table_->columns[column].type);
  all_values_.Init(types);
  for (size_t i = 0; i < columns.size(); ++i) all_values_.column(i).Reference(values.column(i));
  for (Generated& generated : generated_) {
    if (!generated.changed) continue;
    generated.evaluator->Run(values.rows());
    size_t place = static_cast<size_t>(std::ranges::find(all_columns_, generated.column) -
                                       all_columns_.begin());
    all_values_.column(place).Reference(*generated.value);
  }
  all_values_.SetRows(values.rows());
  return true;
}

const Vector* TableChange::GeneratedValue(uint16_t column) const {
  for (const Generated& generated : generated_) {
    if (generated.column == column && generated.changed) return generated.value;
  }
  return nullptr;
}

}  // namespace tupelo
