// exec/hash_join_build.h: the right rows of a hash join, on their way into its tables.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "exec/evaluator.h"
#include "exec/hash_join_keys.h"
#include "exec/integer_join_table.h"
#include "exec/join_filter.h"
#include "exec/join_table.h"
#include "exec/row_collection.h"
#include "plan/plan.h"

namespace tupelo {

// What all that store rows of one join agree in.
struct HashJoinShape {
  bool is_integer = false;   // keys fit 64 bits: rows go into an IntegerJoinTable
  bool keeps_right = false;  // rows with a null key are stored too
  std::vector<bool> null_keys;
  JoinKeys left_keys;  // for their types
};

// Rows of one chunk, stored by one thread: columns `stored`, of which `keys` are computed.
struct HashJoinInput {
  const HashJoinShape* shape;
  JoinKeys keys;
  std::vector<const Vector*> stored;
  JoinKeys filter_keys;  // of the keys, those that filters are made of
};
struct HashJoinRows {
  RowCollection* rows;
  IntegerJoinTable* integers;
  JoinTable* hashed;
  std::span<JoinFilter* const> filters;  // one for each of the filter_keys
};
void StoreJoinRows(const HashJoinInput& input, Rows rows, JoinKeyBuffers* buffers,
                   const HashJoinRows& target);

// What a worker collects of its morsels.
class HashJoinWorker {
 public:
  // `input`: the chunk that its pipeline gives. Stored are the columns of these numbers; numbers
  // from the count of columns on stand for keys.
  HashJoinWorker(const PlanNode& node, ExecutionContext* context, const Chunk& input,
                 const ColumnMap* outer, const HashJoinShape* shape,
                 const std::vector<size_t>& stored);

  void TakeIn(const Chunk& chunk, uint32_t morsel);
  // Gives the rows away, and what they take of memory with them.
  void MoveTo(const HashJoinRows& target, uint64_t* first_row);
  void Clear();

  // Rows of one morsel, by their numbers here.
  struct Run {
    uint32_t morsel;
    StoredRange rows;
  };
  const std::vector<Run>& runs() const { return runs_; }

 private:
  ColumnMap columns_;
  Evaluator evaluator_;
  HashJoinInput input_;
  JoinKeyBuffers buffers_;
  RowCollection rows_;
  IntegerJoinTable integers_;
  JoinTable hashed_;
  std::vector<JoinFilter> filters_;
  std::vector<JoinFilter*> filters_to_fill_;
  std::vector<Run> runs_;
};

}  // namespace tupelo
