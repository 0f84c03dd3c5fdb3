// engine/reference_check.h: whether the rows that foreign keys name are there, as a view sees them.
#pragma once

#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "engine/finding.h"
#include "txn/scan.h"
#include "types/chunk.h"

namespace tupelo {

// One foreign key of a table.
class ReferenceCheck {
 public:
  // `number`: of the key in the definition. `view` must outlive it.
  ReferenceCheck(const CatalogSnapshot& catalog, const TablePtr& table, uint16_t number,
                 const ReadView& view, Findings* findings);

  // False: what it names is not there at all; that was said.
  bool can_look() const { return index_ != nullptr; }
  // Looks for what rows [first, end) of the positions of `rows` reference, which has a vector for
  // each column of the definition. [latch]
  void Check(const Chunk& rows, const RowIds& ids, uint32_t first, uint32_t end);

 private:
  void FindIndex();
  bool IsFound(const Chunk& rows, uint32_t row);
  void Violated(const std::string& what, RowId row);

  TablePtr table_, referenced_;
  const ForeignKeyDefinition& key_;
  uint16_t number_;
  const ReadView& view_;
  Findings* findings_;
  const Index* index_ = nullptr;
  std::vector<size_t> order_;  // column i of the index is column order_[i] of the key
  std::vector<Vector> converted_;
  KeyBuffer bytes_;
  PointLookup lookup_;
};

}  // namespace tupelo
