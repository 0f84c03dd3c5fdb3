// engine/statement.cpp: the whole way of a statement: parse, bind, optimize, build, pull.
//
// 1. Prepare parses the text once; the tree lives as long as the statement.
// 2. Execute looks for a plan made for parameters of these types under this catalog. When there is
// none it binds the
//    tree (plan/binder.h) and optimizes (plan/optimizer.h).
// 3. Operators are built from the plan (exec/build.cpp) and kept; a run (engine/run_plan.cpp) takes
// ones that no open result uses.
// 4. INSERT, UPDATE and DELETE run to their end, undone as a whole when they fail, and so do
// queries that lock rows. Other queries compute their first vector set; the result pulls the
// others.
#include "engine/statement.h"

#include <algorithm>

#include "base/interruption_scope.h"
#include "engine/definition.h"
#include "engine/plan_effects.h"
#include "engine/statement_state.h"
#include "engine/stopwatch.h"
#include "plan/binder.h"
#include "plan/optimizer.h"

namespace tupelo {

namespace {

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
  ExclusiveGuard latch(session_->database().latch);
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

StatementProfile* StatementState::BeginProfiledRun() {
  StatementProfile* profile = Profile();
  if (profile == nullptr) return nullptr;
  ++profile->runs;
  if (!parse_reported_) profile->parse_ns += parse_ns_;
  parse_reported_ = true;
  return profile;
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
StatementState::Variant* StatementState::FindFitting(const ParameterSet& parameters) {
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
    return variants_[0].get();
  }
  return nullptr;
}

StatementState::Variant& StatementState::FindVariant(const ParameterSet& parameters) {
  if (Variant* variant = FindFitting(parameters)) {
    if (variant->catalog_serial != session_->PlanSerial()) MakePlan(variant);
    return *variant;
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
  const Plan& plan = *variant->plan;
  variant->shares_latch =
      plan.is_query && !plan.locks_rows && !TakesNumbers(plan) && !ReadsSystemViews(plan);
  for (size_t i = 0; i < variant->types.size(); ++i) {
    // Of a null it is not known where it goes.
    if (variant->types[i].id != TypeId::kNull) {
      parameter_targets_[i].Set(variant->plan->parameter_targets[i]);
    }
  }
}

bool StatementState::is_short() const { return is_short_.load(std::memory_order_relaxed); }

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
    session_->NoteRefusal(error);
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
