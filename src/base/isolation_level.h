// base/isolation_level.h: what transactions see of each other.
#pragma once

#include <cstdint>

namespace tupelo {

// SQL:1999 part 2, 4.32; READ UNCOMMITTED is READ COMMITTED.
enum class IsolationLevel : uint8_t {
  kReadCommitted,   // a snapshot for each statement
  kRepeatableRead,  // one snapshot
  kSerializable,    // one snapshot, and what was read is still so at the commit
};

}  // namespace tupelo
