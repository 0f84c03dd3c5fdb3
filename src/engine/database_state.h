// engine/database_state.h: what all connections of a database share.
#pragma once

#include "base/turn_lock.h"
#include "catalog/catalog.h"
#include "txn/transaction.h"

namespace tupelo {

struct DatabaseState {
  // The tables in the catalog go before what made them.
  TransactionManager transactions;
  Catalog catalog;
  // Held around every step that reads or writes tables, views or transactions; never while waiting
  // for anything else.
  TurnLock latch;
};

}  // namespace tupelo
