// exec/unique_check.cpp: what is said of a key that is there twice.
#include "exec/unique_check.h"

#include <string>

#include "exec/conflict_on.h"

namespace tupelo {

namespace {

std::string DescribeKey(const TableDefinition& table, const Transaction* transaction,
                        const Index& index, RowId row) {
  std::vector<Type> types;
  std::vector<uint16_t> physical;
  std::string names, values;
  for (const IndexColumn& column : index.columns()) {
    physical.push_back(column.column);
    types.push_back(table.data->column_type(column.column));
    for (const ColumnDefinition& definition : table.columns) {
      if (definition.physical != column.column) continue;
      names += (names.empty() ? "" : ", ") + definition.name.spelling;
    }
  }
  Chunk key(types);
  for (size_t i = 0; i < types.size(); ++i) key.column(i).PrepareWrite(1);
  table.data->FetchCurrent(transaction, row, physical, &key, 0);
  for (size_t i = 0; i < types.size(); ++i) {
    values += (i == 0 ? "" : ", ") + Value::FromVector(key.column(i), 0).ToString();
  }
  return "(" + names + ") = (" + values + ")";
}

}  // namespace

void CheckUniqueKeys(const TableDefinition& table, Transaction* transaction,
                     const UniqueChecks& checks) {
  UniqueOutcome outcome = Table::CheckUnique(transaction, checks);
  if (outcome.kind == UniqueOutcome::kFine) return;
  if (outcome.kind == UniqueOutcome::kConflict) {
    ThrowConflictOn(table.name.spelling, table.data->BlockersOf(transaction, outcome.other));
  }
  std::string constraint;
  for (const IndexDefinition& index : table.indexes) {
    if (index.index == outcome.index) constraint = index.name.spelling;
  }
  throw Error(ErrorCode::kUniqueViolation,
              "a row with the key " + DescribeKey(table, transaction, *outcome.index, outcome.row) +
                  " is in table " + table.name.spelling + " already; it must be unique by " +
                  constraint)
      .OnTable(table.name.spelling)
      .OnConstraint(constraint);
}

}  // namespace tupelo
