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
// held for a few thousand rows or entries at a time. What is in a file need not fit into memory.
// One use.
class DatabaseCheck {
 public:
  // What is known of the file that the database is in.
  enum class File : uint8_t {
    kNone,     // nothing, or there is none
    kSound,    // what is as it is in the file need not be looked at for itself
    kDamaged,  // that was said; what can't be read is passed over
  };
  // `interruption` may be nullptr, and `owner` of the snapshot.
  DatabaseCheck(DatabaseState* state, const Interruption* interruption, File file,
                Findings* findings, const SnapshotOwner* owner = nullptr);
  ~DatabaseCheck();
  DatabaseCheck(const DatabaseCheck&) = delete;
  DatabaseCheck& operator=(const DatabaseCheck&) = delete;

  void Run();

 private:
  void CheckTable(const TablePtr& table);
  template <typename Part>
  void CheckPart(const TableDefinition& table, Part&& part);
  void CheckStorage(const TableDefinition& table);
  void CheckIndex(const TableDefinition& table, uint16_t number);
  // Repeats a step until it is false; `step` is called with how often it was called before.
  template <typename Step>
  void Repeat(Step&& step);
  void CheckRows(const TablePtr& table);
  void CheckInterrupt() const { execution_.CheckInterrupt(); }

  DatabaseState* state_;
  Findings* findings_;
  const File file_;
  ReadView view_;
  CatalogPtr catalog_;
  std::vector<TablePtr> tables_;
  ExecutionContext execution_;
};

}  // namespace tupelo
