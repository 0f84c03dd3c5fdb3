// engine/show.cpp: SHOW: settings as rows of text.
#include "engine/settings.h"
#include "engine/statement_state.h"
#include "engine/text_rows.h"

namespace tupelo {

namespace {

std::shared_ptr<const Plan> PlanOfShown(const ast::Identifier& name, const Settings& settings,
                                        const DatabaseState& database) {
  if (!name.empty()) {
    ShownSetting shown = ShowSetting(name, settings, database);
    return PlanOfText({shown.name}, {{shown.value}});
  }
  std::vector<std::vector<std::string>> rows;
  for (ShownSetting& shown : ShowSettings(settings, database)) {
    rows.push_back({std::string(shown.name), shown.value, std::string(shown.description)});
  }
  return PlanOfText({"name", "value", "description"}, rows);
}

}  // namespace

Result StatementState::RunShow() {
  const auto& show = ast::As<ast::ShowStatement>(*parsed_.statement);
  DatabaseState& database = session_->database();
  ExclusiveGuard latch(database.latch);
  try {
    session_->BeginStatement();
    auto execution = std::make_unique<Execution>(
        PlanOfShown(show.name, session_->settings(), database), session_.get());
    execution->StartQuery(ParameterSet(), false);
    Result result = Hand(std::move(execution));
    session_->EndStatement(true);
    return result;
  } catch (...) {
    session_->EndStatement(false);
    throw;
  }
}

}  // namespace tupelo
