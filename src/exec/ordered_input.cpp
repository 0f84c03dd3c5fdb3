// exec/ordered_input.cpp: collecting, sorting, gathering.
#include "exec/ordered_input.h"

namespace tupelo {

OrderedInput::OrderedInput(const AggregateColumn& column, std::vector<const Vector*> arguments,
                           std::vector<const Vector*> keys) {
  std::vector<Type> types{Type::BigInt()};
  columns_.push_back(nullptr);
  for (const Vector* argument : arguments) {
    columns_.push_back(argument);
    types.push_back(argument->type());
  }
  std::vector<KeyColumn> key_columns{{Type::BigInt(), false, false, true}};
  keys_.push_back(nullptr);
  for (size_t i = 0; i < keys.size(); ++i) {
    keys_.push_back(keys[i]);
    const AggregateOrder& order = column.order[i];
    key_columns.push_back({order.key->type, order.descending, order.nulls_first, false});
  }
  rows_.Init(types);
  current_.Init(types);
  order_.Init(std::move(key_columns));
}

void OrderedInput::Clear() {
  rows_.Clear();
  order_.Clear();
}

void OrderedInput::Release() {
  rows_.Clear();
  order_.Release();
}

void OrderedInput::Append(const Vector& groups, Rows rows) {
  columns_[0] = keys_[0] = &groups;
  uint16_t kept[kVectorSize];
  order_.Append(keys_, rows, kept);
  rows_.Append(columns_, rows);
}

void OrderedInput::Gather(uint64_t first, uint32_t count) {
  uint32_t numbers[kVectorSize];
  for (uint32_t i = 0; i < count; ++i) numbers[i] = order_.row(first + i);
  for (size_t i = 0; i < current_.column_count(); ++i) {
    rows_.Gather(i, numbers, count, &current_.column(i));
  }
}

}  // namespace tupelo
