// exec/key_lookup.cpp: a key of values to a key of an index.
#include "exec/key_lookup.h"

#include <algorithm>

#include "base/interruption_scope.h"
#include "exec/index_key.h"
#include "txn/table.h"

namespace tupelo {

std::vector<Type> TypesOf(const TableDefinition& table, const std::vector<uint16_t>& columns) {
  std::vector<Type> types;
  for (uint16_t column : columns) types.push_back(table.columns[column].type);
  return types;
}

KeyLookup::KeyLookup(const TableDefinition& table, const std::vector<uint16_t>& columns)
    : table_(table.data.get()) {
  for (const IndexDefinition& index : table.indexes) {
    if (index.columns.size() < columns.size()) continue;
    order_.clear();
    for (size_t i = 0; i < columns.size(); ++i) {
      auto found = std::find(columns.begin(), columns.end(), index.columns[i].column);
      if (found == columns.end()) break;
      order_.push_back(static_cast<size_t>(found - columns.begin()));
    }
    if (order_.size() == columns.size()) {
      index_ = index.index;
      break;
    }
  }
  if (index_ == nullptr) {
    throw Error(ErrorCode::kInternalError,
                "a foreign key has no index: table " + table.name.spelling);
  }
  for (size_t i = 0; i < order_.size(); ++i) {
    converted_.emplace_back(table.columns[columns[order_[i]]].type);
  }
}

bool KeyLookup::Open(const Transaction* transaction, const KeyValues& values, uint32_t row) {
  StepInterruption();
  key_.Clear();
  Vector one;
  for (size_t i = 0; i < order_.size(); ++i) {
    const Vector& value = *values[order_[i]];
    one.SetType(value.type());
    one.PrepareWrite(1);
    uint16_t at = static_cast<uint16_t>(row);
    one.Append(0, value, Rows{&at, 1}, true);
    if (ConvertToKey(one, &converted_[i]) != KeyFit::kFits) return false;
    AppendKeyColumn(index_->key_columns()[i], converted_[i], 0, &key_);
  }
  lookup_.Open(table_, index_, transaction, key_.view());
  return true;
}

}  // namespace tupelo
