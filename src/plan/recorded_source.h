// plan/recorded_source.h: what the text of a view names, while its definition is bound.
#pragma once

#include <vector>

#include "catalog/view.h"
#include "plan/expression.h"

namespace tupelo {

struct RecordedSource {
  ViewSource source;
  std::vector<ColumnId> ids;  // of its columns, at this place
};

}  // namespace tupelo
