// engine/database_check.h: whether what is in a database is what its definitions say.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/interruption.h"
#include "catalog/catalog.h"
#include "engine/finding.h"
#include "exec/execution_context.h"
#include "txn/view.h"

namespace tupelo {

struct DatabaseState;

// Looks at all tables as they are committed at one moment, beside running statements: the latch is
// held for a few thousand rows or entries at a time. One use.
class DatabaseCheck {
 public:
  // `is_alone`: nobody else uses the database, so the latch may be held longer.
  // `interruption` may be nullptr.
  DatabaseCheck(DatabaseState* state, const Interruption* interruption, bool is_alone,
                Findings* findings);
  ~DatabaseCheck();
  DatabaseCheck(const DatabaseCheck&) = delete;
  DatabaseCheck& operator=(const DatabaseCheck&) = delete;

  void Run();

 private:
  void CheckTable(const TablePtr& table);
  void CheckStorage(const TableDefinition& table);
  void CheckIndex(const TableDefinition& table, uint16_t number);
  void CheckRows(const TablePtr& table);
  void CheckInterrupt() const { execution_.CheckInterrupt(); }

  DatabaseState* state_;
  Findings* findings_;
  const bool is_alone_;
  ReadView view_;
  CatalogPtr catalog_;
  std::vector<TablePtr> tables_;
  ExecutionContext execution_;
};

}  // namespace tupelo
