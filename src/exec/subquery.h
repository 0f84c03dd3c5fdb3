// exec/subquery.h: a query inside an expression, run for the rows that ask for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "exec/column_map.h"
#include "exec/join_table.h"
#include "exec/operator.h"
#include "exec/row_collection.h"
#include "exec/row_matcher.h"
#include "plan/expression.h"
#include "types/normalized_key.h"

namespace tupelo {

// Scalar, EXISTS and quantified subqueries. The plan runs once for each distinct combination of the
// outer values that it reads (once in all when it reads none); what it gave is remembered for the
// rest of the statement's run.
class Subquery {
 public:
  // `columns` gives the outer columns' vectors; `compared` are the vectors of the arguments: the
  // left side of a quantified comparison or of a test of rows.
  Subquery(const BoundExpression& expression, ExecutionContext* context, const ColumnMap* columns,
           std::vector<const Vector*> compared);
  ~Subquery();

  // Sets result[row] for each of `rows`.
  void Evaluate(Rows rows, Vector* result);
  // Nothing is remembered any more.
  void Forget();

 private:
  struct Outcome {
    uint64_t first_row = 0;  // of what was kept
    uint32_t row_count = 0;
  };
  const Outcome& OutcomeFor(uint32_t row);
  Outcome RunPlan();
  void BindOuter(uint32_t row);
  void SetScalar(const Outcome& outcome, uint32_t row, Vector* result);
  void SetQuantified(const Outcome& outcome, uint32_t row, Vector* result);
  bool FindEqual(uint32_t row);
  void Summarize(const Outcome& outcome);
  void SummarizeByHash(const Outcome& outcome);
  int CompareWithKept(uint64_t kept_row);

  const BoundExpression& expression_;
  ExecutionContext* context_;
  const Vector* compared_ = nullptr;            // kQuantified
  bool is_constant_;                            // one value for all rows
  std::vector<const Vector*> outer_;            // where the outer columns are
  std::vector<std::unique_ptr<Vector>> slots_;  // the current outer row, as constants
  std::vector<std::unique_ptr<uint64_t>> slot_validity_;
  std::vector<KeyColumn> key_columns_;
  ColumnMap slot_map_;
  uint64_t run_ = 0;  // of the statement, that the outcomes belong to
  OperatorPtr root_;
  RowCollection kept_;                                 // rows given, of all outcomes
  std::unordered_map<std::string, Outcome> outcomes_;  // by normalized outer values
  KeyBuffer key_;
  // How a value is compared with many rows: one by one, by a look-up of its hash (`= ANY`), or with
  // the smallest or largest value alone (an inequality).
  enum class Shortcut : uint8_t { kNone, kHash, kSmallest, kLargest };
  Shortcut FindShortcut() const;
  Shortcut shortcut_ = Shortcut::kNone;
  // What the shortcut needs of the rows of one outcome.
  struct Summary {
    const Outcome* outcome = nullptr;
    bool has_null = false;
    uint64_t extreme = RowCollection::kNoRow;  // kSmallest, kLargest: its row
    JoinTable rows;                            // kHash: of the outcome, from 0
  } summary_;
  std::unique_ptr<RowMatcher> matcher_;  // kRowSubquery
  // Registers of the comparison.
  Vector left_, right_, truth_;
};

}  // namespace tupelo
