// engine/settings.cpp: one row a setting: its name, how a value is taken, and how it is shown.
#include "engine/settings.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/worker_pool.h"
#include "catalog/name.h"
#include "engine/database_state.h"
#include "engine/memory_limit.h"
#include "functions/time_zone.h"
#include "storage/block_cache.h"

namespace tupelo {

namespace {

// What a setting is changed in, and read from.
struct Scope {
  Settings* session;
  DatabaseState* database;
};

struct SettingRow {
  std::string_view name;
  std::string_view description;
  bool is_of_database;
  // `text`: of the literal, quotes removed.
  void (*change)(std::string_view text, Position position, const Scope& scope);
  void (*reset)(const Scope& scope);
  std::string (*show)(const Settings& session, const DatabaseState& database);
  std::string (*show_default)(const Settings& session, const DatabaseState& database);
};

// Names of optimizer rules, separated by commas.
void SetDisabledRules(std::string_view text, Position position, const Scope& scope) {
  RuleSet disabled = 0;
  while (!text.empty()) {
    size_t comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    size_t first = name.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    name = name.substr(first, name.find_last_not_of(' ') - first + 1);
    RuleSet rule = RuleNamed(name);
    if (rule == 0) {
      throw Error(ErrorCode::kInvalidParameterValue,
                  "the optimizer has no rule of that name; it has " + NamesOfRules() + ": " +
                      std::string(name),
                  position);
    }
    disabled |= rule;
  }
  scope.session->disabled_rules = disabled;
}
void ResetDisabledRules(const Scope& scope) {
  scope.session->disabled_rules = Settings().disabled_rules;
}
std::string ShowDisabledRules(const Settings& session, const DatabaseState&) {
  return NamesOfRules(session.disabled_rules);
}

// A whole number from `least` to `most`.
uint64_t ReadNumber(std::string_view text, Position position, uint64_t least, uint64_t most,
                    std::string_view what) {
  uint64_t value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc() && end == text.data() + text.size() && value >= least &&
      value <= most) {
    return value;
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              fmt::format("{} from {} to {}: {}", what, least, most, text), position);
}

void SetStatementTimeout(std::string_view text, Position position, const Scope& scope) {
  scope.session->statement_timeout_ms = ReadNumber(
      text, position, 0, INT32_MAX, "statement_timeout is a number of milliseconds, 0 for none,");
}
void ResetStatementTimeout(const Scope& scope) {
  scope.session->statement_timeout_ms = Settings().statement_timeout_ms;
}
std::string ShowStatementTimeout(const Settings& session, const DatabaseState&) {
  return std::to_string(session.statement_timeout_ms);
}

void SetLockTimeout(std::string_view text, Position position, const Scope& scope) {
  scope.session->lock_timeout_ms =
      ReadNumber(text, position, 0, kMostLockTimeoutMs, "lock_timeout is a number of milliseconds");
}
void ResetLockTimeout(const Scope& scope) {
  scope.session->lock_timeout_ms = scope.session->connected_lock_timeout_ms;
}
std::string ShowLockTimeout(const Settings& session, const DatabaseState&) {
  return std::to_string(session.lock_timeout_ms);
}
std::string DefaultLockTimeout(const Settings& session, const DatabaseState&) {
  return std::to_string(session.connected_lock_timeout_ms);
}

// Of the database as a whole: its log knows one way.
void SetSynchronous(std::string_view text, Position position, const Scope& scope) {
  std::string word = FoldUpper(text);
  for (Durability durability : {Durability::kFull, Durability::kNormal, Durability::kOff}) {
    if (word != FoldUpper(DurabilityName(durability))) continue;
    scope.database->SetSynchronous(durability);
    return;
  }
  throw Error(ErrorCode::kInvalidParameterValue,
              "synchronous is full, normal or off: " + std::string(text), position);
}
void ResetSynchronous(const Scope& scope) {
  scope.database->SetSynchronous(scope.database->opened_synchronous);
}
std::string ShowSynchronous(const Settings&, const DatabaseState& database) {
  return std::string(DurabilityName(database.synchronous));
}

void SetThreads(std::string_view text, Position position, const Scope& scope) {
  scope.session->threads =
      static_cast<uint32_t>(ReadNumber(text, position, 1, kMostThreads, "threads is a number"));
}
void ResetThreads(const Scope& scope) { scope.session->threads = DefaultThreads(); }
std::string ShowThreads(const Settings& session, const DatabaseState&) {
  return std::to_string(session.threads);
}

// The name that PostgreSQL has for SET TIME ZONE.
void SetTimeZoneByName(std::string_view text, Position position, const Scope& scope) {
  try {
    scope.session->time_zone = ZoneOfText(text);
    scope.session->time_zone_name = text;
  } catch (Error& error) {
    error.AtPosition(position);
    throw;
  }
}
void ResetTimeZone(const Scope& scope) {
  scope.session->time_zone = Settings().time_zone;
  scope.session->time_zone_name = Settings().time_zone_name;
}
std::string ShowTimeZone(const Settings& session, const DatabaseState&) {
  return session.time_zone_name;
}

void SetVectorSize(std::string_view text, Position position, const Scope& scope) {
  scope.session->vector_size = static_cast<uint32_t>(
      ReadNumber(text, position, 1, kVectorSize, "vector_size is a number of rows"));
}
void ResetVectorSize(const Scope& scope) { scope.session->vector_size = kVectorSize; }
std::string ShowVectorSize(const Settings& session, const DatabaseState&) {
  return std::to_string(session.vector_size);
}

std::string DefaultSynchronous(const Settings&, const DatabaseState& database) {
  return std::string(DurabilityName(database.opened_synchronous));
}

// What sessions begin with.
template <auto Show>
std::string DefaultOf(const Settings&, const DatabaseState& database) {
  return Show(Settings(), database);
}

void SetMemoryLimit(std::string_view text, Position position, const Scope& scope) {
  scope.database->transactions.cache().SetLimit(MemoryLimitOf(text, position));
}
void ResetMemoryLimit(const Scope& scope) {
  scope.database->transactions.cache().SetLimit(BlockCache::DefaultLimit());
}
std::string ShowMemoryLimit(const Settings&, const DatabaseState& database) {
  return std::to_string(database.transactions.cache().limit());
}
std::string DefaultMemoryLimit(const Settings&, const DatabaseState&) {
  return std::to_string(BlockCache::DefaultLimit());
}

void SetVersionLimit(std::string_view text, Position position, const Scope& scope) {
  scope.database->transactions.SetVersionLimit(VersionLimitOf(text, position));
}
void ResetVersionLimit(const Scope& scope) { scope.database->transactions.SetVersionLimit(0); }
std::string ShowVersionLimit(const Settings&, const DatabaseState& database) {
  return std::to_string(database.transactions.version_limit());
}
std::string DefaultVersionLimit(const Settings&, const DatabaseState&) { return "0"; }

// By name.
constexpr SettingRow kSettings[] = {
    {"lock_timeout",
     "milliseconds that a statement waits for transactions that hold what it needs; 0: none", false,
     SetLockTimeout, ResetLockTimeout, ShowLockTimeout, DefaultLockTimeout},
    {"memory_limit",
     "bytes in memory beyond which clean blocks leave and statements use temporary files", true,
     SetMemoryLimit, ResetMemoryLimit, ShowMemoryLimit, DefaultMemoryLimit},
    {"optimizer_disabled_rules", "rules that the optimizer does without", false, SetDisabledRules,
     ResetDisabledRules, ShowDisabledRules, DefaultOf<ShowDisabledRules>},
    {"statement_timeout", "milliseconds after which a statement is ended; 0: never", false,
     SetStatementTimeout, ResetStatementTimeout, ShowStatementTimeout,
     DefaultOf<ShowStatementTimeout>},
    {"synchronous", "what a commit waits for in a file: full, normal or off", true, SetSynchronous,
     ResetSynchronous, ShowSynchronous, DefaultSynchronous},
    {"threads", "threads that may run a statement", false, SetThreads, ResetThreads, ShowThreads,
     DefaultOf<ShowThreads>},
    {"timezone", "time zone of the session", false, SetTimeZoneByName, ResetTimeZone, ShowTimeZone,
     DefaultOf<ShowTimeZone>},
    {"vector_size", "rows that operators give at a time, at most", false, SetVectorSize,
     ResetVectorSize, ShowVectorSize, DefaultOf<ShowVectorSize>},
    {"version_limit",
     "bytes of old versions of rows beyond which the oldest readers lose their snapshots; 0: none",
     true, SetVersionLimit, ResetVersionLimit, ShowVersionLimit, DefaultVersionLimit},
};

const SettingRow& FindSetting(const ast::Identifier& name) {
  std::string key = FoldUpper(name.text);
  std::string names;
  for (const SettingRow& row : kSettings) {
    if (FoldUpper(row.name) == key) return row;
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error(ErrorCode::kUndefinedObject,
              "there is no such setting; there are " + names + ": " + std::string(name.text),
              name.position);
}

ShownSetting Show(const SettingRow& row, const Settings& session, const DatabaseState& database) {
  ShownSetting shown;
  shown.name = row.name;
  shown.value = row.show(session, database);
  shown.default_value = row.show_default(session, database);
  shown.scope = row.is_of_database ? "database" : "session";
  shown.description = row.description;
  return shown;
}

}  // namespace

uint32_t DefaultThreads() {
  static const uint32_t threads = std::min(ProcessorCount(), kMostThreads);
  return threads;
}

void ChangeSetting(const ast::SetStatement& statement, Settings* settings,
                   DatabaseState* database) {
  Scope scope{settings, database};
  if (statement.name.empty()) {
    for (const SettingRow& row : kSettings) {
      if (!row.is_of_database) row.reset(scope);
    }
    return;
  }
  const SettingRow& row = FindSetting(statement.name);
  if (statement.to_default) {
    row.reset(scope);
  } else {
    row.change(statement.value, statement.value_position, scope);
  }
}

ShownSetting ShowSetting(const ast::Identifier& name, const Settings& settings,
                         const DatabaseState& database) {
  return Show(FindSetting(name), settings, database);
}

std::vector<ShownSetting> ShowSettings(const Settings& settings, const DatabaseState& database) {
  std::vector<ShownSetting> shown;
  for (const SettingRow& row : kSettings) shown.push_back(Show(row, settings, database));
  return shown;
}

}  // namespace tupelo
