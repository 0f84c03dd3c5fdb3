// engine/reference_check.cpp: a referenced key is looked up through the index of its constraint.
#include "engine/reference_check.h"

#include <algorithm>

#include "engine/row_rules.h"
#include "exec/index_key.h"
#include "txn/table.h"

namespace tupelo {

ReferenceCheck::ReferenceCheck(const CatalogSnapshot& catalog, const TablePtr& table,
                               uint16_t number, const ReadView& view, Findings* findings)
    : table_(table),
      referenced_(catalog.TableById(table->foreign_keys[number].referenced_table)),
      key_(table->foreign_keys[number]),
      number_(number),
      view_(view),
      findings_(findings) {
  if (referenced_ != nullptr) FindIndex();
  if (index_ == nullptr) {
    findings_->Add(PlaceOfTable(*table_) + ", foreign key " + key_.name.spelling,
                   referenced_ == nullptr ? "the table that it references is not there"
                                          : "what it references is no key",
                   {BrokenRule::kForeignKey, table_->id, number_});
    return;
  }
  for (size_t column : order_) {
    converted_.emplace_back(referenced_->columns[key_.referenced_columns[column]].type);
  }
}

void ReferenceCheck::FindIndex() {
  for (const IndexDefinition& index : referenced_->indexes) {
    if (!index.is_unique || index.columns.size() != key_.referenced_columns.size()) continue;
    order_.clear();
    for (const IndexedColumn& column : index.columns) {
      auto found =
          std::find(key_.referenced_columns.begin(), key_.referenced_columns.end(), column.column);
      if (found == key_.referenced_columns.end()) break;
      order_.push_back(static_cast<size_t>(found - key_.referenced_columns.begin()));
    }
    if (order_.size() != index.columns.size()) continue;
    index_ = index.index;
    return;
  }
}

void ReferenceCheck::Violated(const std::string& what, RowId row) {
  findings_->AddRow(PlaceOfTable(*table_) + ", foreign key " + key_.name.spelling, what, row,
                    {BrokenRule::kForeignKey, table_->id, number_});
}

bool ReferenceCheck::IsFound(const Chunk& rows, uint32_t row) {
  bytes_.Clear();
  Vector one;
  for (size_t i = 0; i < order_.size(); ++i) {
    const Vector& value = rows.column(key_.columns[order_[i]]);
    one.SetType(value.type());
    one.PrepareWrite(1);
    auto at = static_cast<uint16_t>(row);
    one.Append(0, value, Rows{&at, 1}, true);
    if (ConvertToKey(one, &converted_[i]) != KeyFit::kFits) return false;
    AppendKeyColumn(index_->key_columns()[i], converted_[i], 0, &bytes_);
  }
  RowId found;
  return lookup_.FindRow(referenced_->data.get(), index_, view_, bytes_.view(), &found);
}

void ReferenceCheck::Check(const Chunk& rows, const RowIds& ids, uint32_t first, uint32_t end) {
  for (uint32_t i = first; i < end; ++i) {
    uint32_t row = rows.rows()[i];
    size_t nulls = 0;
    for (uint16_t column : key_.columns) nulls += rows.column(column).IsValid(row) ? 0 : 1;
    if (nulls != 0) {
      if (key_.match_full && nulls != key_.columns.size()) {
        Violated("some columns are null and others not, against MATCH FULL,", ids.ids[row]);
      }
    } else if (!IsFound(rows, row)) {
      Violated("there is no row that it references", ids.ids[row]);
    }
  }
}

}  // namespace tupelo
