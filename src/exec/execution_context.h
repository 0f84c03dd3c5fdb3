// exec/execution_context.h: what operators of one running statement share.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/interruption.h"
#include "base/shared_latch.h"
#include "exec/system_view.h"
#include "functions/function.h"
#include "types/vector.h"

namespace tupelo {

class CatalogSnapshot;
class ChangedRows;
class DeferredChecks;
class Transaction;
class TransactionManager;
class ExtremeFilter;
struct IdentitySequence;
class JoinFilter;
class ReadSet;
class SharedRows;
class Subquery;
class WorkerPool;
struct PipelineWorker;
struct ReadView;

// The numbers that a session took of sequences last.
struct SessionNumbers {
  std::unordered_map<uint64_t, int64_t> of_sequence;  // by the sequence's id
  bool has_last = false;
  uint64_t last_sequence = 0;  // that gave `last`
  int64_t last = 0;
};

// Lives with the execution; the engine sets it anew before each run. Operators keep a pointer to
// it.
struct ExecutionContext {
  TransactionManager* transactions = nullptr;
  Transaction* transaction = nullptr;
  const ReadView* view = nullptr;
  // The database's latch, for steps that read tables (exec/read_scope.h), and where it counts them;
  // nullptr: the statement holds it all the time.
  SharedLatch* latch = nullptr;
  SharedLatch::Slot* latch_slot = nullptr;
  // Where operators note what they read; nullptr: nowhere. Workers note nothing: what starts them
  // does it.
  ReadSet* reads = nullptr;
  const CatalogSnapshot* catalog = nullptr;
  // Of the transaction; nullptr: all constraints are checked at the end of the statement.
  DeferredChecks* deferred = nullptr;
  EvaluationContext evaluation;
  Interruption interruption;

  // COPY tells how far it is: rows, bytes of the file done, and in all (0: unknown). True ends it.
  bool (*copy_progress)(void*, uint64_t rows, uint64_t bytes, uint64_t total_bytes) = nullptr;
  void* copy_progress_argument = nullptr;

  // Where the rows are noted that the statement changes; nullptr: nobody will ask.
  ChangedRows* changed_rows = nullptr;

  SessionNumbers* numbers = nullptr;  // nullptr: nobody will ask
  // Where sequences go that gave numbers which the next commit has to log; nullptr: nothing is
  // logged.
  std::vector<std::shared_ptr<IdentitySequence>>* unlogged_sequences = nullptr;
  void NoteTaken(const std::shared_ptr<IdentitySequence>& sequence) const;  // next_value.cpp

  // Parameter i as the plan wants it: constant, or flat with `batch_rows` rows for a batch of
  // INSERT.
  std::vector<Vector> parameters;
  uint32_t batch_rows = 1;

  // What scans of tables of WITH, and of working tables, find when they are built, by number.
  std::vector<std::pair<uint32_t, SharedRows*>> shared_rows;

  SystemViewSource* system_views = nullptr;  // nullptr: none is read
  std::vector<MadeSystemView> made_system_views;

  // Threads that may run the statement, and those that help; nullptr: the caller's alone.
  uint32_t threads = 1;
  WorkerPool* pool = nullptr;
  // Of a worker's copy of a pipeline (exec/parallel_input.h); nullptr: the operators are the
  // statement's own.
  PipelineWorker* worker = nullptr;

  // By their numbers in the plan (exec/join_filter.h). Workers have those of the statement.
  std::vector<std::shared_ptr<JoinFilter>> join_filters;
  // The same (exec/extreme_filter.h), but each worker has its own.
  std::vector<std::shared_ptr<ExtremeFilter>> extreme_filters;

  // Numbers the runs of the statement, from 1: what subqueries and IN lists remember is good for
  // one run.
  uint64_t run = 0;
  std::vector<Subquery*> subqueries;   // that remember something of this run
  bool measure = false;                // EXPLAIN ANALYZE: operators count rows and time
  uint32_t vector_size = kVectorSize;  // rows that operators give at a time, at most
  bool is_plain = true;                // neither is asked for
  bool gave_identity = false;          // the last identity value this run gave
  int64_t last_identity = 0;

  // Whether this thread has the latch exclusively; workers of it read with that.
  bool HoldsLatch() const { return latch == nullptr || latch->IsMine(); }
  // Ends the statement with kQueryCanceled when it was interrupted. Called once per vector set or
  // so.
  void CheckInterrupt() const { interruption.Check(); }
  void ReportCopy(uint64_t rows, uint64_t bytes, uint64_t total_bytes) const {
    if (copy_progress != nullptr &&
        copy_progress(copy_progress_argument, rows, bytes, total_bytes)) {
      ThrowCanceled();
    }
  }
  [[noreturn]] static void ThrowCanceled() {
    throw Error(ErrorCode::kQueryCanceled, "the statement was interrupted");
  }
};

}  // namespace tupelo
