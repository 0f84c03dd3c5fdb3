// engine/statement.h: a prepared statement, and the whole way of running one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parameters.h"
#include "engine/result.h"

namespace tupelo {

class SessionState;
class StatementState;

enum class StatementKind : uint8_t {
  kQuery,
  kInsert,
  kUpdate,
  kDelete,
  kMerge,
  kCopyFrom,
  kCopyTo,
  kDefinition,
  kTransaction,
  kExplain,
  kShow
};

// Text that was parsed once; plans for each combination of parameter types are made when first
// needed, kept, and made anew when a definition that they used has changed. A statement may run
// while results of it are still open.
class Statement {
 public:
  ~Statement();

  const std::string& sql() const;
  StatementKind kind() const;
  // Queries, EXPLAIN, and what has RETURNING: running gives rows.
  bool returns_rows() const;
  // INSERT, UPDATE, DELETE, MERGE, COPY: runs to its end at once and gives a row count.
  bool is_dml() const;

  uint32_t parameter_count() const;
  // Names of `:name` parameters in the order of their numbers; empty when the parameters are `?`.
  const std::vector<std::string>& parameter_names() const;
  // parameter_count() of them, to be handed to ParameterSet::Reset: then values come in the types
  // that the statement needs. As long-lived as the statement.
  const ParameterTarget* parameter_targets() const;

  // A point operation that will be over within microseconds, but for what is waited for
  // (base/wait.h): the host may keep its global lock. What is known of the plan last used; false
  // before the first run.
  bool is_short() const;

  // Runs with row 0 of `parameters` (its count must be parameter_count(): else
  // kWrongParameterCount). Queries: the first vector set is computed here. The result must not
  // outlive... it keeps the statement alive itself. Errors carry position, line and column. The
  // statement is undone as a whole when it fails.
  Result Execute(const ParameterSet& parameters);

  // executemany: one statement over many rows, atomic as a whole. Begin, then any number of
  // batches, then Finish or Cancel. Only for INSERT, UPDATE, DELETE and MERGE (else
  // kFeatureNotSupported). Between the calls no lock is held; the connection may read (it sees the
  // state before), writing or ending the transaction meanwhile is kInvalidTransactionState.
  void BeginBatches();
  void ExecuteBatch(const ParameterSet& parameters);
  // Checks what is checked at the end of the statement; returns the number of rows changed.
  // RETURNING: *returned gets the rows of all batches; nullptr drops them.
  int64_t FinishBatches(Result* returned = nullptr);
  void CancelBatches();  // undoes all batches; harmless when none is open

 private:
  friend class Connection;
  explicit Statement(std::shared_ptr<StatementState> state);
  std::shared_ptr<StatementState> state_;
};

}  // namespace tupelo
