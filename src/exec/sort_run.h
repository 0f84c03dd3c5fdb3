// exec/sort_run.h: rows put in order, or as many of them as are wanted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "exec/row_collection.h"
#include "exec/sort_keys.h"

namespace tupelo {

// Takes in rows, sorts them by their keys, gives them in order; rows with equal keys in the order
// in which they came. With a limit, what was taken in is sorted and cut whenever it is a few times
// too much; from then on rows behind the last one kept are not taken in at all. Not thread-safe:
// each worker has its own.
class SortRun {
 public:
  // What a row is made of: vectors of the input, and those of the keys among them.
  struct Input {
    std::vector<const Vector*> columns, keys;
  };
  SortRun(Input input, std::vector<KeyColumn> keys);

  // `wanted`: that many rows are enough. With morsels, those of the rows are kept.
  void Begin(uint64_t wanted, bool with_morsels);
  void TakeIn(Rows rows, uint32_t morsel, const Interruption& interruption);
  // Puts the rows in order. REQUIRES what follows.
  void Finish(const Interruption& interruption) { keys_.Sort(interruption); }
  // Instead: writes them to a temporary file, in order. Nothing more may be taken in.
  void Seal(const Interruption& interruption);
  // After Finish, when they are all that is wanted: adds the rows to `target`, in order. Only Clear
  // or Release may follow.
  void MoveTo(RowCollection* target, const Interruption& interruption);
  void Clear();
  void Release();

  uint64_t count() const { return std::min(keys_.count(), wanted_); }
  // The row that is number i in order, as rows() knows it.
  uint32_t row(uint64_t i) const { return keys_.row(i); }
  const RowCollection& rows() const { return rows_; }
  // out[i] = row number first + i.
  void Gather(uint64_t first, uint32_t count, Chunk* out) const;
  // The order of row i of `a` and row j of `b`; of equal ones with morsels, that of these.
  static int Compare(const SortRun& a, uint64_t i, const SortRun& b, uint64_t j);

 private:
  void Cut(const Interruption& interruption);
  // Adds the first `count` rows in order.
  void AppendInOrder(uint64_t count, RowCollection* target, const Interruption& interruption);
  void PutMorselsInOrder(uint64_t count);

  Input input_;
  std::vector<Type> types_;
  SortKeys keys_;
  RowCollection rows_, best_;
  Chunk moved_;  // while cutting
  bool with_morsels_ = false;
  WorkArray<uint32_t> morsels_;  // by row
  uint64_t wanted_ = UINT64_MAX, most_ = UINT64_MAX;
};

}  // namespace tupelo
