// exec/table_change.cpp: rows to the stored table, with NOT NULL, CHECK and keys.
#include "exec/table_change.h"

#include <algorithm>

#include "exec/changed_rows.h"
#include "exec/conflict_on.h"
#include "exec/deferred_checks.h"
#include "exec/unique_check.h"

namespace tupelo {

TableChange::TableChange(TablePtr table, ExecutionContext* context)
    : table_(std::move(table)),
      context_(context),
      ids_(new RowId[kVectorSize]),
      foreign_keys_(table_, context) {
  std::vector<Type> types;
  for (uint32_t i = 0; i < table_->data->column_count(); ++i) {
    types.push_back(table_->data->column_type(i));
  }
  stored_as_defined_ = types.size() == table_->columns.size();
  std::vector<Type> defined;
  for (const ColumnDefinition& column : table_->columns) {
    stored_as_defined_ &= column.physical == defined.size();
    defined.push_back(column.type);
  }
  check_row_.Init(defined);
  if (!stored_as_defined_) {
    physical_.Init(types);
    // Dropped columns are there as long as some reader may need them: new rows have any value in
    // them, but not null, as indexes on them may rely on that.
    for (size_t i = 0; i < types.size(); ++i) {
      physical_.column(i).PrepareWrite(1);
      physical_.column(i).SetConstant(true);
    }
  }
  has_deferrable_keys_ = std::ranges::any_of(table_->keys, &KeyDefinition::is_deferrable);
  BindGenerated();
}

TableChange::~TableChange() = default;

// The columns that checks and generated columns are computed from.
void TableChange::ProvideCheckColumns() {
  if (check_columns_ != nullptr) return;
  check_columns_ = std::make_unique<ColumnMap>();
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    check_columns_->Add(static_cast<ColumnId>(i), &check_row_.column(i));
  }
  read_by_checks_.assign(table_->columns.size(), false);
}

void TableChange::SetChecks(const std::vector<ExpressionPtr>* checks,
                            const std::vector<ViewCheckPlan>* view_checks) {
  size_t of_views = view_checks == nullptr ? 0 : view_checks->size();
  if (!checks_.empty() || checks->size() + of_views == 0) return;
  ProvideCheckColumns();
  for (size_t i = 0; i < checks->size(); ++i) {
    AddCheck(*(*checks)[i], &table_->checks[i], nullptr);
  }
  for (size_t i = 0; i < of_views; ++i) {
    AddCheck(*(*view_checks)[i].condition, nullptr, &(*view_checks)[i].view);
  }
}

void TableChange::AddCheck(const BoundExpression& condition, const CheckDefinition* definition,
                           const std::string* view) {
  Check check{&condition, definition, view,
              std::make_unique<Evaluator>(context_, check_columns_.get())};
  check.value = check.evaluator->Add(condition);
  std::vector<ColumnId> columns;
  CollectColumns(condition, &columns);
  for (ColumnId column : columns) read_by_checks_[column] = true;
  checks_.push_back(std::move(check));
}

void TableChange::AdoptChecks(std::vector<ExpressionPtr> checks) {
  if (!checks_.empty() || !own_checks_.empty()) return;
  own_checks_ = std::move(checks);
  SetChecks(&own_checks_);
}

void TableChange::Begin() {
  unique_checks_.Clear();
  foreign_keys_.Begin();
}

void TableChange::ThrowConflict(RowId row) const {
  ThrowConflictOn(table_->name.spelling, table_->data->BlockersOf(context_->transaction, row));
}

void TableChange::ThrowUnlessWritten(const WriteOutcome& outcome, const RowId* ids) const {
  if (outcome.ok()) return;
  if (!outcome.of_definition) ThrowConflict(ids[outcome.row]);
  ThrowConflictOn(table_->name.spelling, table_->data->BlockersOfWriting(context_->transaction));
}

