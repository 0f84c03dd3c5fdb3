// txn/redo_kind.h: the changes that redo tells of.
#pragma once

#include <cstdint>

namespace tupelo {

enum class RedoKind : uint8_t {
  kInsert = 1,
  kUpdate = 2,
  kDelete = 3,
  kCreateTable = 4,
  kAddColumn = 5,
  kDropColumn = 6,
  kCreateIndex = 7,
  kDropIndex = 8,
  kDefinitions = 9,
};

// Flags of a column of an index.
inline constexpr uint8_t kRedoDescending = 1, kRedoNullsFirst = 2, kRedoNotNull = 4;

}  // namespace tupelo
