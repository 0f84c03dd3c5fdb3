// exec/table_change.h: what one statement writes to one table, and the constraints of that.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exec/evaluator.h"
#include "exec/foreign_key.h"
#include "plan/plan.h"
#include "txn/table.h"

namespace tupelo {

class StatementWrites;
enum class UndoKind : uint8_t;

// NOT NULL and CHECK are tested before a row is written, keys and foreign keys at the end of the
// statement, or of the transaction where they are deferred. Rows come as chunks; nothing is
// allocated for a single row in the steady state.
class TableChange {
 public:
  TableChange(TablePtr table, ExecutionContext* context);
  ~TableChange();

  // The conditions of the table's checks, by BindChecks; must outlive this. Not needed for
  // deletions only.
  void SetChecks(const std::vector<ExpressionPtr>* checks,
                 const std::vector<ViewCheckPlan>* view_checks = nullptr);
  // The same, owned by this; for changes that no plan node stands for.
  void AdoptChecks(std::vector<ExpressionPtr> checks);
  // Forgets what earlier statements did.
  void Begin();

  // `rows`: one vector for each column of the definition.
  // Generated columns are put into them.
  void Insert(Chunk* rows) {
    CheckRows(rows);
    StoreRows(*rows);
  }
  // The two steps of it. What is stored are rows of a chunk that was checked last: perhaps fewer.
  void CheckRows(Chunk* rows);
  void StoreRows(const Chunk& rows);
  // Rows ids[i] get, for columns[j] of the definition, vector j of `values` at position i of its
  // rows().
  void Update(const RowId* ids, uint32_t count, std::span<const uint16_t> columns,
              const Chunk& values);
  // What the last Update made of a generated column; nullptr when it did not change it.
  const Vector* GeneratedValue(uint16_t column) const;
  void Delete(const RowId* ids, uint32_t count);

  // Carries out the referential actions that the rows changed since the last call set off; false
  // when there were none.
  bool RunReferentialActions(StatementWrites* writes);
  // Throws the first violation of a key or foreign key that is not deferred now. At the end of the
  // statement, after RunReferentialActions.
  void CheckConstraints();

  const TablePtr& table() const { return table_; }
  // Another transaction has changed or locked a row that this one needs.
  [[noreturn]] void ThrowConflict(RowId row) const;

 private:
  struct Check {
    const BoundExpression* condition;
    const CheckDefinition* definition;  // nullptr: of a view
    const std::string* view;
    std::unique_ptr<Evaluator> evaluator;
    const Vector* value = nullptr;
  };
  void AddCheck(const BoundExpression& condition, const CheckDefinition* definition,
                const std::string* view);
  [[noreturn]] void ThrowCheck(const Check& check) const;
  void ThrowUnlessWritten(const WriteOutcome& outcome, const RowId* ids) const;
  void NoteChanged(UndoKind kind, const RowId* ids, uint32_t count) const;
  struct Generated {
    uint16_t column;
    ExpressionPtr expression;
    // Of rows to be inserted, which are there while rows that they conflict with are updated.
    std::unique_ptr<Evaluator> of_inserted;
    const Vector* inserted = nullptr;
    std::unique_ptr<Evaluator> evaluator;  // of rows that are updated
    const Vector* value = nullptr;
    bool changed = false;  // by the last Update
  };
  void ProvideCheckColumns();
  void BindGenerated();
  void GenerateForInsert(Chunk* rows);
  bool GenerateForUpdate(const RowId* ids, std::span<const uint16_t> columns, const Chunk& values);
  void UpdateColumns(const RowId* ids, uint32_t count, std::span<const uint16_t> columns,
                     const Chunk& values);
  void CheckNotNull(uint16_t column, const Vector& values, Rows rows) const;
  void RunChecks(Rows rows, const std::vector<bool>* changed);
  void PrepareUpdate(std::span<const uint16_t> columns);
  void FillCheckRow(const RowId* ids, std::span<const uint16_t> columns, const Chunk& values);
  void DeferUniqueChecks();

  TablePtr table_;
  ExecutionContext* context_;
  Chunk physical_;          // the rows of an INSERT as the stored table has them
  bool stored_as_defined_;  // the stored table has the columns of the definition, in its order
  std::vector<Check> checks_;
  std::vector<Generated> generated_;
  // Of the UPDATE in hand: the columns that are set and those that follow from them.
  std::vector<uint16_t> all_columns_;
  Chunk all_values_;
  std::vector<ExpressionPtr> own_checks_;
  std::unique_ptr<ColumnMap> check_columns_;
  Chunk check_row_;                   // the columns of the definition, for checks of an UPDATE
  std::vector<bool> read_by_checks_;  // columns of the definition
  // Of the UPDATE in hand: its columns in the order of the stored table.
  std::vector<uint16_t> update_columns_, update_physical_, update_order_;
  std::vector<bool> updated_;
  Chunk update_values_;
  UniqueChecks unique_checks_;
  bool has_deferrable_keys_ = false;
  std::unique_ptr<RowId[]> ids_;
  ForeignKeyGuard foreign_keys_;
};

}  // namespace tupelo
