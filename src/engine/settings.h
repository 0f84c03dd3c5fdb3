// engine/settings.h: what SET changes for a session, and its table.
#pragma once

#include "plan/optimizer.h"
#include "sql/ast_statement.h"
#include "types/time_zone.h"
#include "types/vector.h"

namespace tupelo {

inline constexpr uint32_t kMostThreads = 256;
// One for each processor.
uint32_t DefaultThreads();

struct Settings {
  RuleSet disabled_rules = 0;         // of the optimizer
  uint64_t statement_timeout_ms = 0;  // 0: none
  uint32_t threads = DefaultThreads();
  uint32_t vector_size = kVectorSize;  // rows that operators give at a time, at most
  TimeZone time_zone;                  // of local time
  uint64_t memory_limit = 0;           // of the database, from now on; 0: it stays as it is
};

// SET name = value. Throws kUndefinedObject for a name that is not in the
// table, kInvalidParameterValue for a value that it can't have.
void ChangeSetting(const ast::SetStatement& statement, Settings* settings);

}  // namespace tupelo
