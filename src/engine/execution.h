// engine/execution.h: one plan being run: operators, parameters, the snapshot that it sees.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/parameters.h"
#include "engine/result.h"
#include "engine/session.h"
#include "exec/operator.h"
#include "exec/row_collection.h"
#include "exec/shared_rows.h"
#include "plan/plan.h"

namespace tupelo {

class StatementState;

// Built from a plan, used again and again, by one result at a time. All calls with the session's
// turn; [latch]: with the database's latch too.
//
//   idle --Start--> running --last vector set--> ended --Release--> idle
class Execution : public Recycled {
 public:
  Execution(std::shared_ptr<const Plan> plan, SessionState* session);
  ~Execution();

  const Plan& plan() const { return *plan_; }
  uint64_t run_count() const { return context_.run; }
  const std::vector<ResultColumn>& columns() const { return columns_; }
  Operator& root() { return *root_; }
  const std::vector<std::unique_ptr<CommonTableRows>>& common_tables() const {
    return common_tables_;
  }

  // [latch] Queries: takes the view and computes the first vector set. The parameters are copied.
  // For a short plan the latch as a reader is enough. kMany, for others: the latch is given up
  // meanwhile, and taken for each step that reads tables.
  enum class Steps : uint8_t { kOne, kMany };
  void StartQuery(const ParameterSet& parameters, bool measure, Steps steps = Steps::kOne);
  // [latch] The same of a query that locks rows: all are locked when it returns, and kept.
  void RunLocking(const ParameterSet& parameters);
  // Queries: the next vector set, nullptr at the end. Takes the latch for its steps.
  const Chunk* NextChunk();
  // Queries of a short plan: all that there is was computed by Start, and its reader alone uses it.
  // Then the rest may be read without the session's turn.
  bool is_detached() const { return is_detached_; }
  const Chunk* NextDetached() { return std::exchange(first_, nullptr); }
  // [latch] Reads the rest into memory, so that nothing is needed of the tables any more.
  void Materialize();
  // The transaction that it began in has ended: what it reads from now on is not that one's.
  void ForgetReads() { context_.reads = nullptr; }
  // Gives the snapshot back; nothing comes any more.
  void End();
  // [latch] After End: nothing of the database is left, but columns() is.
  void Disconnect();

  // [latch] INSERT, UPDATE, DELETE: everything, with the checks at the end; kMany: with the latch
  // for each step alone. Returns the number of
  // rows changed. With RETURNING the rows are kept then, for NextChunk.
  int64_t RunWrite(const ParameterSet& parameters, bool measure, Steps steps = Steps::kOne);
  // [latch] executemany: parts of one statement. Rows of a plain INSERT ... VALUES go through the
  // plan in vector sets, all else row by row, each seeing what those before it did.
  void BeginWriteBatches();
  int64_t WriteBatch(const ParameterSet& parameters, SessionState::ConflictWait* wait);
  void FinishWriteBatches(SessionState::ConflictWait* wait);
  // RETURNING of all batches: `other`'s rows come after this one's; kDatatypeMismatch when theirs
  // are of other types.
  void AdoptReturned(Execution& other);

 private:
  friend class StatementState;
  friend class Result;
  void SetContext(bool measure);
  void KeepSnapshot();
  void SetParameters(const ParameterSet& parameters, bool copy);
  void NoteIdentity();
  void KeepReturned();
  void WriteAll();
  void WaitFor(const ConflictError& conflict, SessionState::ConflictWait* wait);
  int64_t WriteBatchAtOnce(const ParameterSet& parameters, SessionState::ConflictWait* wait);
  void WriteRow();
  void CloseOperators();
  const Chunk* HandOut(const Chunk* chunk);

  std::shared_ptr<const Plan> plan_;
  SessionState* session_;
  ExecutionContext context_;
  std::vector<std::unique_ptr<CommonTableRows>> common_tables_;  // those that root_ scans
  OperatorPtr root_;
  TableWriteOperator* writer_ = nullptr;
  bool is_detached_ = false;
  bool vectorized_insert_ = false;
  bool uses_time_ = false;
  std::vector<ResultColumn> columns_;
  ReadView view_;

  Chunk* first_ = nullptr;  // computed by Start, not read yet
  bool is_open_ = false;    // among the session's open results
  bool at_end_ = true;      // the operators have nothing more
  // Of an open result: what the reader has. Materialize moves it away from the operators.
  Chunk handed_;
  std::unique_ptr<RowCollection> handed_rows_;
  std::unique_ptr<RowCollection> kept_;
  size_t kept_set_ = 0;
  std::shared_ptr<StatementState> in_use_by_;  // keeps the statement while a result is out
};

}  // namespace tupelo
