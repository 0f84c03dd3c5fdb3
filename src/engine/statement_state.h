// engine/statement_state.h: a prepared statement's parts: text, tree, and plans by types of
// parameters.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "engine/execution.h"
#include "engine/statement.h"
#include "sql/parser.h"

namespace tupelo {

// COPY TO as well, which changes files.
inline bool IsWrite(StatementKind kind) {
  return kind == StatementKind::kInsert || kind == StatementKind::kUpdate ||
         kind == StatementKind::kDelete || kind == StatementKind::kMerge ||
         kind == StatementKind::kCopyFrom || kind == StatementKind::kCopyTo;
}

// Guarded by the session's turn. The session outlives it; when the session is closed it has no
// plans any more.
class StatementState : public std::enable_shared_from_this<StatementState> {
 public:
  StatementState(std::shared_ptr<SessionState> session, std::string_view sql);
  ~StatementState();

  Result Execute(const ParameterSet& parameters);
  void BeginBatches();
  void ExecuteBatch(const ParameterSet& parameters);
  int64_t FinishBatches(Result* returned);
  void CancelBatches();

  // An execution comes back from a result.
  void GiveBack(Execution* execution);
  // [latch] The session ends: nothing of its tables stays, in results neither.
  void ForgetPlans();
  // [latch] The same of plans that no result uses.
  void ForgetIdlePlans() { variants_.clear(); }

  SessionState& session() { return *session_; }
  const std::string& sql() const { return sql_; }
  StatementKind kind() const { return kind_; }
  uint32_t parameter_count() const { return parsed_.parameter_count; }
  const std::vector<std::string>& parameter_names() const { return parameter_names_; }
  const ParameterTarget* parameter_targets() const { return parameter_targets_.get(); }
  // Not one that waits for the log in the end.
  bool is_short() const;
  bool returns_rows() const { return returns_rows_; }

  // Plans made and not given up yet, their runs, and results that are open. [latch]
  struct Use {
    uint64_t plans = 0, runs = 0, open_results = 0;
  };
  Use CountUse() const;

 private:
  friend class SessionState;
  // Room for the tree of a short statement; the allocator has a quick way for so few bytes.
  static constexpr size_t kTreeBytes = 1000;

  // The plan for one combination of parameter types, and operators built from it that no result
  // uses.
  struct Variant {
    std::vector<Type> types;
    std::shared_ptr<const Plan> plan;
    uint64_t catalog_serial = 0;
    // A query that only reads tables: it shares the latch with others, all the time where the plan
    // is short, else for each step.
    bool shares_latch = false;
    std::vector<std::unique_ptr<Execution>> idle;
  };

  // nullptr: there is none for parameters of these types.
  Variant* FindFitting(const ParameterSet& parameters);
  Variant& FindVariant(const ParameterSet& parameters);
  void MakePlan(Variant* variant);
  std::shared_ptr<const Plan> BindAndOptimize(const ast::Statement& statement,
                                              const std::vector<Type>& types,
                                              std::vector<std::string_view>* fired = nullptr);
  std::unique_ptr<Execution> TakeExecution(Variant* variant);
  void CheckParameters(const ParameterSet& parameters) const;
  // A query that can share the latch from its beginning to its end; false: it is not one now.
  bool ReadAsIs(const ParameterSet& parameters, Result* result);
  Result RunPlan(const ParameterSet& parameters);
  // One run of RunPlan, which may be one of several.
  struct Attempt {
    bool may_take_steps = true;  // where it writes
    bool took_steps = false;
  };
  Result TryPlan(const ParameterSet& parameters, Attempt* attempt);
  Result RunQuery(Variant* variant, const ParameterSet& parameters);
  Result RunLocking(Variant* variant, const ParameterSet& parameters);
  Result RunWrite(Variant* variant, const ParameterSet& parameters, Attempt* attempt);
  Result RunExplain(const ParameterSet& parameters);
  Result RunShow();
  Result Hand(std::unique_ptr<Execution> execution);
  void UndoBatches();
  void LeaveToParent();
  StatementProfile* Profile();
  StatementProfile* BeginProfiledRun();

  std::shared_ptr<SessionState> session_;  // first: goes last
  std::string sql_;
  Arena arena_{kTreeBytes};
  ParsedStatement parsed_;
  StatementKind kind_ = StatementKind::kQuery;
  std::vector<std::string> parameter_names_;
  std::unique_ptr<ParameterTarget[]> parameter_targets_;  // nullptr without parameters
  std::atomic<bool> is_short_{false};                     // also read without the turn
  bool returns_rows_ = false;
  int64_t parse_ns_ = 0;
  bool parse_reported_ = false;
  std::vector<std::unique_ptr<Variant>> variants_;  // last used first
  std::vector<Execution*> in_use_;                  // by results
  StatementState* previous_ = nullptr;              // of the session's
  StatementState* next_ = nullptr;

  // executemany
  bool in_batches_ = false;
  UndoMark batch_mark_;
  int64_t batch_rows_ = 0;
  std::vector<std::unique_ptr<Execution>> batch_executions_;
};

template <typename Visit>
void SessionState::VisitStatements(Visit&& visit) const {
  for (StatementState* each = statements_; each != nullptr; each = each->next_) visit(*each);
}

}  // namespace tupelo
