// exec/key_lookup.h: rows of a table by the values of some columns, as they are now.
#pragma once

#include <cstdint>
#include <vector>

#include "catalog/definition.h"
#include "txn/scan.h"
#include "types/normalized_key.h"
#include "types/vector.h"

namespace tupelo {

// The values of a key: vector i has column i of it.
using KeyValues = std::vector<const Vector*>;

std::vector<Type> TypesOf(const TableDefinition& table, const std::vector<uint16_t>& columns);

// Goes through an index whose first columns are those wanted, in any order. Made once, opened for
// each key.
class KeyLookup {
 public:
  // `columns` of the definition of `table`, whose stored table must outlive this; the values come
  // in this order. kInternalError where there is no such index.
  KeyLookup(const TableDefinition& table, const std::vector<uint16_t>& columns);

  // Looks for row `row` of the values. False when no row can have this key.
  bool Open(const Transaction* transaction, const KeyValues& values, uint32_t row);
  bool Next(RowId* row, RowState* state) { return lookup_.Next(row, state); }

 private:
  const Table* table_;
  const Index* index_ = nullptr;
  std::vector<size_t> order_;  // index column i is column order_[i] of the key
  std::vector<Vector> converted_;
  KeyBuffer key_;
  CurrentLookup lookup_;
};

}  // namespace tupelo
