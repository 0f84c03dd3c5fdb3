// engine/stored_parts.h: what it takes to read and write one table in a database file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "txn/stored_index.h"
#include "txn/stored_table.h"

namespace tupelo {

struct StoredParts {
  std::unique_ptr<StoredTable> rows;
  std::map<uint64_t, std::unique_ptr<StoredIndex>> indexes;  // by their numbers
  std::weak_ptr<Table> table;                                // expired: nobody reads it any more
};

}  // namespace tupelo
