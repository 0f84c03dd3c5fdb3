// exec/system_view.h: who makes the rows of system views, which are of the layers above.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "catalog/system_view.h"
#include "types/value.h"

namespace tupelo {

struct ExecutionContext;

// A value for each column of the view, of the column's type or null.
using SystemViewRows = std::vector<std::vector<Value>>;

class SystemViewSource {
 public:
  virtual ~SystemViewSource() = default;
  // Appends the rows that the view has now, as the statement of `context` sees them. [latch]
  virtual void Append(SystemViewId view, const ExecutionContext& context, SystemViewRows* rows) = 0;
};

// The rows of a view in one run of a statement: all its scans are of one moment.
struct MadeSystemView {
  SystemViewId view;
  uint64_t run = 0;
  std::shared_ptr<const SystemViewRows> rows;
};

}  // namespace tupelo