void TableChange::NoteChanged(UndoKind kind, const RowId* ids, uint32_t count) const {
  if (context_->changed_rows == nullptr) [[likely]]
    return;
  context_->changed_rows->Note(table_, kind, ids, count);
}

void TableChange::CheckNotNull(uint16_t column, const Vector& values, Rows rows) const {
  if (!table_->columns[column].not_null) return;
  for (uint32_t i = 0; i < rows.count; ++i) {
    if (values.IsValid(rows[i])) continue;
    const std::string& name = table_->columns[column].name.spelling;
    throw Error(ErrorCode::kNotNullViolation,
                "column " + name + " of table " + table_->name.spelling + " must not be null")
        .OnTable(table_->name.spelling)
        .OnColumn(name);
  }
}

void TableChange::ThrowCheck(const Check& check) const {
  if (check.view != nullptr) {
    throw Error(
        ErrorCode::kCheckOptionViolation,
        "a row written through a view must belong to it, as WITH CHECK OPTION says: " + *check.view)
        .OnTable(*check.view);
  }
  throw Error(ErrorCode::kCheckViolation,
              "a row of table " + table_->name.spelling + " violates check constraint " +
                  check.definition->name.spelling + ": CHECK (" + check.definition->sql + ")")
      .OnTable(table_->name.spelling)
      .OnConstraint(check.definition->name.spelling);
}

// False violates, unknown does not (SQL:1999 part 2, 4.17.2); a row for which a view's condition is
// unknown is not in the view.
void TableChange::RunChecks(Rows rows, const std::vector<bool>* changed) {
  for (Check& check : checks_) {
    if (changed != nullptr) {
      std::vector<ColumnId> columns;
      CollectColumns(*check.condition, &columns);
      if (std::none_of(columns.begin(), columns.end(),
                       [&](ColumnId column) { return (*changed)[column]; })) {
        continue;
      }
    }
    check.evaluator->Run(rows);
    for (uint32_t i = 0; i < rows.count; ++i) {
      uint32_t row = rows[i];
      bool is_valid = check.value->IsValid(row);
      bool passes = is_valid ? check.value->At<uint8_t>(row) != 0 : check.view == nullptr;
      if (!passes) ThrowCheck(check);
    }
  }
}

void TableChange::CheckRows(Chunk* rows) {
  if (!generated_.empty()) GenerateForInsert(rows);
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    const Vector& values = rows->column(i);
    if (values.may_have_nulls()) CheckNotNull(static_cast<uint16_t>(i), values, rows->rows());
    if (!stored_as_defined_) physical_.column(table_->columns[i].physical).Reference(values);
    if (!checks_.empty()) check_row_.column(i).Reference(values);
  }
  if (!checks_.empty()) RunChecks(rows->rows(), nullptr);
}

void TableChange::StoreRows(const Chunk& rows) {
  if (!stored_as_defined_) physical_.SetRows(rows.rows());
  const Chunk& stored = stored_as_defined_ ? rows : physical_;
  ThrowUnlessWritten(
      table_->data->InsertRows(context_->transaction, stored, ids_.get(), &unique_checks_),
      nullptr);
  NoteChanged(UndoKind::kInsert, ids_.get(), rows.row_count());
  if (foreign_keys_.concerns_writes()) foreign_keys_.NoteWritten(ids_.get(), rows.row_count(), {});
}

void TableChange::PrepareUpdate(std::span<const uint16_t> columns) {
  if (std::equal(columns.begin(), columns.end(), update_columns_.begin(), update_columns_.end()))
    return;
  update_columns_.assign(columns.begin(), columns.end());
  update_order_.resize(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) update_order_[i] = static_cast<uint16_t>(i);
  auto physical = [&](uint16_t i) { return table_->columns[columns[i]].physical; };
  std::sort(update_order_.begin(), update_order_.end(),
            [&](uint16_t a, uint16_t b) { return physical(a) < physical(b); });
  update_physical_.clear();
  std::vector<Type> types;
  for (uint16_t i : update_order_) {
    update_physical_.push_back(physical(i));
    types.push_back(table_->columns[columns[i]].type);
  }
  update_values_.Init(types);
  updated_.assign(table_->columns.size(), false);
  for (uint16_t column : columns) updated_[column] = true;
}

