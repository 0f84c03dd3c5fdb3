// exec/foreign_key_check.cpp: looking keys up, and what it means when they are not found.
//
// A key is looked up through an index of the other table whose first columns are those of the
// foreign key; for the referenced side that is the index of its PRIMARY KEY or UNIQUE constraint,
// for the referencing side one that CREATE TABLE made for it where there was none.
#include "exec/foreign_key_check.h"

#include "exec/conflict_on.h"
#include "txn/table.h"

namespace tupelo {

namespace {

std::string DescribeColumns(const TableDefinition& table, const std::vector<uint16_t>& columns) {
  std::string names;
  for (uint16_t column : columns) {
    names += (names.empty() ? "" : ", ") + table.columns[column].name.spelling;
  }
  return "(" + names + ")";
}

std::string DescribeValues(const KeyValues& values, uint32_t row) {
  std::string text;
  for (const Vector* value : values) {
    text += (text.empty() ? "" : ", ") + Value::FromVector(*value, row).ToString();
  }
  return "(" + text + ")";
}

}  // namespace

ForeignKeyCheck::ForeignKeyCheck(TablePtr referencing, TablePtr referenced,
                                 const ForeignKeyDefinition* definition)
    : referencing_(std::move(referencing)),
      referenced_(std::move(referenced)),
      definition_(definition) {}

KeyLookup& ForeignKeyCheck::referenced_rows() {
  if (!referenced_rows_.has_value()) {
    referenced_rows_.emplace(*referenced_, definition_->referenced_columns);
  }
  return *referenced_rows_;
}

KeyLookup& ForeignKeyCheck::referencing_rows() {
  if (!referencing_rows_.has_value()) {
    referencing_rows_.emplace(*referencing_, definition_->columns);
  }
  return *referencing_rows_;
}

void ForeignKeyCheck::CheckMatchFull(const Chunk& rows) const {
  if (!definition_->match_full) return;
  for (uint32_t row = 0; row < rows.row_count(); ++row) {
    size_t nulls = 0;
    for (size_t i = 0; i < rows.column_count(); ++i) nulls += !rows.column(i).IsValid(row);
    if (nulls == 0 || nulls == rows.column_count()) continue;
    throw Error(ErrorCode::kForeignKeyViolation,
                "foreign key " + definition_->name.spelling + " of table " +
                    referencing_->name.spelling +
                    " is MATCH FULL: its columns must be null all together or not at all")
        .OnTable(referencing_->name.spelling)
        .OnConstraint(definition_->name.spelling);
  }
}

void ForeignKeyCheck::CheckReferenced(const Transaction* transaction, const KeyValues& values,
                                      uint32_t row) {
  RowId in_flight = kNoRow;
  if (referenced_rows().Open(transaction, values, row)) {
    RowId found;
    RowState state;
    while (referenced_rows().Next(&found, &state)) {
      if (state == RowState::kCommitted || state == RowState::kOwn) return;
      if (state == RowState::kInFlight) in_flight = found;
    }
  }
  if (in_flight != kNoRow) {
    ThrowConflictOn(referenced_->name.spelling,
                    referenced_->data->BlockersOf(transaction, in_flight));
  }
  throw Error(ErrorCode::kForeignKeyViolation,
              "table " + referenced_->name.spelling + " has no row with " +
                  DescribeColumns(*referenced_, definition_->referenced_columns) + " = " +
                  DescribeValues(values, row) + ", which foreign key " +
                  definition_->name.spelling + " of table " + referencing_->name.spelling +
                  " references")
      .OnTable(referencing_->name.spelling)
      .OnConstraint(definition_->name.spelling);
}

void ForeignKeyCheck::CheckUnreferenced(const Transaction* transaction, const KeyValues& values,
                                        uint32_t row) {
  if (FindReferencing(transaction, values, row).empty()) return;
  if (IsThere(transaction, values, row)) return;
  ThrowReferencing(ErrorCode::kForeignKeyViolation, values, row);
}

bool ForeignKeyCheck::IsThere(const Transaction* transaction, const KeyValues& values,
                              uint32_t row) {
  if (!referenced_rows().Open(transaction, values, row)) return false;
  RowId found;
  RowState state;
  while (referenced_rows().Next(&found, &state)) {
    if (state == RowState::kCommitted || state == RowState::kOwn) return true;
  }
  return false;
}

std::vector<RowId> ForeignKeyCheck::FindReferencing(const Transaction* transaction,
                                                    const KeyValues& values, uint32_t row) {
  std::vector<RowId> rows;
  if (!referencing_rows().Open(transaction, values, row)) return rows;
  RowId found;
  RowState state;
  while (referencing_rows().Next(&found, &state)) {
    if (state == RowState::kInFlight) {
      ThrowConflictOn(referencing_->name.spelling,
                      referencing_->data->BlockersOf(transaction, found));
    }
    if (state == RowState::kCommitted || state == RowState::kOwn) rows.push_back(found);
  }
  return rows;
}

void ForeignKeyCheck::ThrowReferencing(ErrorCode code, const KeyValues& values,
                                       uint32_t row) const {
  throw Error(code, "rows of table " + referencing_->name.spelling + " still reference " +
                        DescribeColumns(*referenced_, definition_->referenced_columns) + " = " +
                        DescribeValues(values, row) + " of table " + referenced_->name.spelling +
                        " by foreign key " + definition_->name.spelling)
      .OnTable(referencing_->name.spelling)
      .OnConstraint(definition_->name.spelling);
}

}  // namespace tupelo
