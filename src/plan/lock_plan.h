// plan/lock_plan.h: which rows of a query are locked: FOR UPDATE and FOR SHARE.
#pragma once

#include <string>
#include <vector>

#include "catalog/definition.h"
#include "plan/expression.h"
#include "sql/ast_query.h"
#include "txn/row_locks.h"

namespace tupelo {

using ast::LockWait;

struct LockedTable {
  TablePtr table;
  ColumnId row_id = kNoColumn;  // of the node's input; null: the row has none of the table's
  std::string name;             // in FROM
};

struct LockPlan {
  std::vector<LockedTable> tables;
  RowLockMode mode = RowLockMode::kUpdate;
  LockWait wait = LockWait::kWait;
  bool locks_singly = false;  // the next row is locked when it is asked for: below LIMIT
};

}  // namespace tupelo
