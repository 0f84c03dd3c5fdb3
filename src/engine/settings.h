// engine/settings.h: what SET changes, for a session or for its database, and SHOW shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/optimizer.h"
#include "sql/ast_statement.h"
#include "types/time_zone.h"
#include "types/vector.h"

namespace tupelo {

struct DatabaseState;

inline constexpr uint32_t kMostThreads = 256;
inline constexpr uint64_t kMostLockTimeoutMs = uint64_t{366} * 24 * 3600 * 1000;
// One for each processor.
uint32_t DefaultThreads();

struct Settings {
  RuleSet disabled_rules = 0;         // of the optimizer
  uint64_t statement_timeout_ms = 0;  // 0: none
  // How long a statement waits for other transactions, and what RESET goes back to.
  uint64_t lock_timeout_ms = 0, connected_lock_timeout_ms = 0;
  uint32_t threads = DefaultThreads();
  uint32_t vector_size = kVectorSize;  // rows that operators give at a time, at most
  TimeZone time_zone;                  // of local time
  std::string time_zone_name = "UTC";  // a text that names it
};

// The functions below are called with the database's latch. A name that is not in the table of
// settings is kUndefinedObject.

// SET name = value, RESET. kInvalidParameterValue for a value that the setting can't have.
void ChangeSetting(const ast::SetStatement& statement, Settings* settings, DatabaseState* database);

struct ShownSetting {
  std::string_view name;
  std::string value;
  std::string default_value;  // that RESET gives
  std::string_view scope;     // "session" or "database"
  std::string_view description;
};
ShownSetting ShowSetting(const ast::Identifier& name, const Settings& settings,
                         const DatabaseState& database);
// All of them, by name.
std::vector<ShownSetting> ShowSettings(const Settings& settings, const DatabaseState& database);

}  // namespace tupelo
