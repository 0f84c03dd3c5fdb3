// catalog/view.h: what a view is: the text of a query, and what the names in it mean.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "catalog/definition.h"

namespace tupelo {

// A table or view that the text of a view names. A later look-up goes by this, not by the name: the
// columns are those that there were when the view was made, under the names they had then. So no
// object or column that comes or is renamed later changes what the text means.
struct ViewSource {
  struct Column {
    Name name;
    uint16_t number = 0;   // of a table: the stored column, which keeps its number; else the view's
    bool is_used = false;  // the view can't be without it
  };
  uint32_t position = 0;  // of the name, in the text
  ObjectId relation = 0;
  Name schema, name;
  std::vector<Column> columns;

  // A system view (catalog/system_view.h), which has no number but its name.
  bool is_of_system() const { return relation == 0; }
};

enum class CheckOption : uint8_t { kNone, kLocal, kCascaded };

struct ViewColumn {
  Name name;
  Type type;
};

struct ViewDefinition {
  ObjectId id = 0;
  uint64_t version = 0;  // changes with every change of the definition
  Name schema;
  Name name;
  std::string sql;  // the query, as it was written
  std::vector<ViewColumn> columns;
  CheckOption check = CheckOption::kNone;
  std::vector<ViewSource> sources;  // in the order of their positions

  // Whether it names the table or view, and whether it can't be without its column of that number.
  bool Names(ObjectId relation) const;
  bool Uses(ObjectId relation, uint16_t column) const;
};
using ViewPtr = std::shared_ptr<const ViewDefinition>;

}  // namespace tupelo
