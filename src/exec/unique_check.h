// exec/unique_check.h: keys that must be unique, and how a statement ends when one is not.
#pragma once

#include "catalog/definition.h"
#include "txn/table.h"

namespace tupelo {

// Looks at rows of the table whose key has met an equal one: kUniqueViolation, or a conflict with
// another transaction.
void CheckUniqueKeys(const TableDefinition& table, Transaction* transaction,
                     const UniqueChecks& checks);

}  // namespace tupelo
