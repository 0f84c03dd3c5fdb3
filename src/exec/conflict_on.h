// exec/conflict_on.h: how a statement that meets another transaction's changes of a table ends.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "txn/conflict.h"

namespace tupelo {

// 40001, or the statement waits for `blockers` and is run again (txn/conflict.h).
[[noreturn]] inline void ThrowConflictOn(const std::string& table,
                                         std::vector<TransactionId> blockers,
                                         Position position = kNoPosition) {
  bool is_active = !blockers.empty();
  ConflictError error(
      is_active ? "another transaction that is active has changed or locked what this one needs in "
                  "table " +
                      table +
                      "; roll back and run the transaction again, or connect with a "
                      "timeout to wait for it"
                : "another transaction has changed what this one needs in table " + table +
                      " since this one began; roll back and run the transaction again",
      std::move(blockers), position);
  error.OnTable(table);
  throw error;
}

}  // namespace tupelo
