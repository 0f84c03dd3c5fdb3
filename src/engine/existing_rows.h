// engine/existing_rows.h: the rows that are in a table when its definition changes.
#pragma once

#include <functional>

#include "engine/definition_steps.h"
#include "exec/execution_context.h"
#include "txn/scan.h"

namespace tupelo {

// What evaluates expressions within a definition statement. It sees every row that is there now:
// what is committed, also after the transaction's snapshot, and what this transaction wrote.
// REQUIRES: the tables it reads are locked for definition.
class DefinitionExecution {
 public:
  explicit DefinitionExecution(const DefinitionContext& context);
  ~DefinitionExecution();
  DefinitionExecution(const DefinitionExecution&) = delete;
  DefinitionExecution& operator=(const DefinitionExecution&) = delete;

  ExecutionContext* operator->() { return &execution_; }
  ExecutionContext* get() { return &execution_; }
  const ReadView& view() const { return view_; }
  // Between two steps: others may work.
  void LetOthersIn() const;

 private:
  SharedLatch* latch_;
  CatalogPtr catalog_;
  ReadView view_;
  ExecutionContext execution_;
};

// Throw the violation of the first row that violates.
void CheckRowsNotNull(const DefinitionContext& context, const TableDefinition& table,
                      uint16_t column, Position position);
void CheckRowsAgainst(const DefinitionContext& context, const TableDefinition& table,
                      const CheckDefinition& check, Position position);
// REQUIRES: both tables are in the catalog with their indexes, but for this key.
void CheckRowsReference(const DefinitionContext& context, const TableDefinition& table,
                        const ForeignKeyDefinition& key, Position position);

bool HasRows(const DefinitionContext& context, const TableDefinition& table);
// The default of a column, evaluated once; null where there is none.
Value EvaluateDefault(const DefinitionContext& context, const TableDefinition& table,
                      uint16_t column);
// Gives each row a value of its own in physical column `target`: `value`, over columns whose ids
// are numbers of the definition.
void FillRows(const DefinitionContext& context, const TableDefinition& table, uint16_t target,
              const BoundExpression& value, Position position);

}  // namespace tupelo
