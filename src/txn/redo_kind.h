// txn/redo_kind.h: the changes that redo tells of.
#pragma once

#include <cstdint>

namespace tupelo {

enum class RedoKind : uint8_t { kInsert = 1, kUpdate = 2, kDelete = 3 };

}  // namespace tupelo
