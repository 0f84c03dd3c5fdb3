// engine/statement.cpp: the whole way of a statement: parse, bind, optimize, build, pull.
//
// 1. Prepare parses the text once; the tree lives as long as the statement.
// 2. Execute looks for a plan made for parameters of these types under this catalog. When there is
// none it binds the
//    tree (plan/binder.h) and optimizes (plan/optimizer.h).
// 3. Operators are built from the plan (exec/build.cpp) and kept; a run takes ones that no open
// result uses.
// 4. INSERT, UPDATE and DELETE run to their end, undone as a whole when they fail, and so do
// queries that lock rows. Other queries compute their first vector set; the result pulls the
// others.
#include "engine/statement.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/interruption_scope.h"
#include "engine/definition.h"
#include "engine/statement_state.h"
#include "plan/binder.h"
#include "plan/optimizer.h"
#include "txn/conflict.h"

namespace tupelo {

namespace {

// Adds the time of a scope to a counter of the profile, when there is one.
class Stopwatch {
 public:
  explicit Stopwatch(int64_t* total_ns) : total_ns_(total_ns) {
    if (total_ns_ != nullptr) begin_ = std::chrono::steady_clock::now();
  }
  ~Stopwatch() {
    if (total_ns_ == nullptr) return;
    *total_ns_ += std::chrono::duration_cast<std::chrono::nanoseconds>(
                      std::chrono::steady_clock::now() - begin_)
                      .count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  int64_t* total_ns_;
  std::chrono::steady_clock::time_point begin_;
};

StatementKind KindOf(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kQuery: return StatementKind::kQuery;
    case ast::StatementKind::kInsert: return StatementKind::kInsert;
    case ast::StatementKind::kUpdate: return StatementKind::kUpdate;
    case ast::StatementKind::kDelete: return StatementKind::kDelete;
    case ast::StatementKind::kMerge: return StatementKind::kMerge;
    case ast::StatementKind::kCopy:
      return ast::As<ast::CopyStatement>(statement).to_file ? StatementKind::kCopyTo
                                                            : StatementKind::kCopyFrom;
    case ast::StatementKind::kExplain: return StatementKind::kExplain;
    case ast::StatementKind::kShow: return StatementKind::kShow;
    default:
      return IsDefinition(statement.kind) ? StatementKind::kDefinition
                                          : StatementKind::kTransaction;
  }
}

bool IsWrite(StatementKind kind) {
  return kind == StatementKind::kInsert || kind == StatementKind::kUpdate ||
         kind == StatementKind::kDelete || kind == StatementKind::kMerge ||
         kind == StatementKind::kCopyFrom || kind == StatementKind::kCopyTo;
}

bool HasReturning(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kInsert:
      return !ast::As<ast::InsertStatement>(statement).returning.empty();
    case ast::StatementKind::kUpdate:
      return !ast::As<ast::UpdateStatement>(statement).returning.empty();
    case ast::StatementKind::kDelete:
      return !ast::As<ast::DeleteStatement>(statement).returning.empty();
    case ast::StatementKind::kMerge:
      return !ast::As<ast::MergeStatement>(statement).returning.empty();
    default: return false;
  }
}

}  // namespace

StatementState::StatementState(std::shared_ptr<SessionState> session, std::string_view sql)
    : session_(std::move(session)), sql_(sql) {
  Stopwatch watch(session_->profile != nullptr ? &parse_ns_ : nullptr);
  try {
    parsed_ = ParseStatement(sql_, arena_);
  } catch (Error& error) {
    error.Locate(sql_);
    throw;
  }
  kind_ = KindOf(*parsed_.statement);
  returns_rows_ = kind_ == StatementKind::kQuery || kind_ == StatementKind::kExplain ||
                  kind_ == StatementKind::kShow || HasReturning(*parsed_.statement);
  for (std::string_view name : parsed_.parameter_names) parameter_names_.emplace_back(name);
  if (parsed_.parameter_count != 0) {
    parameter_targets_ = std::make_unique<ParameterTarget[]>(parsed_.parameter_count);
  }
  session_->AddStatement(this);
}

StatementState::~StatementState() {
  TurnGuard turn(session_->turn);
  session_->RemoveStatement(this);
  if (session_->is_of_parent()) LeaveToParent();
  if (session_->is_closed()) return;
  TurnGuard latch(session_->database().latch);
  CancelBatches();
  variants_.clear();
}

// What refers to tables stays for good: nobody knows what state they are in.
void StatementState::LeaveToParent() {
  static_cast<void>(new auto(std::move(variants_)));
  static_cast<void>(new auto(std::move(batch_executions_)));
}

void StatementState::ForgetPlans() {
  in_batches_ = false;
  batch_executions_.clear();
  for (Execution* execution : in_use_) execution->Disconnect();
  variants_.clear();
}

StatementState::Use StatementState::CountUse() const {
  Use use;
  use.plans = variants_.size();
  use.open_results = in_use_.size();
  for (const auto& variant : variants_) {
    for (const auto& execution : variant->idle) use.runs += execution->run_count();
  }
  for (const Execution* execution : in_use_) use.runs += execution->run_count();
  return use;
}

