// exec/row_matcher.h: a row tested against rows of a subquery, by hash where it is for equality.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "exec/evaluator.h"
#include "exec/row_collection.h"
#include "plan/plan.h"

namespace tupelo {

// Carries out one kRowSubquery's RowTest. `kept` holds what the subquery gave.
class RowMatcher {
 public:
  // A range of `kept`: the rows of one outcome of the subquery.
  struct Range {
    uint64_t first = 0;
    uint64_t count = 0;
  };
  // `fields` are the vectors of the arguments.
  RowMatcher(const BoundExpression& expression, ExecutionContext* context,
             std::vector<const Vector*> fields, const RowCollection* kept);

  // Sets result[row], for a row of the fields.
  void Match(const Range& range, uint32_t row, Vector* result);
  // `kept` was cleared.
  void Forget();

 private:
  // Rows by the hash of the columns that are not null in them.
  using RowsByHash = std::unordered_multimap<uint64_t, uint64_t>;
  struct Counts {
    uint64_t trues = 0, falses = 0, unknowns = 0;
  };

  void FindHashColumns(const BoundExpression& expression);
  void HashRows(const Range& range);
  bool FindEqual(const RowsByHash& rows, uint64_t columns, uint32_t row) const;
  void MatchByHash(const Range& range, uint32_t row, Vector* result);
  void ShowFields(uint32_t row);
  Counts Scan(const Range& range, uint32_t row);
  void TestOnlyRow(const Range& range, uint32_t row, Vector* result);

  RowQuantifier quantifier_;
  std::vector<const Vector*> fields_;
  const RowCollection* kept_;
  std::vector<Vector> left_, right_;  // what the condition reads
  std::vector<uint64_t> left_validity_;
  ColumnMap columns_;
  Evaluator evaluator_;
  const Vector* truth_ = nullptr;
  std::vector<uint16_t> selection_;
  // Equality: field i is compared with column hash_columns_[i]; empty: by the condition alone.
  std::vector<size_t> hash_columns_;
  std::unordered_map<uint64_t, RowsByHash> hashed_;  // by the set of columns that are not null
  Range hashed_range_;
};

}  // namespace tupelo
