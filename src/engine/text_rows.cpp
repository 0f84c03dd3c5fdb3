// engine/text_rows.cpp: rows of constants.
#include "engine/text_rows.h"

namespace tupelo {

std::shared_ptr<const Plan> PlanOfText(const std::vector<std::string_view>& headings,
                                       const std::vector<std::vector<std::string>>& rows) {
  auto plan = std::make_shared<Plan>();
  plan->is_query = plan->returns_rows = true;
  plan->root = std::make_unique<PlanNode>(PlanKind::kValues);
  for (std::string_view heading : headings) {
    const Name& name = *plan->names.emplace_back(std::make_unique<const Name>(heading, true));
    plan->root->output.push_back({plan->next_column++, Type::Varchar(), false, NameRef(name)});
  }
  for (const std::vector<std::string>& row : rows) {
    plan->root->rows.emplace_back();
    for (const std::string& value : row) {
      plan->root->rows.back().push_back(MakeConstant(Value::Text(Type::Varchar(), value)));
    }
  }
  return plan;
}

}  // namespace tupelo
