// engine/explain.cpp: EXPLAIN and EXPLAIN ANALYZE: the plan as rows of text.
#include "plan/explain.h"

#include <fmt/format.h>
#include <unordered_map>

#include "engine/statement_state.h"
#include "engine/text_rows.h"

namespace tupelo {

namespace {

using OperatorMap = std::unordered_map<const PlanNode*, const Operator*>;

void CollectOperators(const Operator& root, OperatorMap* operators) {
  (*operators)[&root.node()] = &root;
  for (size_t i = 0; const Operator* child = root.child(i); ++i)
    CollectOperators(*child, operators);
}

}  // namespace

Result StatementState::RunExplain(const ParameterSet& parameters) {
  const auto& explain = ast::As<ast::ExplainStatement>(*parsed_.statement);
  const ast::Statement& inner = *explain.statement;
  bool is_query = inner.kind == ast::StatementKind::kQuery;
  ExclusiveGuard latch(session_->database().latch);
  session_->BeginStatement();
  UndoMark mark = session_->database().transactions.Mark(session_->OpenTransaction());
  try {
    SessionState::ReadingScope reading(session_.get());
    std::vector<Type> types;
    for (uint32_t i = 0; i < parameters.count(); ++i) types.push_back(parameters.type(i));
    std::vector<std::string_view> fired;  // rules of the optimizer
    std::shared_ptr<const Plan> plan = BindAndOptimize(inner, types, &fired);
    bool only_reads = is_query && !plan->locks_rows;
    if (!only_reads && explain.analyze) session_->ThrowUnlessWritable(*plan, inner.position);
    if (explain.analyze) session_->ThrowIfTakesNumbers(*plan, inner.position);
    OperatorMap operators;
    std::unique_ptr<Execution> run;
    if (explain.analyze) {
      run = std::make_unique<Execution>(plan, session_.get());
      if (is_query) {
        run->StartQuery(parameters, true);
        while (run->NextChunk() != nullptr) {
        }
      } else {
        session_->BeginChanges();
        run->RunWrite(parameters, true);
        session_->ReportChanges();
      }
      CollectOperators(run->root(), &operators);
      for (const auto& table : run->common_tables()) CollectOperators(table->root(), &operators);
    }
    auto measured = [&](const PlanNode& node) {
      auto found = operators.find(&node);
      if (found == operators.end()) return std::string();
      return fmt::format("(actual rows={} time={:.3f} ms)", found->second->rows_out(),
                         static_cast<double>(found->second->time_ns()) / 1e6);
    };
    std::vector<std::string> text = ExplainPlan(*plan, measured);
    std::string rules;
    for (std::string_view rule : fired) {
      rules += (rules.empty() ? "Rules: " : ", ") + std::string(rule);
    }
    if (!rules.empty()) text.push_back(rules);
    std::vector<std::vector<std::string>> rows;
    for (std::string& line : text) rows.push_back({std::move(line)});
    auto lines = std::make_unique<Execution>(PlanOfText({"PLAN"}, rows), session_.get());
    lines->StartQuery(ParameterSet(), false);
    Result result = Hand(std::move(lines));
    session_->EndStatement(true);
    return result;
  } catch (...) {
    session_->database().transactions.RollbackTo(session_->OpenTransaction(), mark);
    session_->EndStatement(false);
    throw;
  }
}

}  // namespace tupelo
