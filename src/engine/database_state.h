// engine/database_state.h: what all connections of a database share.
#pragma once

#include <atomic>

#include "base/shared_latch.h"
#include "base/worker_pool.h"
#include "catalog/catalog.h"
#include "engine/database.h"
#include "txn/transaction.h"

namespace tupelo {

// Steps of the epochs that stand for what plans depend on, besides the serial of the catalog: far
// above any of those.
inline constexpr uint64_t kPlanEpoch = uint64_t{1} << 40;

class ReadingDatabase;
class StoredDatabase;

struct DatabaseState {
  DatabaseState();
  ~DatabaseState();
  // The tables in the catalog go before what made them.
  TransactionManager transactions;
  Catalog catalog;
  // Held around every step that reads or writes tables, views or transactions; never while waiting
  // for anything else. Steps of queries read with it; all else has it exclusively.
  SharedLatch latch;
  // Of one in a file, one of the two: it is open for writing, or is only read. [latch]
  std::unique_ptr<StoredDatabase> stored;
  std::unique_ptr<ReadingDatabase> reading;
  bool is_in_file() const { return stored != nullptr || reading != nullptr; }
  std::atomic<uint64_t> last_connection{0};  // the number of the session that was opened last
  WorkerPool workers;
  CommitNumber definitions_commit = 0;  // the last that changed the catalog [latch]
  uint64_t statistics_epoch = 0;        // under the latch; goes up with every ANALYZE
  // Under the latch: those that gave numbers which no commit has logged yet.
  std::vector<std::shared_ptr<IdentitySequence>> unlogged_sequences;
  // Under the latch. In memory it is a setting without consequences: nothing is written.
  Durability synchronous = Durability::kFull;
  Durability opened_synchronous = Durability::kFull;  // what RESET goes back to
  // [latch]
  void SetSynchronous(Durability durability);
};

}  // namespace tupelo
