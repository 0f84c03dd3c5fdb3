// engine/stored_names.cpp: names by the stored number of a table.
#include "engine/stored_names.h"

#include "engine/row_rules.h"
#include "txn/table.h"

namespace tupelo {

void StoredNames::Add(const CatalogSnapshot& catalog) {
  for (const TablePtr& table : catalog.Tables()) {
    uint64_t number = table->data->stored_number();
    if (number == 0) continue;
    tables_[number] = PlaceOfTable(*table);
    for (const ColumnDefinition& column : table->columns) {
      columns_[{number, column.physical}] = column.name.spelling;
    }
    for (const IndexDefinition& index : table->indexes) {
      indexes_[{number, index.index->number()}] = index.name.spelling;
    }
  }
}

std::string StoredNames::OfTable(uint64_t number) const {
  auto found = tables_.find(number);
  return found == tables_.end() ? "table number " + std::to_string(number) : found->second;
}

std::string StoredNames::OfColumn(uint64_t table, uint32_t physical) const {
  auto found = columns_.find({table, physical});
  return OfTable(table) + ", column " +
         (found == columns_.end() ? "number " + std::to_string(physical) : found->second);
}

std::string StoredNames::OfIndex(uint64_t table, uint64_t index) const {
  auto found = indexes_.find({table, index});
  return OfTable(table) + ", index " +
         (found == indexes_.end() ? "number " + std::to_string(index) : found->second);
}

}  // namespace tupelo
