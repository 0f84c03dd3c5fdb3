// engine/row_rules.h: what a table's definition says of each row by itself, tested against rows
// that are there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/definition.h"
#include "engine/finding.h"
#include "exec/evaluator.h"
#include "exec/execution_context.h"
#include "txn/scan.h"
#include "types/chunk.h"

namespace tupelo {

// The table as findings call it: "table t", or "table s.t" outside of the default schema.
std::string PlaceOfTable(const TableDefinition& table);

// Whether a value that is not null is one of its type.
bool FitsType(const Vector& values, uint32_t row, const Type& type);

// NOT NULL, the limits of the types, generated columns, CHECK. A check that depends on more than
// the row (CURRENT_DATE) is passed over: it held when the row was written.
class RowRules {
 public:
  RowRules(const TablePtr& table, ExecutionContext* context, Findings* findings);
  ~RowRules();

  // Physical columns to be scanned into `chunk`, which has a vector for each column of the
  // definition.
  const std::vector<uint16_t>& columns() const { return columns_; }
  Chunk& chunk() { return chunk_; }
  // Looks at the rows of the chunk. Without the latch.
  void Check(const RowIds& ids);

 private:
  struct Computed;
  void AddComputed(ExpressionPtr expression, uint16_t number, bool is_check);
  void CheckColumn(uint16_t column, const RowIds& ids);
  void CheckComputed(Computed& computed, const RowIds& ids);
  void CompareRow(const Computed& computed, uint32_t row, RowId id);
  std::string PlaceOf(const Computed& computed) const;

  TablePtr table_;
  ExecutionContext* context_;
  Findings* findings_;
  std::vector<uint16_t> columns_;
  Chunk chunk_;
  ColumnMap map_;
  std::vector<std::unique_ptr<Computed>> computed_;
};

}  // namespace tupelo
