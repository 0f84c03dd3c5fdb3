// engine/hooks.h: what the host of a connection wants to hear of its transactions.
#pragma once

#include "engine/connection.h"
#include "exec/changed_rows.h"

namespace tupelo {

// Of one session; guarded by its turn. nullptr: none is set.
struct Hooks {
  Connection::CommitHook commit = nullptr;
  void* commit_argument = nullptr;
  Connection::RollbackHook rollback = nullptr;
  void* rollback_argument = nullptr;
  Connection::UpdateHook update = nullptr;
  void* update_argument = nullptr;
  ChangedRows changed;  // by the statement that runs, while there is an update hook

  ChangedRows* where_to_note() { return update == nullptr ? nullptr : &changed; }
};

}  // namespace tupelo
