// plan/scan_text.cpp: tables and system views by schema, name and alias.
#include "plan/scan_text.h"

#include "catalog/catalog.h"

namespace tupelo {

std::string TableText(const PlanNode& node) {
  std::string text = node.table->schema.key == kDefaultSchema || node.table->schema.empty() ||
                             node.table->lifetime == TableLifetime::kSession
                         ? std::string()
                         : node.table->schema.spelling + ".";
  text += node.table->name.spelling;
  if (!node.table_alias.empty() && node.table_alias != node.table->name.spelling) {
    text += " AS " + node.table_alias;
  }
  return text;
}

std::string SystemViewText(const PlanNode& node) {
  const std::string& name = node.system_view->name.spelling;
  std::string text = SystemSchemaName().spelling + "." + name;
  return node.table_alias == name ? text : text + " AS " + node.table_alias;
}

std::string LockText(const LockPlan& locks) {
  std::string text = locks.mode == RowLockMode::kUpdate ? "FOR UPDATE" : "FOR SHARE";
  for (const LockedTable& locked : locks.tables) {
    text += (&locked == &locks.tables.front() ? " of " : ", ") + locked.name;
  }
  if (locks.wait == LockWait::kNoWait) text += ", NOWAIT";
  if (locks.wait == LockWait::kSkipLocked) text += ", SKIP LOCKED";
  return text;
}

}  // namespace tupelo
