// engine/existing_rows.cpp: constraints on rows that were there first, values for new columns.
#include "engine/existing_rows.h"

#include <algorithm>
#include <chrono>

#include "base/arena.h"
#include "base/shared_latch.h"
#include "exec/conflict_on.h"
#include "exec/evaluator.h"
#include "exec/foreign_key.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

DefinitionExecution::DefinitionExecution(const DefinitionContext& context)
    : latch_(context.latch),
      catalog_(context.catalog->current()),
      view_(context.transactions->last_commit(), context.transaction->id(),
            context.transaction->statement() + 1) {
  execution_.transactions = context.transactions;
  execution_.transaction = context.transaction;
  execution_.view = &view_;
  execution_.catalog = catalog_.get();
  execution_.evaluation = context.evaluation;
  if (context.evaluation.interruption != nullptr) {
    execution_.interruption = *context.evaluation.interruption;
  }
  if (execution_.evaluation.statement_time_us == 0) {
    execution_.evaluation.statement_time_us =
        std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now().time_since_epoch())
            .count();
  }
  if (latch_ != nullptr) context.transactions->RegisterView(&view_, ViewUse::kDefinition);
}

DefinitionExecution::~DefinitionExecution() { execution_.transactions->UnregisterView(&view_); }

void DefinitionExecution::LetOthersIn() const {
  if (latch_ != nullptr) latch_->LetOthersIn();
}

namespace {

// Calls `visit(chunk, ids)` for all rows of a table; the chunk has the physical columns `columns`.
template <typename Visit>
void ScanRows(DefinitionExecution* execution, const Table& table,
              const std::vector<uint16_t>& columns, Chunk* chunk, Visit&& visit) {
  TableScan scan;
  auto ids = std::make_unique<RowIds>();
  scan.Open(&table, execution->view(), columns);
  while (scan.Next(chunk, ids.get())) {
    execution->get()->CheckInterrupt();
    if (chunk->row_count() != 0) visit(*chunk, *ids);
    execution->LetOthersIn();
  }
  scan.Close();
}

// The columns that an expression reads, as a scan gives them.
struct Input {
  std::vector<uint16_t> physical;
  Chunk chunk;
  ColumnMap map;

  Input(const TableDefinition& table, const BoundExpression& expression) {
    std::vector<ColumnId> ids;
    CollectColumns(expression, &ids);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<Type> types;
    for (ColumnId id : ids) {
      physical.push_back(table.columns[id].physical);
      types.push_back(table.columns[id].type);
    }
    chunk.Init(types);
    for (size_t i = 0; i < ids.size(); ++i) map.Add(ids[i], &chunk.column(i));
  }
};

// The ids of the chunk's rows, one after the other.
const RowId* CompactIds(const Chunk& chunk, const RowIds& ids, std::vector<RowId>* compacted) {
  if (chunk.rows().is_dense()) return ids.ids;
  compacted->clear();
  for (uint32_t i = 0; i < chunk.row_count(); ++i) compacted->push_back(ids.ids[chunk.rows()[i]]);
  return compacted->data();
}

}  // namespace

void CheckRowsNotNull(const DefinitionContext& context, const TableDefinition& table,
                      uint16_t column, Position position) {
  DefinitionExecution execution(context);
  const ColumnDefinition& target = table.columns[column];
  Chunk chunk({target.type});
  ScanRows(&execution, *table.data, {target.physical}, &chunk,
           [&](const Chunk& rows, const RowIds&) {
             ForEachRow(rows.rows(), [&](uint32_t row) {
               if (rows.column(0).IsValid(row)) return;
               throw Error(ErrorCode::kNotNullViolation,
                           "rows of table " + table.name.spelling + " have null in column " +
                               target.name.spelling +
                               ", which is to be NOT NULL; give them a value first",
                           position)
                   .OnTable(table.name.spelling)
                   .OnColumn(target.name.spelling);
             });
           });
}

