// engine/settings.cpp: one row a setting: its name, and how a value is taken.
#include "engine/settings.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "base/worker_pool.h"
#include "catalog/name.h"
#include "engine/memory_limit.h"
#include "functions/time_zone.h"
#include "storage/block_cache.h"

namespace tupelo {

namespace {

struct SettingRow {
  std::string_view name;
  // `text`: of the literal, quotes removed; empty: DEFAULT.
  void (*change)(std::string_view text, Position position, Settings* settings);
};

// Names of optimizer rules, separated by commas.
void SetDisabledRules(std::string_view text, Position position, Settings* settings) {
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
  settings->disabled_rules = disabled;
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

void SetStatementTimeout(std::string_view text, Position position, Settings* settings) {
  uint64_t ms = 0;
  if (!text.empty()) {
    ms = ReadNumber(text, position, 0, INT32_MAX,
                    "statement_timeout is a number of milliseconds, 0 for none,");
  }
  settings->statement_timeout_ms = ms;
}

void SetThreads(std::string_view text, Position position, Settings* settings) {
  uint64_t threads = DefaultThreads();
  if (!text.empty()) {
    threads = ReadNumber(text, position, 1, kMostThreads, "threads is a number");
  }
  settings->threads = static_cast<uint32_t>(threads);
}

// The name that PostgreSQL has for SET TIME ZONE.
void SetTimeZoneByName(std::string_view text, Position position, Settings* settings) {
  try {
    settings->time_zone = text.empty() ? TimeZone() : ZoneOfText(text);
  } catch (Error& error) {
    error.AtPosition(position);
    throw;
  }
}

void SetVectorSize(std::string_view text, Position position, Settings* settings) {
  uint64_t size = kVectorSize;
  if (!text.empty()) {
    size = ReadNumber(text, position, 1, kVectorSize, "vector_size is a number of rows");
  }
  settings->vector_size = static_cast<uint32_t>(size);
}

void SetMemoryLimit(std::string_view text, Position position, Settings* settings) {
  settings->memory_limit =
      text.empty() ? BlockCache::DefaultLimit() : MemoryLimitOf(text, position);
}

constexpr SettingRow kSettings[] = {
    {"MEMORY_LIMIT", SetMemoryLimit},
    {"OPTIMIZER_DISABLED_RULES", SetDisabledRules},
    {"STATEMENT_TIMEOUT", SetStatementTimeout},
    {"THREADS", SetThreads},
    {"TIMEZONE", SetTimeZoneByName},
    {"VECTOR_SIZE", SetVectorSize},
};

}  // namespace

uint32_t DefaultThreads() {
  static const uint32_t threads = std::min(ProcessorCount(), kMostThreads);
  return threads;
}

void ChangeSetting(const ast::SetStatement& statement, Settings* settings) {
  std::string name = FoldUpper(statement.name.text);
  std::string names;
  for (const SettingRow& row : kSettings) {
    if (row.name == name) {
      row.change(statement.value, statement.value_position, settings);
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error(
      ErrorCode::kUndefinedObject,
      "there is no such setting; there are " + names + ": " + std::string(statement.name.text),
      statement.name.position);
}

}  // namespace tupelo
