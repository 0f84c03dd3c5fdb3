// txn/column_statistics.h: what a sample of a column's values tells of all of them.
#pragma once

#include <vector>

#include "types/vector.h"

namespace tupelo {

// Estimates, good for choosing plans and nothing else.
struct ColumnStatistics {
  double null_fraction = 0;
  double distinct = 1;  // values other than null
  // Bounds of an equi-depth histogram, ascending: between two lie equally many values. Empty: the
  // values have no numbers (PositionOf), or there are none.
  std::vector<double> bounds;

  // The part of the values that are not null.
  double FractionBelow(double position) const;
  double FractionEqual(double position) const;
};

// Where a value stands among those of its type: a number that grows with it. Strings go by their
// first bytes. False: it has no such number.
bool PositionOf(const Vector& vector, uint32_t row, double* position);

// Collects values, then estimates from `sampled` of `total` rows.
class ColumnSample {
 public:
  void Add(const Vector& vector, uint32_t row);
  // The rows of two neighbours in the table, which need not be among those added.
  void AddNeighbors(const Vector& vector, uint32_t row, uint32_t next);
  ColumnStatistics Finish(double total_rows);

 private:
  std::vector<uint64_t> hashes_;
  std::vector<double> positions_;
  uint64_t nulls_ = 0;
  uint64_t neighbors_ = 0, equal_neighbors_ = 0;
};

}  // namespace tupelo