void CheckRowsAgainst(const DefinitionContext& context, const TableDefinition& table,
                      const CheckDefinition& check, Position position) {
  DefinitionExecution execution(context);
  std::vector<Type> no_parameters;
  Arena arena;
  ExpressionPtr condition = Binder(*execution->catalog, no_parameters)
                                .BindCheck(std::make_shared<const TableDefinition>(table),
                                           *ParseExpression(check.sql, arena));
  VisitExpressions(*condition, [&](BoundExpression& part) { part.position = position; });
  Input input(table, *condition);
  Evaluator evaluator(execution.get(), &input.map);
  const Vector* value = evaluator.Add(*condition);
  ScanRows(&execution, *table.data, input.physical, &input.chunk,
           [&](const Chunk& rows, const RowIds&) {
             evaluator.Run(rows.rows());
             ForEachRow(rows.rows(), [&](uint32_t row) {
               if (!value->IsValid(row) || value->At<uint8_t>(row) != 0) return;
               throw Error(ErrorCode::kCheckViolation,
                           "rows of table " + table.name.spelling + " violate check constraint " +
                               check.name.spelling + "; change or delete them first: CHECK (" +
                               check.sql + ")",
                           position)
                   .OnTable(table.name.spelling)
                   .OnConstraint(check.name.spelling);
             });
           });
}

void CheckRowsReference(const DefinitionContext& context, const TableDefinition& table,
                        const ForeignKeyDefinition& key, Position position) {
  DefinitionExecution execution(context);
  auto with_key = std::make_shared<TableDefinition>(table);
  with_key->foreign_keys = {key};
  ForeignKeyGuard guard(with_key, execution.get());
  Chunk chunk;
  std::vector<RowId> compacted;
  try {
    ScanRows(&execution, *table.data, {}, &chunk, [&](const Chunk& rows, const RowIds& ids) {
      guard.Begin();
      guard.NoteWritten(CompactIds(rows, ids, &compacted), rows.row_count(), {});
      guard.Check();
    });
  } catch (Error& error) {
    error.AtPosition(position);
    throw;
  }
}

bool HasRows(const DefinitionContext& context, const TableDefinition& table) {
  DefinitionExecution execution(context);
  return table.data->Count(execution.view()) != 0;
}

Value EvaluateDefault(const DefinitionContext& context, const TableDefinition& table,
                      uint16_t column) {
  const ColumnDefinition& target = table.columns[column];
  if (target.default_sql.empty()) return Value::Null(target.type);
  DefinitionExecution execution(context);
  std::vector<Type> no_parameters;
  Arena arena;
  ExpressionPtr bound = Binder(*execution->catalog, no_parameters)
                            .BindDefault(std::make_shared<const TableDefinition>(table), column,
                                         *ParseExpression(target.default_sql, arena));
  ColumnMap no_columns;
  Evaluator evaluator(execution.get(), &no_columns);
  const Vector* computed = evaluator.Add(*bound);
  evaluator.Run(Rows{nullptr, 1});
  Value value = computed->IsValid(0) ? Value::FromVector(*computed, 0) : Value::Null(target.type);
  value.type = target.type;
  return value;
}

void FillRows(const DefinitionContext& context, const TableDefinition& table, uint16_t target,
              const BoundExpression& value, Position position) {
  DefinitionExecution execution(context);
  Input input(table, value);
  Evaluator evaluator(execution.get(), &input.map);
  const Vector* computed = evaluator.Add(value);
  Chunk written({table.data->column_type(target)});
  UniqueChecks checks;  // no index has the column yet
  std::vector<RowId> compacted;
  ScanRows(&execution, *table.data, input.physical, &input.chunk,
           [&](const Chunk& rows, const RowIds& ids) {
             evaluator.Run(rows.rows());
             written.column(0).Reference(*computed);
             written.SetRows(rows.rows());
             const RowId* changed = CompactIds(rows, ids, &compacted);
             WriteOutcome outcome = table.data->UpdateRows(
                 context.transaction, changed, rows.row_count(), {&target, 1}, written, &checks);
             if (outcome.ok()) return;
             ThrowConflictOn(table.name.spelling,
                             table.data->BlockersOf(context.transaction, changed[outcome.row]),
                             position);
           });
}

}  // namespace tupelo
