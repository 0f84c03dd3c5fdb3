// exec/referential_update.cpp: CASCADE of an update, SET NULL and SET DEFAULT on the referencing
// rows.
#include "base/arena.h"
#include "exec/statement_writes.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace tupelo {

namespace {

// The value that a referencing column gets, as a constant vector of its type.
void FillNewValue(const TablePtr& table, uint16_t column, ReferentialAction action,
                  const Vector& referenced_now, ExecutionContext* context, Vector* target) {
  const ColumnDefinition& definition = table->columns[column];
  if (action == ReferentialAction::kSetNull) {
    target->SetConstantNull();
    return;
  }
  std::vector<Type> no_parameters;
  Binder binder(*context->catalog, no_parameters);
  ExpressionPtr value;
  if (action == ReferentialAction::kSetDefault) {
    if (definition.default_sql.empty()) {
      target->SetConstantNull();
      return;
    }
    Arena arena;
    value = binder.BindDefault(table, column, *ParseExpression(definition.default_sql, arena));
  } else {
    Value now = Value::FromVector(referenced_now, 0);
    now.type = referenced_now.type();
    value = binder.AssignConstant(std::move(now), table, column);
  }
  ColumnMap no_columns;
  Evaluator evaluator(context, &no_columns);
  const Vector* computed = evaluator.Add(*value);
  evaluator.Run(Rows{nullptr, 1});
  target->PrepareWrite(1);
  if (!computed->IsValid(0)) {
    target->SetConstantNull();
    return;
  }
  target->Append(0, *computed, Rows{nullptr, 1}, true);
  target->SetConstant(true);
}

}  // namespace

void UpdateReferencingRows(TableChange* change, const TablePtr& table,
                           const ForeignKeyDefinition& key, ReferentialAction action,
                           const Chunk& referenced_now, const std::vector<RowId>& rows,
                           ExecutionContext* context) {
  std::vector<Type> types;
  for (uint16_t column : key.columns) types.push_back(table->columns[column].type);
  Chunk values(types);
  for (size_t i = 0; i < key.columns.size(); ++i) {
    FillNewValue(table, key.columns[i], action, referenced_now.column(i), context,
                 &values.column(i));
  }
  std::vector<ExpressionPtr> checks;
  std::vector<Type> no_parameters;
  Binder(*context->catalog, no_parameters).BindChecksOf(table, &checks);
  change->AdoptChecks(std::move(checks));
  for (size_t i = 0; i < rows.size(); i += kVectorSize) {
    auto count = static_cast<uint32_t>(std::min<size_t>(kVectorSize, rows.size() - i));
    values.SetRows(count);
    change->Update(&rows[i], count, key.columns, values);
  }
}

}  // namespace tupelo