// The new rows, as far as checks read them: what the UPDATE sets, and the rest as it is.
void TableChange::FillCheckRow(const RowId* ids, std::span<const uint16_t> columns,
                               const Chunk& values) {
  Rows rows = values.rows();
  for (size_t i = 0; i < columns.size(); ++i) {
    check_row_.column(columns[i]).Reference(values.column(i));
  }
  for (size_t c = 0; c < table_->columns.size(); ++c) {
    if (!read_by_checks_[c] || updated_[c]) continue;
    Vector& target = check_row_.column(c);
    Chunk one({table_->columns[c].type});
    uint16_t physical = table_->columns[c].physical;
    target.PrepareWrite(rows.is_dense() ? rows.count : kVectorSize);
    for (uint32_t i = 0; i < rows.count; ++i) {
      one.column(0).PrepareWrite(1);
      table_->data->FetchCurrent(context_->transaction, ids[i], {&physical, 1}, &one, 0);
      if (!one.column(0).IsValid(0)) {
        target.SetNull(rows[i]);
      } else {
        target.Append(rows[i], one.column(0), Rows{nullptr, 1}, true);
      }
    }
  }
}

void TableChange::Update(const RowId* ids, uint32_t count, std::span<const uint16_t> columns,
                         const Chunk& values) {
  if (!generated_.empty() && GenerateForUpdate(ids, columns, values)) {
    UpdateColumns(ids, count, all_columns_, all_values_);
  } else {
    UpdateColumns(ids, count, columns, values);
  }
}

void TableChange::UpdateColumns(const RowId* ids, uint32_t count, std::span<const uint16_t> columns,
                                const Chunk& values) {
  PrepareUpdate(columns);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (values.column(i).may_have_nulls())
      CheckNotNull(columns[i], values.column(i), values.rows());
  }
  if (!checks_.empty()) {
    FillCheckRow(ids, columns, values);
    RunChecks(values.rows(), &updated_);
  }
  if (foreign_keys_.concerns_removals()) foreign_keys_.NoteOld(ids, count, columns, false);
  for (size_t i = 0; i < update_order_.size(); ++i) {
    update_values_.column(i).Reference(values.column(update_order_[i]));
  }
  update_values_.SetRows(values.rows());
  ThrowUnlessWritten(table_->data->UpdateRows(context_->transaction, ids, count, update_physical_,
                                              update_values_, &unique_checks_),
                     ids);
  NoteChanged(UndoKind::kUpdate, ids, count);
  if (foreign_keys_.concerns_writes()) foreign_keys_.NoteWritten(ids, count, columns);
}

void TableChange::Delete(const RowId* ids, uint32_t count) {
  if (foreign_keys_.concerns_removals()) foreign_keys_.NoteOld(ids, count, {}, true);
  ThrowUnlessWritten(table_->data->DeleteRows(context_->transaction, ids, count), ids);
  NoteChanged(UndoKind::kDelete, ids, count);
}

bool TableChange::RunReferentialActions(StatementWrites* writes) {
  return foreign_keys_.concerns_removals() && foreign_keys_.RunActions(writes);
}

// Keys that are deferred now are left to the end of the transaction.
void TableChange::DeferUniqueChecks() {
  for (const KeyDefinition& key : table_->keys) {
    if (!IsDeferredNow(context_->deferred, table_->id, key)) continue;
    unique_checks_.Take(key.index, context_->deferred->RowsOf(table_->id, key.name));
  }
}

void TableChange::CheckConstraints() {
  if (!unique_checks_.empty()) {
    if (has_deferrable_keys_) DeferUniqueChecks();
    CheckUniqueKeys(*table_, context_->transaction, unique_checks_);
  }
  foreign_keys_.Check();
}

}  // namespace tupelo