StatementProfile* StatementState::Profile() {
  if (session_->profile == nullptr) return nullptr;
  for (StatementProfile& profile : *session_->profile) {
    if (profile.sql == sql_) return &profile;
  }
  session_->profile->emplace_back().sql = sql_;
  return &session_->profile->back();
}

void StatementState::CheckParameters(const ParameterSet& parameters) const {
  if (parameters.count() == parsed_.parameter_count &&
      (parameters.count() == 0 || parameters.row_count() != 0)) {
    return;
  }
  throw Error(ErrorCode::kWrongParameterCount,
              "the statement has " + std::to_string(parsed_.parameter_count) + " parameters, but " +
                  std::to_string(parameters.count()) + " values were given");
}

// A null fits a parameter of any type; a plan made for a null fits nulls alone.
StatementState::Variant& StatementState::FindVariant(const ParameterSet& parameters) {
  uint64_t serial = session_->PlanSerial();
  for (size_t v = 0; v < variants_.size(); ++v) {
    Variant& variant = *variants_[v];
    bool fits = true;
    for (uint32_t i = 0; i < parameters.count() && fits; ++i) {
      const Type& type = parameters.type(i);
      fits = SameType(type, variant.types[i]) || type.id == TypeId::kNull;
    }
    if (!fits) continue;
    if (v != 0)
      std::rotate(variants_.begin(), variants_.begin() + static_cast<ptrdiff_t>(v),
                  variants_.begin() + static_cast<ptrdiff_t>(v) + 1);
    if (variant.catalog_serial != serial) MakePlan(variants_[0].get());
    return *variants_[0];
  }
  constexpr size_t kMaxVariants = 16;
  if (variants_.size() == kMaxVariants) variants_.pop_back();
  auto variant = std::make_unique<Variant>();
  for (uint32_t i = 0; i < parameters.count(); ++i) variant->types.push_back(parameters.type(i));
  MakePlan(variant.get());
  variants_.insert(variants_.begin(), std::move(variant));
  return *variants_[0];
}

void StatementState::MakePlan(Variant* variant) {
  variant->idle.clear();
  variant->plan = BindAndOptimize(*parsed_.statement, variant->types);
  variant->catalog_serial = session_->PlanSerial();
  for (size_t i = 0; i < variant->types.size(); ++i) {
    // Of a null it is not known where it goes.
    if (variant->types[i].id != TypeId::kNull) {
      parameter_targets_[i].Set(variant->plan->parameter_targets[i]);
    }
  }
}

bool StatementState::is_short() const {
  return is_short_ && !(IsWrite(kind_) && session_->commits_to_log());
}

std::shared_ptr<const Plan> StatementState::BindAndOptimize(const ast::Statement& statement,
                                                            const std::vector<Type>& types,
                                                            std::vector<std::string_view>* fired) {
  StatementProfile* profile = Profile();
  Interruption interruption;
  session_->BeginInterruption(&interruption);
  InterruptionScope scope(&interruption);
  auto plan = std::make_shared<Plan>();
  {
    Stopwatch watch(profile != nullptr ? &profile->bind_ns : nullptr);
    *plan = Binder(*session_->CatalogNow(), types).Bind(statement);
  }
  Stopwatch watch(profile != nullptr ? &profile->plan_ns : nullptr);
  Optimize(plan.get(), {session_->settings().disabled_rules, fired});
  plan->threads = session_->settings().threads;
  return plan;
}

// What is reserved here lets neither Hand nor GiveBack fail.
std::unique_ptr<Execution> StatementState::TakeExecution(Variant* variant) {
  if (in_use_.size() == in_use_.capacity()) in_use_.reserve(2 * in_use_.size() + 2);
  is_short_ = variant->plan->is_short;
  if (variant->idle.empty()) {
    Interruption interruption;
    session_->BeginInterruption(&interruption);
    InterruptionScope scope(&interruption);
    variant->idle.reserve(in_use_.size() + 1);
    return std::make_unique<Execution>(variant->plan, session_.get());
  }
  std::unique_ptr<Execution> execution = std::move(variant->idle.back());
  variant->idle.pop_back();
  return execution;
}

void StatementState::GiveBack(Execution* execution) {
  std::unique_ptr<Execution> owned(execution);
  std::erase(in_use_, execution);
  if (session_->is_closed()) return;
  for (auto& variant : variants_) {
    if (variant->plan.get() != &owned->plan()) continue;
    variant->idle.push_back(std::move(owned));
    return;
  }
  TurnGuard latch(session_->database().latch);  // the plan may be the last to know a dropped table
  owned = nullptr;
}

Result StatementState::Hand(std::unique_ptr<Execution> execution) {
  Result result;
  execution->in_use_by_ = shared_from_this();
  in_use_.push_back(execution.get());
  result.execution_ = execution.release();
  return result;
}

Result StatementState::RunQuery(Variant* variant, const ParameterSet& parameters) {
  std::unique_ptr<Execution> execution = TakeExecution(variant);
  execution->StartQuery(parameters, false);
  return Hand(std::move(execution));
}

