// catalog/system_view.h: the views of schema TUPELO: what they are called and which columns they
// have.
#pragma once

#include <string>
#include <vector>

#include "catalog/name.h"
#include "types/type.h"

namespace tupelo {

// What the database tells of itself. The schema is in no catalog: it is found by name, in every
// database, and nothing can be made in it.
inline constexpr std::string_view kSystemSchema = "TUPELO";

// In the order of the table in system_view.cpp.
enum class SystemViewId : uint8_t {
  kSettings,
  kTables,
  kIndexes,
  kDatabase,
  kLog,
  kCache,
  kCheckpoints,
  kTransactions,
  kStatements,
  kVersions,
};

struct SystemView {
  struct Column {
    Name name;
    Type type;
    bool nullable = false;
  };
  SystemViewId id;
  Name name;
  std::vector<Column> columns;
};

// Whether the name of a schema means that one, which it does in any case of letters.
bool IsSystemSchema(const Name& schema);
// As it is shown.
const Name& SystemSchemaName();
// The view that the name means; nullptr: there is none. Lives as long as the process.
const SystemView* FindSystemView(const Name& name);
// Of all of them, for errors.
std::string NamesOfSystemViews();

}  // namespace tupelo
