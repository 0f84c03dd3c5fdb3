// engine/execution.cpp: starting, stepping and ending a run.
#include "engine/execution.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/interruption_scope.h"
#include "base/work_memory.h"
#include "exec/read_scope.h"
#include "exec/subquery.h"

namespace tupelo {

namespace {

// Whether some expression is CURRENT_TIMESTAMP or its kin: then the run must know what time it is.
bool UsesTime(PlanNode& node) {
  bool uses = false;
  VisitNodeExpressions(node, [&](ExpressionPtr& expression) {
    VisitExpressions(*expression, [&](BoundExpression& part) {
      uses |= part.kind == BoundKind::kCall && !part.function.is_deterministic;
      if (part.plan != nullptr) uses |= UsesTime(*part.plan);
    });
  });
  for (ExpressionPtr& check : node.checks) {
    VisitExpressions(*check, [&](BoundExpression& part) {
      uses |= part.kind == BoundKind::kCall && !part.function.is_deterministic;
    });
  }
  for (ViewCheckPlan& check : node.view_checks) {
    VisitExpressions(*check.condition, [&](BoundExpression& part) {
      uses |= part.kind == BoundKind::kCall && !part.function.is_deterministic;
      if (part.plan != nullptr) uses |= UsesTime(*part.plan);
    });
  }
  for (PlanPtr& child : node.children) uses |= UsesTime(*child);
  return uses;
}

// The node that writes: the root, or what is below its RETURNING.
const PlanNode& WriteOf(const PlanNode& root) {
  return root.kind == PlanKind::kProject ? *root.children[0] : root;
}

TableWriteOperator* FindWriter(Operator* root) {
  if (auto* writer = dynamic_cast<TableWriteOperator*>(root)) return writer;
  return dynamic_cast<TableWriteOperator*>(const_cast<Operator*>(root->child(0)));
}

// Whether executemany may give many rows of parameters to one run of the plan. DO UPDATE is not for
// that: a row may be changed by one parameter row after the other, but once by each.
bool IsVectorizedInsert(const PlanNode& write) {
  if (write.kind != PlanKind::kInsert || write.children[0]->kind != PlanKind::kValues ||
      write.children[0]->rows.size() != 1 ||
      (write.conflict != nullptr && write.conflict->updates)) {
    return false;
  }
  return std::ranges::none_of(write.children[0]->rows[0],
                              [](const ExpressionPtr& value) { return HasSubquery(*value); });
}

}  // namespace

Execution::Execution(std::shared_ptr<const Plan> plan, SessionState* session)
    : plan_(std::move(plan)), session_(session) {
  PlanNode& root = *plan_->root;
  context_.parameters.reserve(plan_->parameter_types.size());
  for (const Type& type : plan_->parameter_types) context_.parameters.emplace_back(type);
  context_.transactions = &session->database().transactions;
  context_.catalog = session->CatalogNow().get();
  context_.threads = plan_->threads;
  context_.pool = &session->database().workers;
  context_.system_views = &session->system_views();
  for (const CommonTablePlan& table : plan_->common_tables) {
    common_tables_.push_back(std::make_unique<CommonTableRows>(table, &context_));
  }
  root_ = BuildResult(root, &context_, nullptr);
  is_detached_ = plan_->is_query && plan_->is_short;
  if (!plan_->is_query) {
    writer_ = FindWriter(root_.get());
    vectorized_insert_ = IsVectorizedInsert(WriteOf(root));
  }
  uses_time_ = UsesTime(root);
  for (const CommonTablePlan& table : plan_->common_tables) uses_time_ |= UsesTime(*table.plan);
  if (!plan_->returns_rows) return;
  columns_.reserve(root.output.size());
  for (const OutputColumn& column : root.output) {
    columns_.push_back({column.name->spelling, column.type, column.nullable});
  }
}

Execution::~Execution() = default;

void Execution::CloseOperators() {
  root_->Close();
  for (auto& table : common_tables_) table->Release();
  for (Subquery* subquery : context_.subqueries) subquery->Forget();
  context_.subqueries.clear();
}

void Execution::SetContext(bool measure) {
  context_.transaction = session_->transaction();
  context_.reads = context_.transaction == nullptr ? nullptr : context_.transaction->reads();
  context_.latch = nullptr;
  context_.latch_slot = session_->latch_slot();
  context_.catalog = session_->CatalogNow().get();
  context_.deferred = &session_->deferred();
  context_.evaluation.user_name = session_->user_name();
  session_->BeginInterruption(&context_.interruption);
  context_.evaluation.interruption = &context_.interruption;
  context_.evaluation.time_zone = session_->settings().time_zone;
  context_.copy_progress = SessionState::ReportCopy;
  context_.copy_progress_argument = session_;
  context_.numbers = &session_->numbers;
  context_.changed_rows = session_->hooks.where_to_note();
  DatabaseState& database = session_->database();
  context_.unlogged_sequences =
      database.transactions.is_logged() ? &database.unlogged_sequences : nullptr;
  context_.batch_rows = 1;
  ++context_.run;
  context_.measure = measure;
  // What a short plan gives is one vector set in any case.
  context_.vector_size = plan_->is_short ? kVectorSize : session_->settings().vector_size;
  context_.is_plain = !measure && context_.vector_size >= kVectorSize;
  context_.gave_identity = false;
  context_.view = &view_;
  if (uses_time_) {
    context_.evaluation.statement_time_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count();
  }
}

// Rows that outlive the call get copies of the parameters; else they are looked at where they are.
void Execution::SetParameters(const ParameterSet& parameters, bool copy) {
  for (uint32_t i = 0; i < context_.parameters.size(); ++i) {
    Vector& target = context_.parameters[i];
    const Vector& source = parameters.column(i);
    if (!source.IsValid(0)) {
      target.SetConstantNull();
    } else if (copy) {
      target.PrepareWrite(1);
      target.Append(0, source, Rows{nullptr, 1}, true);
      target.SetConstant(true);
    } else {
      target.Borrow(const_cast<void*>(source.RawData()), nullptr);
      target.SetConstant(true);
    }
  }
}

// What a short plan gives is one vector set, copied out: nothing is needed any more. All else keeps
// its snapshot.
void Execution::StartQuery(const ParameterSet& parameters, bool measure, Steps steps) {
  SetContext(measure);
  SetParameters(parameters, true);
  view_ = session_->ViewOfQuery();
  kept_ = nullptr;
  handed_.SetRows(0);
  handed_rows_ = nullptr;
  at_end_ = false;
  if (plan_->is_short) {
    try {
      root_->Open();
      first_ = root_->Next();
    } catch (...) {
      CloseOperators();
      at_end_ = true;
      throw;
    }
    CloseOperators();
    at_end_ = true;
    return;
  }
  context_.latch = &session_->database().latch;
  session_->ReserveOpen();
  std::optional<SessionState::WithoutLatch> without_latch;
  if (steps == Steps::kMany) {
    KeepSnapshot();
    without_latch.emplace(session_, SessionState::Snapshots::kLost);
  }
  InterruptionScope scope(&context_.interruption);
  WorkMemoryScope memory(&context_.transactions->work_memory());
  try {
    root_->Open();
    first_ = root_->Next();
  } catch (...) {
    End();
    throw;
  }
  context_.interruption.Pause();
  if (first_ == nullptr) {
    End();
  } else if (!is_open_) {
    KeepSnapshot();
  }
}

// [latch] Behind ReserveOpen.
void Execution::KeepSnapshot() {
  context_.transactions->RegisterView(&view_, ViewUse::kResult, session_->owner());
  is_open_ = true;
  session_->AddOpen(this);
}

void Execution::RunLocking(const ParameterSet& parameters) {
  StartQuery(parameters, false);
  if (!is_open_) return;
  InterruptionScope scope(&context_.interruption);
  context_.interruption.Resume();
  try {
    Materialize();
  } catch (...) {
    End();
    throw;
  }
  context_.interruption.Pause();
}

// The operators' vector set as the reader gets it: by reference, so that Materialize can replace
// it.
const Chunk* Execution::HandOut(const Chunk* chunk) {
  if (!is_open_) return chunk;
  if (handed_.column_count() != chunk->column_count()) {
    std::vector<Type> types;
    for (const OutputColumn& column : plan_->root->output) types.push_back(column.type);
    handed_.Init(types);
  }
  for (size_t i = 0; i < chunk->column_count(); ++i) handed_.column(i).Reference(chunk->column(i));
  handed_.SetRows(chunk->rows());
  return &handed_;
}

const Chunk* Execution::NextChunk() {
  if (first_ != nullptr) {
    Chunk* chunk = first_;
    first_ = nullptr;
    return HandOut(chunk);
  }
  if (kept_ != nullptr) {
    if (kept_set_ == kept_->set_count()) return nullptr;
    return &kept_->set(kept_set_++);
  }
  if (at_end_) return nullptr;
  InterruptionScope scope(&context_.interruption);
  WorkMemoryScope memory(&context_.transactions->work_memory());
  try {
    context_.interruption.Resume();
    Chunk* chunk = root_->Next();
    context_.interruption.Pause();
    if (chunk != nullptr) return HandOut(chunk);
  } catch (...) {
    End();
    throw;
  }
  End();
  return nullptr;
}

void Execution::Materialize() {
  // Of one that has lost its snapshot nothing can be read; its reader hears of that.
  if (!is_open_ || kept_ != nullptr || view_.is_lost()) return;
  SessionState::ReadingScope reading(session_);
  WorkMemoryScope memory(&context_.transactions->work_memory());
  std::vector<Type> types;
  for (const OutputColumn& column : plan_->root->output) types.push_back(column.type);
  if (handed_.row_count() > 0) {
    handed_rows_ = std::make_unique<RowCollection>(types);
    handed_rows_->Append(handed_);
    const Chunk& copy = handed_rows_->set(0);
    for (size_t i = 0; i < types.size(); ++i) handed_.column(i).Reference(copy.column(i));
    handed_.SetRows(copy.rows());
  }
  auto kept = std::make_unique<RowCollection>(std::move(types));
  if (first_ != nullptr) kept->Append(*first_);
  first_ = nullptr;
  while (Chunk* chunk = root_->Next()) kept->Append(*chunk);
  End();
  kept_ = std::move(kept);
  kept_set_ = 0;
}

void Execution::End() {
  first_ = nullptr;
  if (!at_end_) CloseOperators();
  at_end_ = true;
  if (!is_open_) return;
  ExclusiveGuard latch(session_->database().latch);
  is_open_ = false;
  context_.transactions->UnregisterView(&view_);
  session_->RemoveOpen(this);
}

void Execution::Disconnect() {
  at_end_ = true;
  first_ = nullptr;
  kept_ = nullptr;
  root_ = nullptr;
  common_tables_.clear();
  context_.shared_rows.clear();
  plan_ = nullptr;
}

void Execution::NoteIdentity() {
  if (WriteOf(*plan_->root).kind != PlanKind::kInsert) return;
  session_->has_identity = context_.gave_identity;
  session_->last_identity = context_.last_identity;
}

// The rows of RETURNING come when all of the statement has succeeded, so they are kept until then.
void Execution::KeepReturned() {
  kept_set_ = 0;
  if (kept_ != nullptr) return kept_->Clear();  // from the run before: mostly with room enough
  std::vector<Type> types;
  for (const OutputColumn& column : plan_->root->output) types.push_back(column.type);
  kept_ = std::make_unique<RowCollection>(std::move(types));
}

void Execution::AdoptReturned(Execution& other) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (SameType(columns_[i].type, other.columns_[i].type)) continue;
    throw Error(ErrorCode::kDatatypeMismatch,
                "column " + columns_[i].name + " of RETURNING is " + columns_[i].type.ToString() +
                    " for some parameters and " + other.columns_[i].type.ToString() +
                    " for others; use CAST");
  }
  for (size_t set = 0; set < other.kept_->set_count(); ++set) {
    kept_->Append(other.kept_->set(set));
  }
}

void Execution::WriteAll() {
  root_->Open();
  while (Chunk* chunk = root_->Next()) kept_->Append(*chunk);
}

int64_t Execution::RunWrite(const ParameterSet& parameters, bool measure, Steps steps) {
  SetContext(measure);
  SetParameters(parameters, false);
  context_.transactions->NextStatement(context_.transaction);
  view_ = context_.transaction->View();
  if (plan_->returns_rows) KeepReturned();
  InterruptionScope scope(plan_->is_short ? nullptr : &context_.interruption);
  WorkMemoryScope memory(plan_->is_short ? nullptr : &context_.transactions->work_memory());
  std::optional<SessionState::WithoutLatch> without_latch;
  try {
    writer_->BeginStatement();
    if (steps == Steps::kMany) {
      context_.latch = &session_->database().latch;
      without_latch.emplace(session_, SessionState::Snapshots::kKept);
    }
    WriteAll();
    WriteScope finishing(&context_);
    writer_->FinishStatement();
  } catch (...) {
    CloseOperators();
    throw;
  }
  CloseOperators();
  NoteIdentity();
  return static_cast<int64_t>(writer_->rows_changed());
}

}  // namespace tupelo