// FOR UPDATE and FOR SHARE: what fails has locked nothing.
Result StatementState::RunLocking(Variant* variant, const ParameterSet& parameters) {
  std::unique_ptr<Execution> execution = TakeExecution(variant);
  UndoMark mark = session_->database().transactions.Mark(session_->OpenTransaction());
  try {
    execution->RunLocking(parameters);
    return Hand(std::move(execution));
  } catch (...) {
    session_->database().transactions.RollbackTo(session_->OpenTransaction(), mark);
    throw;
  }
}

Result StatementState::RunWrite(Variant* variant, const ParameterSet& parameters) {
  std::unique_ptr<Execution> execution = TakeExecution(variant);
  UndoMark mark = session_->database().transactions.Mark(session_->OpenTransaction());
  int64_t rows;
  try {
    // COPY TO may run between the batches of executemany, whose changes these are.
    const bool changes_rows = kind_ != StatementKind::kCopyTo;
    if (changes_rows) session_->BeginChanges();
    rows = execution->RunWrite(parameters, false);
    if (changes_rows) session_->ReportChanges();
  } catch (...) {
    session_->database().transactions.RollbackTo(session_->OpenTransaction(), mark);
    throw;
  }
  Result result;
  if (execution->plan().returns_rows) {
    result = Hand(std::move(execution));
  } else {
    variant->idle.push_back(std::move(execution));
  }
  result.row_count_ = rows;
  return result;
}

Result StatementState::RunPlan(const ParameterSet& parameters) {
  TurnGuard latch(session_->database().latch);
  std::optional<SessionState::ConflictWait> wait;
  for (;;) {
    try {
      return TryPlan(parameters);
    } catch (const ConflictError& conflict) {
      if (!wait.has_value()) wait.emplace();
      if (!session_->WaitFor(conflict, &*wait)) throw;
    }
  }
}

Result StatementState::TryPlan(const ParameterSet& parameters) {
  Result result;
  try {
    session_->BeginStatement();
    SessionState::ReadingScope reading(session_.get());
    Variant& variant = FindVariant(parameters);
    bool locks = variant.plan->locks_rows;
    if (locks || (IsWrite(kind_) && kind_ != StatementKind::kCopyTo)) {
      session_->ThrowUnlessWritable(*variant.plan, parsed_.statement->position);
    }
    session_->ThrowIfTakesNumbers(*variant.plan, parsed_.statement->position);
    StatementProfile* profile = Profile();
    Stopwatch watch(profile != nullptr ? &profile->execute_ns : nullptr);
    if (profile != nullptr) {
      ++profile->runs;
      if (!parse_reported_) profile->parse_ns += parse_ns_;
      parse_reported_ = true;
    }
    if (IsWrite(kind_)) {
      result = RunWrite(&variant, parameters);
    } else {
      result = locks ? RunLocking(&variant, parameters) : RunQuery(&variant, parameters);
    }
  } catch (...) {
    session_->EndStatement(false);
    throw;
  }
  session_->EndStatement(true);
  return result;
}

Result StatementState::Execute(const ParameterSet& parameters) {
  TurnGuard turn(session_->turn);
  session_->ThrowIfClosed();
  session_->interrupted.store(false, std::memory_order_relaxed);
  CheckParameters(parameters);
  Result result;
  try {
    switch (kind_) {
      case StatementKind::kDefinition:
        session_->RunDefinition(*parsed_.statement, parameters);
        break;
      case StatementKind::kTransaction:
        session_->RunTransactionStatement(*parsed_.statement);
        break;
      case StatementKind::kExplain: result = RunExplain(parameters); break;
      case StatementKind::kShow: result = RunShow(); break;
      default: result = RunPlan(parameters);
    }
    session_->WaitDurable();
    return result;
  } catch (Error& error) {
    error.Locate(sql_);
    throw;
  }
}

Statement::Statement(std::shared_ptr<StatementState> state) : state_(std::move(state)) {}
Statement::~Statement() = default;
const std::string& Statement::sql() const { return state_->sql(); }
StatementKind Statement::kind() const { return state_->kind(); }
bool Statement::returns_rows() const { return state_->returns_rows(); }
bool Statement::is_dml() const { return IsWrite(kind()); }
uint32_t Statement::parameter_count() const { return state_->parameter_count(); }
const std::vector<std::string>& Statement::parameter_names() const {
  return state_->parameter_names();
}
const ParameterTarget* Statement::parameter_targets() const { return state_->parameter_targets(); }
bool Statement::is_short() const { return state_->is_short(); }
Result Statement::Execute(const ParameterSet& parameters) { return state_->Execute(parameters); }
void Statement::BeginBatches() { state_->BeginBatches(); }
void Statement::ExecuteBatch(const ParameterSet& parameters) { state_->ExecuteBatch(parameters); }
int64_t Statement::FinishBatches(Result* returned) { return state_->FinishBatches(returned); }
void Statement::CancelBatches() { state_->CancelBatches(); }

}  // namespace tupelo
